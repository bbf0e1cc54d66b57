/** The measured hit rate of a target beside what its probes' schedule could reach. */
import type { HitRate } from '../model/comparison';
import type { TimedRecord } from '../model/record';
import {
  answersReused,
  expectedHitRate,
  sharedPrefixTokens,
  type CacheModel,
  type ObservedTurn,
} from '../stats/expected-hit-rate';
import type { TargetInput } from './input';
import { answered, byKey } from './pairing';

/** Where the engine does not tell its block size: vLLM's on GPUs. */
const DEFAULT_BLOCK_SIZE = 16;

export interface TokenSums {
  prompt: number | null;
  cached: number | null;
  completion: number | null;
}

/**
 * Cached tokens of each record: what the server told, or 0 where it left the field out though it sends it at other times
 * (vLLM 0.12 to 0.20 leave it out when nothing was cached). Null where it never told in the window.
 */
function observedTurns(records: readonly TimedRecord[]): Map<TimedRecord, ObservedTurn> {
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
export function tokenSums(records: readonly TimedRecord[]): TokenSums {
  const turns = [...observedTurns(records).values()];
  const completions = answered(records).flatMap((record) => record.completion_tokens ?? []);
  return {
    prompt: sumOrNull(turns.map((turn) => turn.prompt_tokens)),
    cached: sumOrNull(turns.flatMap((turn) => turn.cached_tokens ?? [])),
    completion: sumOrNull(completions),
  };
}

function sumOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

/**
 * The turns of each conversation that began inside the window, in order. One whose first turn fell out of the window is left
 * out: what its replica already held is unknown, and its remaining turns would lift the rate above any expectation.
 */
function wholeConversations(records: readonly TimedRecord[]): ObservedTurn[][] {
  const observed = observedTurns(records);
  const groups = byKey(
    [...observed.keys()],
    (record) => `${record.round} ${record.run} ${record.conversation}`,
  );
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

export interface HitRateFindings {
  hit_rate: HitRate | null;
  /** Share of the first turns' prompt tokens that were cached; null where not told. */
  first_turns: number | null;
}

/**
 * `from_probes` and the expectations speak of the same conversations: those that began inside the window (of `from_probes`,
 * all records if none did). What a cache can do is taken from the answers where they tell: whether answers are found again,
 * and whether all conversations share a prefix.
 */
export function hitRateFindings(target: TargetInput, records: readonly TimedRecord[]): HitRateFindings {
  const { observation } = target;
  const conversations = wholeConversations(records);
  const firstTurns = conversations.flatMap((turns) => turns.slice(0, 1));
  const blockSize = observation.block_size ?? DEFAULT_BLOCK_SIZE;
  const model: CacheModel = {
    block_size: blockSize,
    answers_reused: answersReused(conversations, blockSize) ?? true,
    shared_prefix_tokens: sharedPrefixTokens(firstTurns),
  };
  const expected = expectedHitRate(conversations, observation.replica_count ?? 0, model);
  const everyTurn = [...observedTurns(records).values()];
  const fromProbes = cachedShare(conversations.length > 0 ? conversations.flat() : everyTurn);
  const fromUsage = cachedShare(everyTurn);
  const measured =
    observation.hit_rate ?? (fromUsage === null ? null : { value: fromUsage, source: 'usage' });
  const known = measured !== null || expected !== null;
  return {
    hit_rate: known
      ? {
          measured: measured?.value ?? null,
          source: measured?.source ?? null,
          from_probes: fromProbes,
          expected_random: expected?.random ?? null,
          expected_sticky: expected?.sticky ?? null,
        }
      : null,
    first_turns: cachedShare(firstTurns),
  };
}
