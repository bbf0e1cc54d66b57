/**
 * Every metric that the exporter publishes: name, type, labels and definition. The contract with dashboards and alerts;
 * a test compares it with the page both ways.
 */

/** `untyped` is written as `unknown` in OpenMetrics. */
export type MetricType = 'gauge' | 'counter' | 'histogram' | 'untyped';

export interface MetricSpec {
  type: MetricType;
  labels: readonly string[];
  help: string;
}

const gauge = (help: string, ...labels: string[]): MetricSpec => ({ type: 'gauge', help, labels });
/**
 * A gauge for each quantile. Declared without a type, as Prometheus keeps the label `quantile` for summaries, which ours are
 * not: they have intervals, and neither a sum nor a count.
 */
const quantiles = (help: string, ...labels: string[]): MetricSpec => ({ type: 'untyped', help, labels });
const counter = (help: string, ...labels: string[]): MetricSpec => ({ type: 'counter', help, labels });
const histogram = (help: string, ...labels: string[]): MetricSpec => ({ type: 'histogram', help, labels });

const PROBES = {
  taillight_probe_ttft_seconds: histogram(
    'Time to first token of probes: first non-empty content, reasoning or tool-call delta minus request handed to the socket.',
    'target',
    'turn',
  ),
  taillight_probe_e2e_seconds: histogram(
    'End-to-end time of probes: last token minus request handed to the socket.',
    'target',
    'turn',
  ),
  taillight_probe_itl_seconds: histogram(
    'Gaps between token-bearing events of probe answers (inter-chunk: one event may hold several tokens).',
    'target',
    'turn',
  ),
  taillight_probe_tpot_seconds: histogram(
    'Time per output token of probes: (last token - first token) / (completion tokens - 1), one value per request.',
    'target',
    'turn',
  ),
  taillight_probe_requests_total: counter('Probe requests by outcome.', 'target', 'turn', 'outcome'),
  taillight_probe_prompt_tokens_total: counter(
    'Prompt tokens of answered probes, as the server counts them.',
    'target',
    'turn',
  ),
  taillight_probe_cached_tokens_total: counter(
    'Prompt tokens of answered probes that came from the prefix cache, where the server tells.',
    'target',
    'turn',
  ),
  taillight_probe_completion_tokens_total: counter(
    'Completion tokens of answered probes, as the server counts them.',
    'target',
    'turn',
  ),
  taillight_probe_send_lag_seconds: histogram(
    'How much later than intended a probe request was handed to the socket.',
    'target',
  ),
  taillight_probe_slo_misses_total: counter(
    'Probe requests that were answered later than taillight_slo_ttft_seconds or not at all.',
    'target',
    'turn',
  ),
  taillight_probe_skipped_conversations_total: counter(
    'Conversations that were due and not started, because the target was down or all slots and the queue were full.',
    'target',
    'reason',
  ),
  taillight_probe_traffic_share_ratio: gauge(
    "Share of the target's prompt tokens over the window that are probes.",
    'target',
  ),
} as const;

const INTERVAL =
  'bound: estimate, or lower and upper end of the 95 % interval (cluster bootstrap over conversations)';

