/** The measured hit rate of a target beside what its probes' schedule could reach. */
import type { HitRate } from '../model/comparison';
import type { TimedRecord } from '../model/record';
import {
  answersReused,
  expectedHitRate,
  sharedPrefixTokens,
  type CacheModel,
  type HitRateBounds,
  type ObservedTurn,
} from '../stats/expected-hit-rate';
import type { Steps } from '../stats/bootstrap';
import type { TargetInput } from './input';
import { answered, byKey } from './pairing';

/** Where the engine does not tell its block size: vLLM's on GPUs. */
const DEFAULT_BLOCK_SIZE = 16;

interface TokenSums {
  prompt: number | null;
  cached: number | null;
  completion: number | null;
}

type Observed = ReadonlyMap<TimedRecord, ObservedTurn>;

/**
 * Cached tokens of each record: what the server told, or 0 where it left the field out though it sends it at other times
 * (vLLM 0.12 to 0.20 leave it out when nothing was cached). Null where it never told in the window.
 */
function observedTurns(records: readonly TimedRecord[]): Observed {
  const told = answered(records).filter(
    (record): record is TimedRecord & { prompt_tokens: number } => (record.prompt_tokens ?? 0) > 0,
  );
  const tells = told.some((record) => record.cached_tokens !== null);
  return new Map(
    told.map((record) => [
      record,
      {
        prompt_tokens: record.prompt_tokens,
        completion_tokens: record.completion_tokens ?? 0,
        cached_tokens: tells ? Math.min(record.cached_tokens ?? 0, record.prompt_tokens) : null,
      },
    ]),
  );
}

/** Token sums over the answered requests; null where no answer tells. */
function tokenSums(records: readonly TimedRecord[], observed: Observed): TokenSums {
  const turns = [...observed.values()];
  return {
    prompt: sumOrNull(turns.map((turn) => turn.prompt_tokens)),
    cached: sumOrNull(turns.flatMap((turn) => turn.cached_tokens ?? [])),
    completion: sumOrNull(answered(records).flatMap((record) => record.completion_tokens ?? [])),
  };
}

function sumOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

/**
 * The turns of each conversation that began inside the window, in order. One whose first turn fell out of the window is left
 * out: what its replica already held is unknown, and its remaining turns would lift the rate above any expectation.
 */
function wholeConversations(observed: Observed): ObservedTurn[][] {
  const records = [...observed.keys()];
  if (!records.some(({ turn }) => turn === 1)) return [];
  const groups = byKey(records, (record) => `${record.round} ${record.run} ${record.conversation}`);
  return [...groups.values()].flatMap((group) => {
    const ordered = [...group].sort((left, right) => left.turn - right.turn || left.sent_at - right.sent_at);
    if (ordered[0]?.turn !== 1) return [];
    return [ordered.flatMap((record) => observed.get(record) ?? [])];
  });
}

function cachedShare(turns: readonly ObservedTurn[]): number | null {
  const telling = turns.filter((turn) => turn.cached_tokens !== null);
  const prompt = telling.reduce((sum, turn) => sum + turn.prompt_tokens, 0);
  const cached = telling.reduce((sum, turn) => sum + (turn.cached_tokens ?? 0), 0);
  return prompt > 0 ? cached / prompt : null;
}

export interface TokenFindings {
  tokens: TokenSums;
  hit_rate: HitRate | null;
  /** Share of the first turns' prompt tokens that were cached; null where not told. */
  first_turns: number | null;
}

/**
 * `from_probes` and the expectations speak of the same conversations: those that began inside the window (of `from_probes`,
 * all records if none did). What a cache can do is taken from the answers where they tell: whether answers are found again,
 * and whether all conversations share a prefix.
 */
export function* tokenFindings(
  target: TargetInput,
  records: readonly TimedRecord[],
  known_shared_prefix?: number,
): Steps<TokenFindings> {
  const observed = observedTurns(records);
  yield;
  const conversations = wholeConversations(observed);
  yield;
  const firstTurns = conversations.flatMap((turns) => turns.slice(0, 1));
  const blockSize = target.observation.block_size ?? DEFAULT_BLOCK_SIZE;
  const model: CacheModel = {
    block_size: blockSize,
    answers_reused: answersReused(conversations, blockSize) ?? true,
    shared_prefix_tokens: sharedPrefixTokens(firstTurns, known_shared_prefix),
  };
  const expected = expectedHitRate(conversations, target.observation.replica_count ?? 0, model);
  yield;
  const everyTurn = [...observed.values()];
  const fromProbes = cachedShare(conversations.length > 0 ? conversations.flat() : everyTurn);
  return {
    tokens: tokenSums(records, observed),
    hit_rate: hitRate(target, cachedShare(everyTurn), fromProbes, expected),
    first_turns: cachedShare(firstTurns),
  };
}

/** The fleet's own rate where replicas are scraped, else that of all answers. Null where nothing is known. */
function hitRate(
  { observation }: TargetInput,
  fromUsage: number | null,
  fromProbes: number | null,
  expected: HitRateBounds | null,
): HitRate | null {
  const measured =
    observation.hit_rate ?? (fromUsage === null ? null : { value: fromUsage, source: 'usage' });
  if (measured === null && expected === null) return null;
  return {
    measured: measured?.value ?? null,
    source: measured?.source ?? null,
    from_probes: fromProbes,
    expected_random: expected?.random ?? null,
    expected_sticky: expected?.sticky ?? null,
  };
}
