import type { EngineReading, EngineValues, GpuReading } from '../../exporter/src/model/reading';

const UNTOLD: EngineValues = {
  prompt_tokens_total: null,
  cached_prompt_tokens_total: null,
  prefix_cache_queries_total: null,
  prefix_cache_hits_total: null,
  generation_tokens_total: null,
  requests_running: null,
  requests_waiting: null,
  kv_cache_usage_ratio: null,
  preemptions_total: null,
  requests_finished_total: null,
  kv_capacity_tokens: null,
};

/** An invented reading: `values` over a page that tells nothing else. */
export function engineReading(
  values: Partial<EngineValues>,
  rest: Partial<Omit<EngineReading, 'values'>> = {},
): EngineReading {
  return {
    model: 'tiny',
    engine_generation: 'vllm >=0.20',
    finished_by_reason: {},
    histograms: { ttft_seconds: null, itl_seconds: null, e2e_seconds: null, queue_seconds: null },
    block_size: null,
    process_start_time_seconds: null,
    aliases: {},
    missing: [],
    ...rest,
    values: { ...UNTOLD, ...values },
  };
}

export function gpuReading(overrides: Partial<GpuReading>): GpuReading {
  return {
    gpu: '0',
    uuid: null,
    model: 'H200',
    host: 'node-1',
    pod: null,
    namespace: null,
    utilization_ratio: null,
    utilization_source: null,
    memory_used_bytes: null,
    memory_total_bytes: null,
    power_watts: null,
    ...overrides,
  };
}
