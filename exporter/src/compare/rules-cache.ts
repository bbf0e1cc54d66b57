/** Caveats about prefix caching and about how work is spread: what the hit rate means, and what it costs. */
import type { Balance, BalanceResource, HitRate, ReplicaSummary } from '../model/comparison';
import { count, percent, plural, points } from '../report/format';
import { eachTarget, nameOf, type Rule } from './rule';
import type { TargetFindings } from './target-summary';
import { THRESHOLDS } from './thresholds';

const hitRate = (side: TargetFindings): HitRate | null => side.summary.hit_rate;

/** The rate that two targets are compared by. */
const comparableRate = (side: TargetFindings) =>
  hitRate(side)?.measured ?? hitRate(side)?.from_probes ?? null;

export const routingNearRandomRule: Rule = ({ candidate }) => {
  const {
    from_probes: rate = null,
    expected_random: random = null,
    expected_sticky: sticky = null,
  } = hitRate(candidate) ?? {};
  if (rate === null || random === null || sticky === null) return [];
  if (Math.abs(rate - random) > THRESHOLDS.near_random || sticky - rate <= THRESHOLDS.below_sticky) return [];
  const text = `${nameOf(candidate)} hits ${percent(rate, 1)}, about what random routing would (${percent(random, 1)}; sticky ${percent(sticky, 1)}): its router does not follow the prefixes`;
  return [{ target: nameOf(candidate), text }];
};

export const warmCacheRule = eachTarget((side) => {
  const { from_probes: rate = null, expected_sticky: sticky = null } = hitRate(side) ?? {};
  if (rate === null || sticky === null || rate <= sticky + THRESHOLDS.warm_cache) return null;
  const first = side.hits.first_turns;
  const firsts = first === null ? '' : `; first turns found ${percent(first)} of their tokens cached`;
  return `${nameOf(side)} hits ${percent(rate, 1)}, more than sticky routing can reach from a cold start (${percent(sticky, 1)})${firsts}: the cache was warm, or the conversations share text`;
});

export const cacheOverflowRule = eachTarget((side) => {
  const { from_probes: own = null, measured = null, expected_random: random = null } = hitRate(side) ?? {};
  const rate = own ?? measured;
  if (rate === null || random === null || rate > random - THRESHOLDS.cache_overflow) return null;
  if (rate <= THRESHOLDS.no_cache_hits) return null;
  const claim = `${nameOf(side)}: the hit rate ${percent(rate, 1)} is far below the no-eviction expectation ${percent(random, 1)} (by ${points(random - rate)})`;
  const cause =
    own === null ? 'the caches overflow, or other traffic repeats less' : 'because the caches overflow';
  return `${claim}${own === null ? ': ' : ' '}${cause}${pressure(side)}`;
});

