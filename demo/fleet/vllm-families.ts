/**
 * The families of a vLLM 0.32 metrics page in its order: names, types and HELP texts as recorded from the released software.
 * Counters and histograms of the Python client come with a `_created` gauge each, under the same HELP.
 */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary';

export interface Family {
  name: string;
  type: FamilyType;
  help: string;
}

const TABLE: readonly [string, FamilyType, string][] = [
  ['python_gc_objects_collected_total', 'counter', 'Objects collected during gc'],
  ['python_gc_objects_uncollectable_total', 'counter', 'Uncollectable objects found during GC'],
  ['python_gc_collections_total', 'counter', 'Number of times this generation was collected'],
  ['python_info', 'gauge', 'Python platform information'],
  ['process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.'],
  ['process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.'],
  ['process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.'],
  ['process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.'],
  ['process_open_fds', 'gauge', 'Number of open file descriptors.'],
  ['process_max_fds', 'gauge', 'Maximum number of open file descriptors.'],
  [
    'vllm:estimated_flops_per_gpu_total',
    'counter',
    'Estimated number of floating point operations per GPU (for Model Flops Utilization calculations).',
  ],
  [
    'vllm:estimated_read_bytes_per_gpu_total',
    'counter',
    'Estimated number of bytes read from memory per GPU (for Model Flops Utilization calculations).',
  ],
  [
    'vllm:estimated_write_bytes_per_gpu_total',
    'counter',
    'Estimated number of bytes written to memory per GPU (for Model Flops Utilization calculations).',
  ],
  ['vllm:num_requests_running', 'gauge', 'Number of requests in model execution batches.'],
  ['vllm:num_requests_waiting', 'gauge', 'Number of requests waiting to be processed.'],
  [
    'vllm:num_requests_waiting_by_reason',
    'gauge',
    "Number of waiting requests by reason. Reason labels: 'capacity' = waiting for scheduling capacity; 'deferred' = deferred by transient constraints (LoRA budget, KV transfer, blocked status). Sum of all reasons equals vllm:num_requests_waiting.",
  ],
  [
    'vllm:engine_sleep_state',
    'gauge',
    'Engine sleep state; awake = 0 means engine is sleeping; awake = 1 means engine is awake; weights_offloaded = 1 means sleep level 1; discard_all = 1 means sleep level 2.',
  ],
  ['vllm:kv_cache_usage_perc', 'gauge', 'KV-cache usage. 1 means 100 percent usage.'],
  [
    'vllm:prefix_cache_queries_total',
    'counter',
    'Prefix cache queries, in terms of number of queried tokens.',
  ],
  ['vllm:prefix_cache_hits_total', 'counter', 'Prefix cache hits, in terms of number of cached tokens.'],
  [
    'vllm:external_prefix_cache_queries_total',
    'counter',
    'External prefix cache queries from KV connector cross-instance cache sharing, in terms of number of queried tokens.',
  ],
  [
    'vllm:external_prefix_cache_hits_total',
    'counter',
    'External prefix cache hits from KV connector cross-instance cache sharing, in terms of number of cached tokens.',
  ],
  [
    'vllm:mm_cache_queries_total',
    'counter',
    'Multi-modal cache queries, in terms of number of queried items.',
  ],
  ['vllm:mm_cache_hits_total', 'counter', 'Multi-modal cache hits, in terms of number of cached items.'],
  ['vllm:num_preemptions_total', 'counter', 'Cumulative number of preemption from the engine.'],
  ['vllm:prompt_tokens_total', 'counter', 'Number of prefill tokens processed.'],
  ['vllm:prompt_tokens_by_source_total', 'counter', 'Number of prompt tokens by source.'],
  ['vllm:prompt_tokens_cached_total', 'counter', 'Number of cached prompt tokens (local + external).'],
  [
    'vllm:prompt_tokens_cached_by_source_total',
    'counter',
    'Prefix-cache hit tokens by the cache tier that supplied them: device (local HBM), host (offloaded to DRAM), disk, p2p (transferred from another vLLM instance) or external_unspecified. Counted at admission; sums to vllm:prefix_cache_hits + vllm:external_prefix_cache_hits.',
  ],
  ['vllm:generation_tokens_total', 'counter', 'Number of generation tokens processed.'],
  ['vllm:request_success_total', 'counter', 'Count of successfully processed requests.'],
  [
    'vllm:admission_rejections_total',
    'counter',
    'Number of admission attempts rejected by a queue limit, by reason.',
  ],
  ['vllm:request_prompt_tokens', 'histogram', 'Number of prefill tokens processed.'],
  ['vllm:request_generation_tokens', 'histogram', 'Number of generation tokens processed.'],
  ['vllm:iteration_tokens_total', 'histogram', 'Histogram of number of tokens per engine_step.'],
  [
    'vllm:request_max_num_generation_tokens',
    'histogram',
    'Histogram of maximum number of requested generation tokens.',
  ],
  ['vllm:request_params_n', 'histogram', 'Histogram of the n request parameter.'],
  ['vllm:request_params_max_tokens', 'histogram', 'Histogram of the max_tokens request parameter.'],
  ['vllm:time_to_first_token_seconds', 'histogram', 'Histogram of time to first token in seconds.'],
  ['vllm:inter_token_latency_seconds', 'histogram', 'Histogram of inter-token latency in seconds.'],
  [
    'vllm:request_time_per_output_token_seconds',
    'histogram',
    'Histogram of time_per_output_token_seconds per request.',
  ],
  ['vllm:e2e_request_latency_seconds', 'histogram', 'Histogram of e2e request latency in seconds.'],
  ['vllm:request_queue_time_seconds', 'histogram', 'Histogram of time spent in WAITING phase for request.'],
  [
    'vllm:request_inference_time_seconds',
    'histogram',
    'Histogram of time spent in RUNNING phase for request.',
  ],
  ['vllm:request_prefill_time_seconds', 'histogram', 'Histogram of time spent in PREFILL phase for request.'],
  ['vllm:request_decode_time_seconds', 'histogram', 'Histogram of time spent in DECODE phase for request.'],
  ['vllm:request_num_preemptions', 'histogram', 'Histogram of the number of times a request was preempted.'],
  [
    'vllm:request_prefill_kv_computed_tokens',
    'histogram',
    'Histogram of new KV tokens computed during prefill (excluding cached tokens).',
  ],
  ['vllm:cache_config_info', 'gauge', 'Information of the LLMEngine CacheConfig'],
  ['http_requests_total', 'counter', 'Total number of requests by method, status and handler.'],
  [
    'http_request_size_bytes',
    'summary',
    'Content length of incoming requests by handler. Only value of header is respected. Otherwise ignored. No percentile calculated. ',
  ],
  [
    'http_response_size_bytes',
    'summary',
    'Content length of outgoing responses by handler. Only value of header is respected. Otherwise ignored. No percentile calculated. ',
  ],
  [
    'http_request_duration_highr_seconds',
    'histogram',
    'Latency with many buckets but no API specific labels. Made for more accurate percentile calculations. ',
  ],
  [
    'http_request_duration_seconds',
    'histogram',
    'Latency with only few buckets by handler. Made to be only used if aggregation by handler is important. ',
  ],
];

export const VLLM_FAMILIES: readonly Family[] = TABLE.map(([name, type, help]) => ({ name, type, help }));
