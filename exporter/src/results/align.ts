/**
 * Which requests of two results are the same, and what the workload consisted of. Two files of one load level are whole
 * results: what one of them lacks was not answered, it did not fall out of a window.
 */
import type { TimedRecord } from '../model/record';
import type { ResultPart } from '../model/result';
import { mean } from '../stats/quantile';

/** Share of the smaller side's prompts that the other must have for prompts in order to be taken for the same workload. */
const SAME_PROMPTS = 0.9;
/** Above this, prompts that only one side has were lost by the other, rather than being of another workload. */
const SAME_WORKLOAD = 0.98;

export interface Workload {
  requests: number;
  mean_prompt_tokens: number | null;
}

export interface Aligned {
  baseline: TimedRecord[];
  candidate: TimedRecord[];
  /** Null where the files record failures themselves, or where it cannot be known. */
  workload: Workload | null;
}

/** How the requests of one load level are told from those of others when they are put together. */
export interface Apart {
  /** In front of the ids of conversations. */
  prefix: string;
  /** Number of the level, where conversations are the same at all of them; their rounds are not. */
  level: number | null;
}

/** More rounds than a level can have. */
const ROUNDS = 1e6;

/** Records of both sides with conversation ids that are equal where the requests are. */
export function align(baseline: ResultPart, candidate: ResultPart, { prefix, level }: Apart): Aligned {
  const sides = [records(baseline), records(candidate)] as const;
  const ids = identities(baseline, candidate, sides);
  const firsts = [baseline.first_turns, candidate.first_turns];
  const [left, right] = sides.map((side, index) =>
    side.map((record, at) => ({
      ...record,
      turn: turnOf(record, firsts[index], firsts[1 - index]),
      conversation: `${prefix}${ids[index]?.[at] ?? ''}`,
      ...(level === null ? {} : { stage: level, round: record.round + level * ROUNDS }),
    })),
  );
  const aligned = { baseline: left ?? [], candidate: right ?? [] };
  // Only a format that drops failed requests needs the other side to show what is missing.
  const silent = baseline.format === 'lmbench' && candidate.format === 'lmbench';
  return { ...aligned, workload: silent ? workloadOf(aligned.baseline, aligned.candidate) : null };
}

/** A side that lacks the first turn of a conversation would number the others from the next: the side that has it decides. */
function turnOf(
  { turn, conversation }: TimedRecord,
  own: ResultPart['first_turns'],
  others: ResultPart['first_turns'],
): number {
  const [mine, theirs] = [own?.get(conversation), others?.get(conversation)];
  return turn <= 0 || mine === undefined || theirs === undefined || mine <= theirs
    ? turn
    : turn + mine - theirs;
}

/** In the order in which they were sent, so that the n-th prompt of a length is the same on both sides. */
const records = (part: ResultPart) =>
  [...(part.records ?? [])].sort(
    (left, right) => left.sent_at - right.sent_at || Number(left.request_id) - Number(right.request_id),
  );

type Sides = readonly [readonly TimedRecord[], readonly TimedRecord[]];

function identities(baseline: ResultPart, candidate: ResultPart, sides: Sides): [string[], string[]] {
  const own = (side: readonly TimedRecord[], name: string) =>
    side.map(({ conversation }, at) => (conversation === '' ? `${name} ${at}` : conversation));
  if (baseline.identity === 'conversation' && candidate.identity === 'conversation')
    return [own(sides[0], 'baseline'), own(sides[1], 'candidate')];
  if (baseline.identity === 'prompts' && candidate.identity === 'prompts') {
    const [left, right] = [promptIds(sides[0]), promptIds(sides[1])];
    if (left !== null && right !== null && overlap(left, right) >= SAME_PROMPTS) return [left, right];
  }
  const apart = (side: readonly TimedRecord[], name: string) => own(side, name).map((id) => `${name}: ${id}`);
  return [apart(sides[0], 'baseline'), apart(sides[1], 'candidate')];
}

/** `prompt of 689 tokens, 2`; null where a length is not known. */
function promptIds(side: readonly TimedRecord[]): string[] | null {
  const seen = new Map<number, number>();
  const ids = side.flatMap(({ prompt_tokens: tokens }) => {
    if (tokens === null) return [];
    const nth = (seen.get(tokens) ?? 0) + 1;
    seen.set(tokens, nth);
    return [`prompt of ${tokens} tokens, ${nth}`];
  });
  return ids.length === side.length ? ids : null;
}

/** Share of the smaller list that the other one has too. */
function overlap(left: readonly string[], right: readonly string[]): number {
  const known = new Set(left);
  const common = right.filter((id) => known.has(id)).length;
  const smaller = Math.min(left.length, right.length);
  return smaller === 0 ? 0 : common / smaller;
}

const requestKey = ({ conversation, turn, round }: TimedRecord) => `${conversation}\n${turn}\n${round}`;

/**
 * All requests that either side has, if they are of one workload; else, of the larger side's size. Both sides were sent the
 * same requests, so the smaller number is a loss.
 */
function workloadOf(left: readonly TimedRecord[], right: readonly TimedRecord[]): Workload {
  const all = new Map<string, number | null>();
  for (const record of [...left, ...right]) {
    const key = requestKey(record);
    if ((all.get(key) ?? null) === null) all.set(key, record.prompt_tokens);
  }
  const smaller = Math.min(left.length, right.length);
  const common = left.length + right.length - all.size;
  if (smaller > 0 && common / smaller >= SAME_WORKLOAD)
    return { requests: all.size, mean_prompt_tokens: meanTokens([...all.values()]) };
  const larger = left.length >= right.length ? left : right;
  return {
    requests: larger.length,
    mean_prompt_tokens: meanTokens(larger.map((record) => record.prompt_tokens)),
  };
}

const meanTokens = (tokens: readonly (number | null)[]) => mean(tokens.flatMap((one) => one ?? []));
