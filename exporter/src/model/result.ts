/**
 * Results of benchmark tools, read from their files: what every reader makes, whatever the format. Seconds throughout, except
 * in records (milliseconds, as everywhere).
 */
import type { LatencyMetric } from './comparison';
import type { TargetObservation } from './observation';
import type { TimedRecord, TurnClass } from './record';

export const RESULT_FORMATS = [
  'taillight-run',
  'lmbench',
  'guidellm',
  'aiperf-records',
  'aiperf-summary',
  'inference-perf-requests',
  'inference-perf-summary',
  'vllm-bench',
  'benchmark-report',
  'multi-turn-log',
] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** The load that a part was measured at; null where it does not say. */
export interface Level {
  value: number;
  unit: 'qps' | 'concurrency';
}

/** Percentiles as another tool computed them; null where it does not tell. Seconds. */
export interface Distribution {
  n: number | null;
  mean: number | null;
  min: number | null;
  max: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

/** What a file tells that holds no single requests. */
export interface SummaryStatistics {
  ok: number | null;
  failed: number | null;
  latencies: Record<LatencyMetric, Partial<Record<TurnClass, Distribution>>>;
  ttft_by_turn: { turn: number; n: number; mean: number }[];
  requests_per_second: number | null;
  output_tokens_per_second: number | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
}

/**
 * What a tool means by a metric. Two results whose words differ are not held against each other in that metric, except where
 * the table of definitions calls the difference small.
 */
export const DEFINITIONS = {
  first_token: 'the first content, reasoning or tool call',
  first_content: 'the first content (reasoning is not counted)',
  first_chunk: 'the first chunk, even without text',
  role_chunk: 'a chunk without text that came long before the first token',
  last_token: 'the last token',
  stream_end: 'the end of the stream',
  per_decoded_token: '(last - first token) / (tokens - 1)',
  per_request_median_gap: 'the median gap between the chunks of each request',
  all_gaps: 'the gaps between all chunks, pooled',
  per_token_gaps: 'gaps between tokens, zero inside a chunk',
  told_by_report: 'what the report says, without a definition',
} as const;
export type Definition = keyof typeof DEFINITIONS;
export type Definitions = Partial<Record<LatencyMetric, Definition>>;

/**
 * How requests of two results may be recognised as the same: by their conversation and turn, by the order and length of their
 * prompts, or not at all.
 */
export type Identity = 'conversation' | 'prompts' | 'none';

/** What one result says about one target at one level of one workload. */
export interface ResultPart {
  format: ResultFormat;
  /** The file it was read from, as a person would name it. */
  file: string;
  /** Where the file tells the name of the deployment. */
  target: string | null;
  /** Name of the workload where a folder holds several, e.g. `sharegpt`. */
  workload: string | null;
  level: Level | null;
  model: string | null;
  engine: { name: string | null; version: string | null };
  replica_count: number | null;
  gpu_model: string | null;
  /** What a Taillight run saw of the servers; kept beside its records. */
  observation: TargetObservation | null;
  definitions: Definitions;
  /** Raw samples; null where the file has none, then `summary` stands. */
  records: TimedRecord[] | null;
  /** Where turns were numbered from the first that the file has of a conversation: what number the tool gave to that one. */
  first_turns?: ReadonlyMap<string, number>;
  summary: SummaryStatistics | null;
  identity: Identity;
  /** Whether `sent_at` is Unix time, or seconds on some clock of the tool's (or only an order). */
  clock: 'wall' | 'relative' | 'order';
  /** From the first request to the last answer as the tool tells it; null: from the records. */
  wall_seconds: number | null;
  /** Requests that the tool says it made but of which the file has no record. */
  requests_missing: number;
  /** What a reader should know, one sentence each. */
  notes: string[];
}

/** A file, or a line of it, that could not be used. */
export interface Unread {
  file: string;
  /** 1-based; null for the file as a whole. */
  line: number | null;
  reason: string;
}

/** Everything read from one path. */
export interface ResultSet {
  path: string;
  parts: ResultPart[];
  unread: Unread[];
}

/** The requests of one target at one load level of one workload: what plots are drawn from. */
export interface RecordSeries {
  target: string;
  /** Null where the result has no load levels, or only one. */
  level: number | null;
  workload: string | null;
  records: readonly TimedRecord[];
}