const COMPARISON = {
  taillight_comparison_ttft_seconds: quantiles(
    `Percentile of probe TTFT over the window, from raw samples; ${INTERVAL}.`,
    'target',
    'turn',
    'quantile',
    'bound',
  ),
  taillight_comparison_e2e_seconds: quantiles(
    `Percentile of probe end-to-end time over the window, from raw samples; ${INTERVAL}.`,
    'target',
    'turn',
    'quantile',
    'bound',
  ),
  taillight_comparison_tpot_seconds: quantiles(
    `Percentile of probe time per output token over the window, from raw samples; ${INTERVAL}.`,
    'target',
    'turn',
    'quantile',
    'bound',
  ),
  taillight_comparison_ttft_ratio: quantiles(
    `TTFT percentile of the candidate divided by the baseline's, below 1 is better; ${INTERVAL}.`,
    'target',
    'turn',
    'quantile',
    'bound',
  ),
  taillight_comparison_turn_ttft_seconds: gauge(
    'Median probe TTFT over the window by turn number, up to 32.',
    'target',
    'turn_number',
  ),
  taillight_comparison_samples: gauge('Answered probe requests in the window.', 'target', 'turn'),
  taillight_comparison_conversations: gauge(
    'Different conversations with an answered probe request in the window.',
    'target',
    'turn',
  ),
  taillight_comparison_verdict: quantiles(
    '1 for the verdict on candidate against baseline that holds, 0 for the others.',
    'target',
    'metric',
    'turn',
    'quantile',
    'verdict',
  ),
  taillight_comparison_caveat: gauge(
    '1 while the comparison must be read with this reason in mind, else 0.',
    'target',
    'reason',
  ),
  taillight_comparison_window_start_timestamp_seconds: gauge(
    'Send time of the oldest request in the window.',
    'target',
  ),
  taillight_comparison_window_end_timestamp_seconds: gauge(
    'Send time of the newest request in the window.',
    'target',
  ),
  taillight_reference_ttft_seconds: quantiles(
    'TTFT percentile of the run that was saved as the reference.',
    'target',
    'turn',
    'quantile',
  ),
  taillight_reference_samples: gauge(
    'Answered requests of the run that was saved as the reference.',
    'target',
    'turn',
  ),
  taillight_reference_timestamp_seconds: gauge(
    'End of the run that was saved as the reference, Unix time.',
    'target',
  ),
  taillight_slo_ttft_seconds: gauge('TTFT within which a probe request is to be answered.', 'target'),
  taillight_slo_objective_ratio: gauge(
    'Share of probe requests that are to be answered within taillight_slo_ttft_seconds.',
    'target',
  ),
  taillight_run_info: gauge(
    'The run that this process measures; always 1. kind: live, or bounded (taillight run).',
    'run',
    'kind',
  ),
} as const;

const TARGETS = {
  taillight_target_up: gauge('1 when the target answered its latest probe or check, else 0.', 'target'),
  taillight_target_replicas: gauge('Ready replicas that discovery knows.', 'target'),
  taillight_target_replicas_listed: gauge(
    'Replicas that discovery lists: ready, not ready, and pods that wait for a node or an address.',
    'target',
  ),
  taillight_target_info: gauge(
    'What the target is; always 1.',
    'target',
    'model',
    'engine',
    'version',
    'role',
  ),
  taillight_target_prefix_cache_hit_ratio: gauge(
    'Cached prompt tokens / prompt tokens over the window, summed over replicas first (all traffic).',
    'target',
  ),
  taillight_target_prefix_cache_expected_ratio: gauge(
    "Hit rate that the probes' own schedule gives without eviction: routed at random, or each conversation kept on one replica.",
    'target',
    'routing',
  ),
  taillight_target_balance_cv: gauge(
    'Coefficient of variation over the replicas of mean GPU activity, running requests or tokens per second; 0 is even.',
    'target',
    'resource',
  ),
  taillight_target_balance_max_to_mean: gauge(
    'Busiest replica divided by the mean of GPU activity, running requests or tokens per second; 1 is even.',
    'target',
    'resource',
  ),
} as const;

const mirrored = (what: string) => `${what}, summed over the engines of the replica, as the replica counts.`;

