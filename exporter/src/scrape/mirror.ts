import type { EngineHistogramName, EngineValueName } from '../model/reading';

/**
 * What of a replica's page is passed on as it is. Counters and histograms keep the upstream's cumulative values: a restart
 * of the replica is then a reset that Prometheus understands, while totals of our own would count the past of a replica
 * that we saw for the first time.
 */

/** Our value -> name of the mirrored counter, labels target and replica. */
export const MIRRORED_COUNTERS = {
  prompt_tokens_total: 'taillight_replica_prompt_tokens_total',
  cached_prompt_tokens_total: 'taillight_replica_cached_prompt_tokens_total',
  generation_tokens_total: 'taillight_replica_generation_tokens_total',
  preemptions_total: 'taillight_replica_preemptions_total',
} as const satisfies Partial<Record<EngineValueName, string>>;

/** `finished_by_reason` of a reading: labels target, replica and reason. */
export const MIRRORED_FINISHED = 'taillight_replica_requests_finished_total';

/** Our value -> name of the mirrored gauge, labels target and replica. */
export const MIRRORED_GAUGES = {
  requests_running: 'taillight_replica_requests_running',
  requests_waiting: 'taillight_replica_requests_waiting',
  kv_cache_usage_ratio: 'taillight_replica_kv_cache_usage_ratio',
} as const satisfies Partial<Record<EngineValueName, string>>;

/** Our histogram -> name of the mirrored histogram with the upstream's buckets, labels target and replica. */
export const MIRRORED_HISTOGRAMS = {
  ttft_seconds: 'taillight_replica_ttft_seconds',
  itl_seconds: 'taillight_replica_itl_seconds',
  e2e_seconds: 'taillight_replica_e2e_seconds',
  queue_seconds: 'taillight_replica_queue_seconds',
} as const satisfies Record<EngineHistogramName, string>;