/** What the engine says about its KV cache, in brackets. */
function pressure({ input: { observation } }: TargetFindings): string {
  const said = [
    observation.kv_capacity_tokens === null
      ? []
      : [`${count(observation.kv_capacity_tokens)} KV tokens per replica`],
    observation.kv_cache_usage_max === null
      ? []
      : [`KV use up to ${percent(observation.kv_cache_usage_max)}`],
    observation.preemptions === null ? [] : [plural(observation.preemptions, 'preemption')],
  ].flat();
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

export const noCacheHitsRule = eachTarget((side) => {
  const { from_probes: own = null, measured = null, expected_random: random = null } = hitRate(side) ?? {};
  const rate = own ?? measured;
  if (rate === null || random === null || random <= THRESHOLDS.cache_overflow) return null;
  if (rate > THRESHOLDS.no_cache_hits) return null;
  return `${nameOf(side)} serves ${percent(rate, 1)} of prompt tokens from its cache where even random routing would reach ${percent(random, 1)}: prefix caching is off or broken`;
});

export const hitRateUnreliableRule = eachTarget((side) => {
  const queries = side.input.observation.queries_per_prompt_token;
  if (queries === null || queries <= THRESHOLDS.queries_per_prompt_token) return null;
  if (excessQueries(side, queries) <= underWay(side)) return null;
  return `${nameOf(side)} counts ${queries.toFixed(2)} cache queries per prompt token: waiting or aborted requests are counted again, so its measured hit rate is unreliable`;
});

/** Queried tokens beyond the prompt tokens; everything where the number of those is not known. */
const excessQueries = ({ input }: TargetFindings, queries: number) =>
  input.observation.prompt_tokens === null ? Infinity : (queries - 1) * input.observation.prompt_tokens;

/**
 * Tokens of prompts under way: vLLM counts a query when a request is admitted and its prompt when the prefill has ended, so
 * a short window holds more of the former. Twice the mean number of requests allows for bursts.
 */
function underWay({ summary, records }: TargetFindings): number {
  const requests = summary.replicas.reduce(
    (sum, { running, waiting }) => sum + (running ?? 0) + (waiting ?? 0),
    0,
  );
  const prompts = records.flatMap(({ prompt_tokens }) => prompt_tokens ?? []);
  const longest = prompts.reduce((most, tokens) => Math.max(most, tokens), 0);
  return 2 * requests * longest;
}

const RESOURCES: readonly BalanceResource[] = ['tokens', 'gpu', 'running'];

const RESOURCE_WORDS: Record<BalanceResource, string> = {
  tokens: 'of the tokens',
  gpu: 'of the GPU activity',
  running: 'of the running requests',
};

const REPLICA_LOAD: Record<BalanceResource, (replica: ReplicaSummary) => number | null> = {
  tokens: (replica) => replica.tokens_per_second,
  gpu: (replica) => replica.gpu_utilization,
  running: (replica) => replica.running,
};

/** The loads of the replicas that tell. */
const loads = (side: TargetFindings, resource: BalanceResource) =>
  side.summary.replicas.flatMap((replica) => {
    const load = REPLICA_LOAD[resource](replica);
    return load === null ? [] : [{ name: replica.name, load }];
  });

/** Whether a resource is used enough for its spread to mean anything; true where the replicas do not tell. */
function busy(side: TargetFindings, resource: BalanceResource): boolean {
  const known = loads(side, resource).map((replica) => replica.load);
  if (known.length === 0) return true;
  if (resource === 'gpu') return Math.max(...known) >= THRESHOLDS.idle_gpu;
  return known.reduce((sum, load) => sum + load, 0) >= (resource === 'running' ? THRESHOLDS.idle_running : 0);
}

interface Uneven {
  resource: BalanceResource;
  balance: Balance;
}

/**
 * The resource that is spread most unevenly, if its variation reaches `limit`. Token counters are exact: where they say that
 * the spread is even, the sampled gauges are not asked.
 */
function uneven(side: TargetFindings, limit: number): Uneven | null {
  const { replicas, balance } = side.summary;
  if ((side.input.observation.replica_count ?? replicas.length) < 2) return null;
  if (balance.tokens !== null && balance.tokens.cv < THRESHOLDS.imbalanced_cv) return null;
  const found = RESOURCES.flatMap((resource) => {
    const one = balance[resource];
    return one !== null && one.cv >= limit && busy(side, resource) ? [{ resource, balance: one }] : [];
  });
  return found.reduce<Uneven | null>(
    (worst, one) => (worst === null || one.balance.cv > worst.balance.cv ? one : worst),
    null,
  );
}

/** `97 % of the tokens to one replica of 4 (replica-2)`, or the ratio to the mean where the replicas do not tell. */
function busiest(side: TargetFindings, { resource, balance }: Uneven): string {
  const known = loads(side, resource);
  const total = known.reduce((sum, replica) => sum + replica.load, 0);
  const top = known.reduce<(typeof known)[number] | null>(
    (best, one) => (best === null || one.load > best.load ? one : best),
    null,
  );
  if (top === null || total <= 0) {
    return `${balance.max_to_mean.toFixed(1)} times the mean ${RESOURCE_WORDS[resource]} to one replica`;
  }
  const share = `${percent(top.load / total)} ${RESOURCE_WORDS[resource]}`;
  return `${share} to one replica of ${count(side.input.observation.replica_count ?? known.length)} (${top.name})`;
}

/** Uneven beyond doubt, and the hit rate is no worse for it: the router piles a shared prefix on few replicas. */
function collapsed(side: TargetFindings, other: TargetFindings): Uneven | null {
  const found = uneven(side, THRESHOLDS.collapse_cv);
  const rate = comparableRate(side);
  const yardstick = comparableRate(other) ?? hitRate(side)?.expected_random ?? null;
  if (found === null || rate === null || yardstick === null) return null;
  return rate >= yardstick - THRESHOLDS.same_hit_rate ? found : null;
}

export const hotPrefixCollapseRule = eachTarget((side, other) => {
  const found = collapsed(side, other);
  if (found === null) return null;
  return `${nameOf(side)} sends ${busiest(side, found)}: a high hit rate (${percent(comparableRate(side), 1)}) on an overloaded replica`;
});

export const imbalancedRule = eachTarget((side, other) => {
  const found = uneven(side, THRESHOLDS.imbalanced_cv);
  if (found === null || collapsed(side, other) !== null) return null;
  const others = other.summary.balance[found.resource];
  if (others !== null && found.balance.cv < others.cv + THRESHOLDS.imbalanced_margin) return null;
  const beside = others === null ? '' : `, ${nameOf(other)} ${others.cv.toFixed(2)}`;
  return `${nameOf(side)} spreads its work unevenly: ${busiest(side, found)} (variation ${found.balance.cv.toFixed(2)}${beside})`;
});
