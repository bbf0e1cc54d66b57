/**
 * The whole comparison as JSON: `/api/v1/comparison`, `demo --json`, `compare --json`, `summary.json`.
 * Keys are a contract with other programs; absent values are null; seconds, ratios (0..1) and tokens throughout.
 */
import type { CaveatReason, ImportCaveatReason } from './caveat';
import type { Outcome, TurnClass } from './record';

export const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type QuantileName = keyof typeof QUANTILES;
export const QUANTILE_NAMES = Object.keys(QUANTILES) as QuantileName[];

export const LATENCY_METRICS = ['ttft', 'e2e', 'tpot', 'itl'] as const;
export type LatencyMetric = (typeof LATENCY_METRICS)[number];

export type Verdict = 'faster' | 'slower' | 'no_difference_shown' | 'too_few' | 'not_comparable';
export const VERDICTS: readonly Verdict[] = [
  'faster',
  'slower',
  'no_difference_shown',
  'too_few',
  'not_comparable',
];

/**
 * A percentile with its 95 % interval; n is the number of requests of its class. The interval is null where only another
 * tool's summary is known.
 */
export interface Estimate {
  estimate: number;
  lower: number | null;
  upper: number | null;
  n: number;
}

export type LatencySummary = Record<QuantileName, Estimate | null> & {
  mean: number | null;
  min: number | null;
  max: number | null;
};

export interface HitRate {
  /** The fleet's: delta cached / delta prompt tokens over the window, summed over replicas first (all traffic). */
  measured: number | null;
  /** Where `measured` comes from: upstream metric names, or `usage` where no replica is scraped. */
  source: string | null;
  /** The probes' own, from the `usage` of their answers. */
  from_probes: number | null;
  /** No-eviction expectation of the probes' schedule, routed at random. */
  expected_random: number | null;
  /** The same, every conversation kept on one replica. */
  expected_sticky: number | null;
}

export type BalanceResource = 'gpu' | 'running' | 'tokens';

/** Coefficient of variation (population) and max/mean over the replicas of a target. */
export interface Balance {
  cv: number;
  max_to_mean: number;
}

export interface ReplicaSummary {
  name: string;
  up: boolean;
  hit_rate: number | null;
  gpu_utilization: number | null;
  running: number | null;
  waiting: number | null;
  kv_cache_usage: number | null;
  tokens_per_second: number | null;
}

export interface TargetSummary {
  name: string;
  role: 'baseline' | 'candidate';
  up: boolean;
  model: string | null;
  engine: { name: string | null; version: string | null };
  /** ISO times of the first and last request of the window; null before the first answer. */
  window: { start: string; end: string } | null;
  conversations: number;
  samples: Record<TurnClass, number>;
  ttft_seconds: Record<TurnClass, LatencySummary>;
  e2e_seconds: Record<TurnClass, LatencySummary>;
  tpot_seconds: Record<TurnClass, LatencySummary>;
  itl_seconds: Record<TurnClass, LatencySummary>;
  ttft_by_turn_seconds: { turn: number; n: number; p50: number; mean: number }[];
  outcomes: Partial<Record<Outcome, number>>;
  /** Requests that were made but of which an imported result does not tell how they ended; they count as failures. */
  requests_missing?: number;
  tokens: { prompt: number | null; cached: number | null; completion: number | null };
  requests_per_second: number | null;
  output_tokens_per_second: number | null;
  /** Of imported results: from the first token to the last, and tokens per second in that time, each per request. */
  generation_seconds?: LatencySummary;
  token_rate?: LatencySummary;
  hit_rate: HitRate | null;
  balance: Record<BalanceResource, Balance | null>;
  replicas: ReplicaSummary[];
}

export interface RatioEstimate {
  metric: LatencyMetric;
  turn: TurnClass;
  quantile: QuantileName;
  /** candidate / baseline; below 1 is better. Null with the verdicts `too_few` and `not_comparable`, where unknown. */
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  verdict: Verdict;
}

export interface GenerationRatio {
  metric: 'generation' | 'token_rate';
  turn: TurnClass;
  quantile: QuantileName;
  /** candidate / baseline. */
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  verdict: Verdict;
}

export interface Caveat {
  reason: CaveatReason | ImportCaveatReason;
  /** The target that it speaks of, or null for the pair. */
  target: string | null;
  text: string;
}

export interface PairComparison {
  baseline: string;
  candidate: string;
  method: 'paired' | 'unpaired';
  /** Conversations that the interval rests on: the common ones when paired. */
  conversations: number;
  ratios: RatioEstimate[];
  /** Of imported results: ratios of `generation_seconds` and of `token_rate` (above 1 is better there). */
  generation_ratios?: GenerationRatio[];
  worse: { metric: string; turn: TurnClass | null; quantile: QuantileName | null }[];
  caveats: Caveat[];
}

export interface Comparison {
  schema: 'taillight.comparison/1';
  generated: string;
  baseline: string;
  targets: TargetSummary[];
  comparisons: PairComparison[];
  levels?: LevelComparison[];
  /** Load levels that only one of two imported results has. */
  unmatched_levels?: { target: string; level: number | null; unit: string | null; workload: string | null }[];
}

/** The comparison at one load level. */
export interface LevelComparison {
  level: number;
  unit: 'qps' | 'concurrency';
  /** Where a result holds several workloads. */
  workload?: string;
  targets: TargetSummary[];
  comparisons: PairComparison[];
}
