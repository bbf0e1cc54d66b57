import type { WorkloadConfig } from '../model/config';
import type { FolderDocument } from './document-folder';
import { generateDocument, type DocumentKind } from './documents';
import { NONCE_WORDS } from './lexicon';
import { FOLLOW_UPS, STARTERS } from './questions';
import { between, hash32, pick, seededRandom } from './random';

/** Everything that one conversation says, fixed before the run: the same on every target. */
export interface ConversationScript {
  /** Stable: the same seed and shape give the same id, hence the same texts and lengths. */
  id: string;
  index: number;
  document: DocumentKind;
  /** The system prompt that all conversations share, without its nonce; null: none. */
  system: string | null;
  /** Turn 1 without its nonce: instruction and document. */
  first: string;
  /** Turns 2..T. */
  follow_ups: string[];
  /** Length of each answer; absent: that of the workload. */
  max_tokens?: number;
  /** Turns of its conversation that stand before it as scripts of their own (a trace has one script per request). Default: 0. */
  earlier_turns?: number;
  /** Which nonce its first prompt begins with: one of its own, or that of the run, so that prefixes are shared within it. */
  nonce?: 'conversation' | 'run';
  /** Pause before each of the turns 1..T, in seconds. In an open loop the first is not used: the arrival decides. */
  think_seconds: number[];
}

/** What there is to say, by the number of the script. */
export interface ScriptSource {
  get(index: number): ConversationScript;
  /** When each script is to be played, in seconds from the start; null: the workload decides. */
  readonly arrivals: readonly number[] | null;
}

/** Raise it when generated texts change: results of before and after must not be paired. */
const GENERATION = 1;
const NONCE_LENGTH = 6;
/** Steps of the golden ratio fill a range evenly however many there are, so that a longer run begins with the shorter one. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The script of conversation `index`. Pure: depends on the arguments alone. How many turns are played does not change the
 * text of those that two runs have in common, and so is not part of the id.
 */
export function buildConversation(
  config: WorkloadConfig,
  index: number,
  documents?: readonly FolderDocument[],
): ConversationScript {
  const random = seededRandom(`conversation:${config.seed}:${index}`);
  const { kind, text, key } = documentOf(config, index, documents);
  const shape = [GENERATION, config.seed, index, kind, key, config.shared_prefix_tokens, config.max_tokens];
  const starter = pick(random, STARTERS[kind]);
  const follow_ups = Array.from({ length: config.turns - 1 }, () => pick(random, FOLLOW_UPS));
  const pause = seededRandom(`think:${config.seed}:${index}`);
  return {
    id: `c${String(index).padStart(3, '0')}-${hash32(JSON.stringify(shape)).toString(16).padStart(8, '0')}`,
    index,
    document: kind,
    system: sharedPrefix(config),
    first: `${starter}\n\n\`\`\`\n${text.trimEnd()}\n\`\`\``,
    follow_ups,
    think_seconds: Array.from({ length: config.turns }, () =>
      between(pause, config.think_time.min_seconds, config.think_time.max_seconds),
    ),
  };
}

/** All scripts that a workload plays: the pool, then those of the warm-up, which no measured conversation repeats. */
export function buildScripts(
  config: WorkloadConfig,
  documents?: readonly FolderDocument[],
): ConversationScript[] {
  return Array.from({ length: config.conversations + config.warmup }, (_, index) =>
    buildConversation(config, index, documents),
  );
}

/** Which script the `sequence`-th conversation of a target plays, how often that was played before, and whether it counts. */
export function assignment(
  config: WorkloadConfig,
  sequence: number,
): { script: number; round: number; warmup: boolean } {
  if (sequence < config.warmup) return { script: config.conversations + sequence, round: 0, warmup: true };
  const measured = sequence - config.warmup;
  return {
    script: measured % config.conversations,
    round: Math.floor(measured / config.conversations),
    warmup: false,
  };
}

/**
 * Six words that make a first prompt new to every cache: the same on every target, different for each run, conversation and
 * round. Words of one token each rather than hexadecimal digits, so that prompts of two runs are equally long in tokens.
 */
export function nonceFor(run: string, conversation: string, round: number): string {
  return nonceWords(`nonce:${run}:${conversation}:${round}`);
}

/** The nonce before a shared prefix: one for the whole run, so that the prefix is shared within it only. */
export function sharedNonceFor(run: string): string {
  return nonceWords(`nonce:${run}`);
}

function nonceWords(seed: string): string {
  const random = seededRandom(seed);
  return Array.from({ length: NONCE_LENGTH }, () => pick(random, NONCE_WORDS)).join(' ');
}

/** The messages that stand before the first answer, each with its nonce at the very beginning. */
export function openingMessages(
  script: ConversationScript,
  { run, nonce }: { run: string; nonce: string },
  round: number,
): { role: 'system' | 'user'; content: string }[] {
  // A trace is played once, so that the attempt's nonce, not the run's, keeps it from meeting itself in the caches.
  const first = script.nonce === 'run' ? sharedNonceFor(nonce) : nonceFor(nonce, script.id, round);
  const user = { role: 'user' as const, content: `${first}\n\n${script.first}` };
  if (script.system === null) return [user];
  return [{ role: 'system', content: `${sharedNonceFor(run)}\n\n${script.system}` }, user];
}

function documentOf(
  config: WorkloadConfig,
  index: number,
  documents: readonly FolderDocument[] | undefined,
): { kind: DocumentKind; text: string; key: string | number } {
  const own = documents?.[index % documents.length];
  if (own !== undefined) return { kind: own.kind, text: own.text, key: `${own.name}:${hash32(own.text)}` };
  const kind = config.documents !== 'mixed' ? config.documents : index % 2 === 0 ? 'code' : 'text';
  const { min, max } = config.document_tokens;
  const offset = hash32(`length:${config.seed}`) / 4294967296;
  const tokens = Math.round(min + (max - min) * ((offset + index * GOLDEN) % 1));
  return { kind, text: generateDocument(`${config.seed}:${index}`, kind, tokens), key: tokens };
}

function sharedPrefix({ seed, shared_prefix_tokens }: WorkloadConfig): string | null {
  if (shared_prefix_tokens === 0) return null;
  return generateDocument(`${seed}:shared`, 'text', shared_prefix_tokens).trimEnd();
}
