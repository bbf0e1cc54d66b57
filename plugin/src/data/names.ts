import type { Quantile } from '../types';

/** The metrics that the panel reads. Names with a colon are made by its own queries (`queries.ts`). */
export const METRIC = {
  ttft: 'taillight_comparison_ttft_seconds',
  e2e: 'taillight_comparison_e2e_seconds',
  tpot: 'taillight_comparison_tpot_seconds',
  ttftRatio: 'taillight_comparison_ttft_ratio',
  byTurn: 'taillight_comparison_turn_ttft_seconds',
  samples: 'taillight_comparison_samples',
  verdict: 'taillight_comparison_verdict',
  caveat: 'taillight_comparison_caveat',
  windowStart: 'taillight_comparison_window_start_timestamp_seconds',
  windowEnd: 'taillight_comparison_window_end_timestamp_seconds',
  reference: 'taillight_reference_ttft_seconds',
  slo: 'taillight_slo_ttft_seconds',
  up: 'taillight_target_up',
  replicas: 'taillight_target_replicas',
  info: 'taillight_target_info',
  hitRatio: 'taillight_target_prefix_cache_hit_ratio',
  expectedRatio: 'taillight_target_prefix_cache_expected_ratio',
  balanceCv: 'taillight_target_balance_cv',
  balanceMax: 'taillight_target_balance_max_to_mean',
  replicaUp: 'taillight_replica_up',
  replicaRunning: 'taillight_replica_requests_running',
  replicaHitRatio: 'taillight_replica_prefix_cache_hit_ratio',
  replicaGpu: 'taillight_replica_gpu_utilization_ratio',
  probeRequests: 'taillight:probe_requests:increase',
  probeTokens: 'taillight:probe_tokens:increase',
  replicaTokens: 'taillight:replica_generation_tokens:rate',
  replicaGpuMean: 'taillight:replica_gpu_utilization:mean',
  replicaRunningMean: 'taillight:replica_requests_running:mean',
} as const;

export const QUANTILE_LABEL: Record<Quantile, string> = { p50: '0.5', p90: '0.9', p95: '0.95', p99: '0.99' };

/** Requests of a turn class below which the 95 % interval of the percentile has no finite upper end: ceil(ln 0.025 / ln q). */
export const NEEDED: Record<Quantile, number> = { p50: 6, p90: 36, p95: 72, p99: 368 };
