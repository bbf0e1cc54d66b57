import type { TargetObservation } from '../model/observation';
import type { TimedRecord } from '../model/record';

/** What is known about one target: its servers and its requests. */
export interface TargetInput {
  role: 'baseline' | 'candidate';
  observation: TargetObservation;
  /** Restricted to the window; records flagged as warm-up are left out here. Any order. */
  records: readonly TimedRecord[];
  /** Requests that this result is known to lack (imported results may say so). */
  requests_missing?: number;
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
