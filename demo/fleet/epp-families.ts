import type { Family, FamilyType } from './vllm-families';

/** The families of an endpoint picker's page (llm-d-router 0.10) that the simulated one has: names, types and HELP as recorded. */
const TABLE: readonly [string, FamilyType, string][] = [
  [
    'llm_d_epp_average_kv_cache_utilization',
    'gauge',
    '[ALPHA] The average kv cache utilization for an inference server pool.',
  ],
  [
    'llm_d_epp_average_queue_size',
    'gauge',
    '[ALPHA] The average number of requests pending in the model server queue.',
  ],
  [
    'llm_d_epp_average_running_requests',
    'gauge',
    '[ALPHA] The average number of running requests across model servers in the pool.',
  ],
  ['llm_d_epp_info', 'gauge', '[ALPHA] General information of the current build of Inference Extension.'],
  [
    'llm_d_epp_per_endpoint_queue_size',
    'gauge',
    '[ALPHA] The total number of requests pending in the model server queue for each underlying endpoint.',
  ],
  [
    'llm_d_epp_prefix_indexer_hit_bytes',
    'histogram',
    '[ALPHA] Length of the prefix match in number of bytes in the cache lookup.',
  ],
  [
    'llm_d_epp_prefix_indexer_hit_ratio',
    'histogram',
    '[ALPHA] Ratio of prefix length matched to total prefix length in the cache lookup.',
  ],
  ['llm_d_epp_prefix_indexer_size', 'gauge', '[ALPHA] Size of the prefix indexer.'],
  [
    'llm_d_epp_ready_endpoints',
    'gauge',
    '[ALPHA] The number of ready endpoints in the inference server pool.',
  ],
  [
    'llm_d_epp_request_cached_tokens',
    'histogram',
    '[ALPHA] Distribution of prompt tokens read from cache per request, as reported by the model server in the response.',
  ],
  [
    'llm_d_epp_request_duration_seconds',
    'histogram',
    '[ALPHA] End-to-end request latency distribution in seconds.',
  ],
  ['llm_d_epp_request_error_total', 'counter', '[ALPHA] Total number of request errors.'],
  ['llm_d_epp_request_input_tokens', 'histogram', '[ALPHA] Input token count distribution per request.'],
  [
    'llm_d_epp_request_ntpot_seconds',
    'histogram',
    '[ALPHA] Normalized time per output token in seconds (end-to-end latency divided by output token count).',
  ],
  ['llm_d_epp_request_output_tokens', 'histogram', '[ALPHA] Output token count distribution per request.'],
  [
    'llm_d_epp_request_processing_duration_seconds',
    'histogram',
    '[ALPHA] EPP request processing latency distribution in seconds, from request receipt until the request body has been handled, including admission control.',
  ],
  ['llm_d_epp_request_running', 'gauge', '[ALPHA] Current number of active running requests.'],
  ['llm_d_epp_request_size_bytes', 'histogram', '[ALPHA] Incoming request body size distribution in bytes.'],
  [
    'llm_d_epp_request_streaming_itl_seconds',
    'histogram',
    '[ALPHA] Inter-token latency in seconds for streaming requests, measured as the time between consecutive response body chunks.',
  ],
  [
    'llm_d_epp_request_streaming_tpot_seconds',
    'histogram',
    '[ALPHA] Average time per output token in seconds for streaming requests, computed as (e2e - TTFT) / (output_tokens - 1).',
  ],
  ['llm_d_epp_request_total', 'counter', '[ALPHA] Total number of processed requests.'],
  [
    'llm_d_epp_request_ttft_seconds',
    'histogram',
    '[ALPHA] Time to first token in seconds, measured from request received to first response byte. For non-streaming requests, this equals total request duration.',
  ],
  [
    'llm_d_epp_response_size_bytes',
    'histogram',
    '[ALPHA] Outgoing response body size distribution in bytes.',
  ],
  ['llm_d_epp_scheduler_attempts_total', 'counter', '[ALPHA] Total number of scheduling attempts.'],
  [
    'llm_d_epp_scheduler_e2e_duration_seconds',
    'histogram',
    '[ALPHA] End-to-end scheduling latency distribution in seconds.',
  ],
  [
    'llm_d_epp_std_dev_kv_cache_utilization',
    'gauge',
    '[ALPHA] The standard deviation kv cache utilization for an inference server pool.',
  ],
  [
    'llm_d_epp_std_dev_queue_size',
    'gauge',
    '[ALPHA] The standard deviation number of requests pending in the model server queue.',
  ],
  [
    'llm_d_epp_std_dev_running_requests',
    'gauge',
    '[ALPHA] The standard deviation number of running requests across model servers in the pool.',
  ],
];

export const EPP_FAMILIES: readonly Family[] = TABLE.map(([name, type, help]) => ({ name, type, help }));
