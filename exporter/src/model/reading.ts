/**
 * What one `/metrics` page says, in our words. Adapters make these from exposition text; windows and `inspect` use them.
 * `null` means that the page does not tell.
 */

export type Source = 'vllm' | 'epp' | 'dcgm' | 'amd' | 'unknown';

/** Counters and gauges of one model-server process; data-parallel engines are summed (KV use is averaged). */
export interface EngineValues {
  prompt_tokens_total: number | null;
  cached_prompt_tokens_total: number | null;
  prefix_cache_queries_total: number | null;
  prefix_cache_hits_total: number | null;
  generation_tokens_total: number | null;
  requests_running: number | null;
  requests_waiting: number | null;
  /** 0..1 */
  kv_cache_usage_ratio: number | null;
  preemptions_total: number | null;
  /** Sum over the reasons. */
  requests_finished_total: number | null;
  /** Summed over engines. */
  kv_capacity_tokens: number | null;
}

export type EngineValueName = keyof EngineValues;

/** Cumulative classic histogram; `buckets` ascend in `le`, the last is Infinity. */
export interface HistogramReading {
  buckets: { le: number; count: number }[];
  count: number;
  sum: number;
}

export const ENGINE_HISTOGRAMS = ['ttft_seconds', 'itl_seconds', 'e2e_seconds', 'queue_seconds'] as const;
export type EngineHistogramName = (typeof ENGINE_HISTOGRAMS)[number];

/** One model-server page. */
export interface EngineReading {
  model: string | null;
  /** In words, e.g. `vllm >=0.20` or `llm-d-inference-sim`: from which names are present. */
  engine_generation: string | null;
  values: EngineValues;
  finished_by_reason: Record<string, number>;
  histograms: Record<EngineHistogramName, HistogramReading | null>;
  /** Tokens per KV block, where told. */
  block_size: number | null;
  /** Unix seconds; a change is a restart. */
  process_start_time_seconds: number | null;
  /** Our name -> upstream name used. */
  aliases: Record<string, string>;
  /** Our names that the page does not tell. */
  missing: string[];
}

/** One physical GPU, or one MIG slice. */
export interface GpuReading {
  gpu: string;
  uuid: string | null;
  model: string | null;
  host: string | null;
  pod: string | null;
  namespace: string | null;
  /** 0..1 */
  utilization_ratio: number | null;
  /** Upstream metric that `utilization_ratio` comes from. */
  utilization_source: string | null;
  memory_used_bytes: number | null;
  memory_total_bytes: number | null;
  power_watts: number | null;
}

/** One page of an llm-d endpoint picker. */
export interface RouterReading {
  ready_endpoints: number | null;
  requests_total: number | null;
  queue_size: number | null;
  requests_running: number | null;
  /** Endpoint (pod) name -> times chosen. */
  decisions_by_endpoint: Record<string, number>;
  /** Which family of names: `llm_d_epp`, `inference_extension`, `llm_d_router_epp`, `inference_model`. */
  generation: string | null;
  version: string | null;
  /** 0..1: delivered hit rate as the router sees it, from cached and input tokens; null where it does not tell. */
  cached_tokens_total: number | null;
  input_tokens_total: number | null;
  process_start_time_seconds: number | null;
}

/** Everything read from one page; the parts that its source does not have are null or empty. */
export interface PageReading {
  format: 'text' | 'openmetrics';
  samples: number;
  source: Source;
  engine: EngineReading | null;
  gpus: GpuReading[];
  router: RouterReading | null;
  aliases: Record<string, string>;
  missing: string[];
  /** What a person should know about this page, one sentence each. */
  notes?: string[];
}
