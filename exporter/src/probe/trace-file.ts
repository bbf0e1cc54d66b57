import { readText } from './conversations-file';
import { NONCE_WORDS } from './lexicon';
import { pick, seededRandom } from './random';
import { SourceError } from './source-error';
import type { ConversationScript, ScriptSource } from './workload';

/** One request of a trace. */
export interface TraceRequest {
  /** Seconds since the first. */
  at_seconds: number;
  input_tokens: number;
  output_tokens: number;
  /** One for each block of 512 prompt tokens; an id stands for the block and all before it. */
  blocks: number[];
  /** Number of the conversation that it seems to belong to, and its turn in that, from 1. */
  conversation: number;
  turn: number;
}

/** Mooncake's. */
const BLOCK_TOKENS = 512;
const MAX_REQUESTS = 1_000_000;

/**
 * Reads a trace of Mooncake (`{"timestamp": ms, "input_length", "output_length", "hash_ids": […]}` on each line), in order of
 * time. Requests whose prompt continues an earlier one are turns of one conversation.
 *
 * @throws SourceError that names the line and what is wrong with it.
 */
export function readTrace(path: string): TraceRequest[] {
  const requests = readText(path)
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, index + 1, path)]))
    .sort((left, right) => left.at_seconds - right.at_seconds);
  const [first] = requests;
  if (first === undefined) throw new SourceError(`${path}: holds no request; write one JSON object per line`);
  if (requests.length > MAX_REQUESTS)
    throw new SourceError(
      `${path}: ${requests.length} requests are more than ${MAX_REQUESTS}; use a part of it`,
    );
  const start = first.at_seconds;
  return joinConversations(requests.map((one) => ({ ...one, at_seconds: one.at_seconds - start })));
}

type Line = Omit<TraceRequest, 'conversation' | 'turn'>;

function readLine(line: string, number: number, path: string): Line {
  const refuse = (why: string): never => {
    throw new SourceError(`${path}: line ${number}: ${why}`);
  };
  let value: Record<string, unknown> | null = null;
  try {
    value = JSON.parse(line) as Record<string, unknown> | null;
  } catch {
    refuse('is not JSON');
  }
  const { timestamp, input_length, output_length, hash_ids } = value ?? {};
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && Number(count) >= 0;
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp) || timestamp < 0)
    return refuse('timestamp is not a number of milliseconds');
  if (!isCount(input_length) || input_length > 10_000_000)
    return refuse('input_length is not a number of tokens');
  if (!isCount(output_length) || output_length > 1_000_000)
    return refuse('output_length is not a number of tokens');
  if (!Array.isArray(hash_ids) || !hash_ids.every(isCount))
    return refuse('hash_ids is not a list of numbers');
  return {
    at_seconds: timestamp / 1000,
    input_tokens: Math.max(1, input_length),
    output_tokens: Math.max(1, output_length),
    blocks: hash_ids,
  };
}

/**
 * A request goes on where an earlier one ended if it holds the last full block of that one, a block that was new then (what
 * many begin with, a system prompt, is nobody's), and no other has gone on there yet.
 */
function joinConversations(requests: readonly Line[]): TraceRequest[] {
  const seen = new Set<number>();
  const ends = new Map<number, { conversation: number; turn: number }>();
  return requests.map((request, index) => {
    const full = request.blocks.slice(0, Math.floor(request.input_tokens / BLOCK_TOKENS));
    const from = full.findLast((block) => ends.has(block));
    const before = from === undefined ? undefined : ends.get(from);
    if (from !== undefined) ends.delete(from);
    const own = { conversation: before?.conversation ?? index, turn: (before?.turn ?? 0) + 1 };
    const last = full.at(-1);
    if (last !== undefined && !seen.has(last)) ends.set(last, own);
    for (const block of full) seen.add(block);
    return { ...request, ...own };
  });
}

/** Both targets ask for the same script at about the same time. */
const KEPT_SCRIPTS = 64;

/** The requests of a trace as scripts of one turn each. Same block id, same words: prefixes are shared as in the trace. */
export class TraceScripts implements ScriptSource {
  readonly arrivals: readonly number[];
  private readonly kept = new Map<number, ConversationScript>();

  constructor(
    private readonly requests: readonly TraceRequest[],
    speed: number,
  ) {
    this.arrivals = requests.map(({ at_seconds }) => at_seconds / speed);
  }

  get(index: number): ConversationScript {
    const known = this.kept.get(index);
    if (known !== undefined) return known;
    const request = this.requests[index];
    if (request === undefined) throw new Error(`the trace has no request ${index}`);
    const script = scriptOf(request, index);
    this.kept.set(index, script);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_SCRIPTS && oldest !== undefined) this.kept.delete(oldest);
    return script;
  }
}

function scriptOf({ conversation, turn, ...request }: TraceRequest, index: number): ConversationScript {
  return {
    id: `t${String(conversation).padStart(5, '0')}`,
    index,
    document: 'text',
    system: null,
    first: promptOf(request),
    follow_ups: [],
    think_seconds: [0],
    max_tokens: request.output_tokens,
    earlier_turns: turn - 1,
    nonce: 'run',
  };
}

/** So many words of one token each; what the ids do not cover is new text. */
export function promptOf({ blocks, input_tokens }: Pick<TraceRequest, 'blocks' | 'input_tokens'>): string {
  const parts: string[] = [];
  for (let block = 0; block * BLOCK_TOKENS < input_tokens; block += 1) {
    const random = seededRandom(`trace:${blocks[block] ?? `${blocks.join(',')}:${block}`}`);
    const length = Math.min(BLOCK_TOKENS, input_tokens - block * BLOCK_TOKENS);
    for (let word = 0; word < length; word += 1) parts.push(pick(random, NONCE_WORDS));
  }
  return parts.join(' ');
}
