import type { TargetObservation } from '../model/observation';
import type { LatencyMetric } from '../model/comparison';
import type { TimedRecord } from '../model/record';

/** What is known about one target: its servers and its requests. */
export interface TargetInput {
  role: 'baseline' | 'candidate';
  observation: TargetObservation;
  /** Restricted to the window; records flagged as warm-up are left out here. Any order. */
  records: readonly TimedRecord[];
  /** Requests that this result is known to lack (imported results may say so). */
  requests_missing?: number;
  imported?: ImportedFacts;
}

/** What is known of a target whose records were read from result files. */
export interface ImportedFacts {
  /** Whether `sent_at` is wall time, or only some clock, or an order. */
  clock: 'wall' | 'relative' | 'order';
  /** From the first request to the last answer; pooled levels: the sum over them. Null: as the records say. */
  wall_seconds: number | null;
  /** What the workload consisted of, where that is known; requests that the result lacks of it failed or were lost. */
  workload: { requests: number; mean_prompt_tokens: number | null } | null;
  /** Several load levels together: no trend through them is a fault of the target. */
  pooled: boolean;
}

export interface ComparisonOptions {
  /** A ratio must lie wholly beyond 1 +- this to be called faster or slower. */
  min_effect: number;
  resamples: number;
  seed: number;
  /** The user says that differing model names mean the same model (served under two names). */
  same_model?: boolean;
  /** Tokens that all conversations share at their start, where the workload is known; else it is inferred from the answers. */
  shared_prefix_tokens?: number;
  /** Metrics that the targets' tools define differently: they get no verdict. */
  unlike_metrics?: readonly LatencyMetric[];
  /** More conversations than this are resampled in groups of equal size; absent: never. */
  max_clusters?: number;
}

export interface ComparisonInput {
  generated: Date;
  /** Name of the baseline target. */
  baseline: string;
  targets: readonly TargetInput[];
  /** How late the event loop was that saw the tokens arrive. */
  client: { event_loop_delay_p50_seconds: number | null; event_loop_delay_p99_seconds: number | null };
  options: ComparisonOptions;
}