const REPLICAS = {
  taillight_replica_up: gauge(
    '1 when the replica is ready and its latest scrape succeeded, else 0.',
    'target',
    'replica',
  ),
  taillight_replica_requests_running: gauge('Requests being computed.', 'target', 'replica'),
  taillight_replica_requests_waiting: gauge('Requests waiting to be computed.', 'target', 'replica'),
  taillight_replica_kv_cache_usage_ratio: gauge(
    'KV cache in use, 0 to 1, mean over engines.',
    'target',
    'replica',
  ),
  taillight_replica_prefix_cache_hit_ratio: gauge(
    'Cached prompt tokens / prompt tokens of the replica over the window.',
    'target',
    'replica',
  ),
  taillight_replica_prompt_tokens_total: counter(mirrored('Prompt tokens'), 'target', 'replica'),
  taillight_replica_cached_prompt_tokens_total: counter(
    mirrored('Prompt tokens that came from a cache'),
    'target',
    'replica',
  ),
  taillight_replica_generation_tokens_total: counter(mirrored('Generated tokens'), 'target', 'replica'),
  taillight_replica_preemptions_total: counter(mirrored('Preemptions'), 'target', 'replica'),
  taillight_replica_requests_finished_total: counter(
    mirrored('Finished requests by reason'),
    'target',
    'replica',
    'reason',
  ),
  taillight_replica_ttft_seconds: histogram(
    "The engine's own time to first token, all traffic, with the upstream buckets.",
    'target',
    'replica',
  ),
  taillight_replica_itl_seconds: histogram(
    "The engine's own gaps between tokens, all traffic, with the upstream buckets.",
    'target',
    'replica',
  ),
  taillight_replica_e2e_seconds: histogram(
    "The engine's own end-to-end time, all traffic, with the upstream buckets.",
    'target',
    'replica',
  ),
  taillight_replica_queue_seconds: histogram(
    "The engine's own waiting time before prefill, all traffic, with the upstream buckets.",
    'target',
    'replica',
  ),
  taillight_replica_gpu_utilization_ratio: gauge(
    'GPU activity 0 to 1: graphics engine active where the GPU tells, else the share of time with a kernel running.',
    'target',
    'replica',
    'gpu',
  ),
  taillight_replica_gpu_memory_used_bytes: gauge('GPU memory in use.', 'target', 'replica', 'gpu'),
  taillight_replica_gpu_memory_total_bytes: gauge('GPU memory there is.', 'target', 'replica', 'gpu'),
  taillight_replica_gpu_power_watts: gauge('GPU power draw.', 'target', 'replica', 'gpu'),
} as const;

const ROUTERS = {
  taillight_router_info: gauge('What the router is; always 1.', 'target', 'version', 'generation'),
  taillight_router_ready_endpoints: gauge('Replicas that the router considers ready.', 'target'),
  taillight_router_queue_size: gauge('Requests waiting at replicas, mean as the router sees it.', 'target'),
  taillight_router_requests_running: gauge('Requests that the router has under way.', 'target'),
  taillight_router_requests_total: counter('Requests that passed the router.', 'target'),
  taillight_router_decisions_total: counter('How often the router chose the replica.', 'target', 'replica'),
} as const;

const EXPORTER = {
  taillight_scrape_success: gauge(
    '1 when the latest scrape succeeded, else 0; reason says why not.',
    'target',
    'replica',
    'source',
    'reason',
  ),
  taillight_scrape_duration_seconds: gauge('Duration of the latest scrape.', 'target', 'replica', 'source'),
  taillight_scrape_missing: gauge(
    '1 for each value that Taillight wants and the page does not tell.',
    'target',
    'replica',
    'source',
    'family',
  ),
  taillight_discovery_success: gauge(
    '1 when the latest look for replicas or GPU pages succeeded; 0: the last good list is used.',
    'target',
    'source',
  ),
  taillight_results_write_errors_total: counter('Results that could not be written to data_dir.'),
  taillight_event_loop_delay_seconds: quantiles(
    'Delay of the event loop that measures the probes, over the last seconds.',
    'quantile',
  ),
  taillight_config_last_reload_successful: gauge('1 when the latest configuration was accepted, else 0.'),
  taillight_build_info: gauge('Version of Taillight; always 1.', 'version', 'node'),
  process_cpu_seconds_total: counter('CPU time of this process.'),
  process_resident_memory_bytes: gauge('Resident memory of this process.'),
  process_start_time_seconds: gauge('Start of this process, Unix time.'),
} as const;

export const CATALOGUE = {
  ...PROBES,
  ...COMPARISON,
  ...TARGETS,
  ...REPLICAS,
  ...ROUTERS,
  ...EXPORTER,
} satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof CATALOGUE;

/** 10 ms x 1.2^k for k = 0..52, to 131 s: at most 9 % error anywhere, where engine buckets are off by up to 43 %. */
export const LATENCY_BUCKETS: number[] = Array.from({ length: 53 }, (_, k) =>
  Number((0.01 * 1.2 ** k).toPrecision(6)),
);
