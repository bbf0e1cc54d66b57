import type { EngineHistogramName, EngineValueName } from '../../model/reading';
import type { Page } from '../exposition-page';

/**
 * Spellings of `vllm:`, best first: Ray, KServe and colon-rewriting collectors change it. A page that has several has the same
 * series twice (OpenShift AI keeps `vllm:` and `kserve_vllm:`): the first that is present is read, the others are not.
 */
const PREFIXES = [
  'vllm:',
  'kserve_vllm:',
  'ray_vllm:',
  'ray_vllm_',
  'kserve_vllm_',
  'vllm_',
  'vllm.',
] as const;

/** Names that make a page a model server's; `vllm_` alone may be anybody's. */
const CORE = [
  'num_requests_running',
  'kv_cache_usage_perc',
  'gpu_cache_usage_perc',
  'prompt_tokens_total',
  'prompt_tokens',
];

/** The prefix in use, or null on a page without engine series. */
export function vllmPrefix(page: Page): string | null {
  return PREFIXES.find((prefix) => CORE.some((name) => page.has(prefix + name))) ?? null;
}

/** Python exposes `x_total`; old simulators and some rewriters `x`; a doubled suffix has been seen from collectors. */
function counter(...names: string[]): string[] {
  return names.flatMap((name) => [`${name}_total`, name, `${name}_total_total`]);
}

export interface ValueRule {
  /** Upstream names without prefix; the first present one holds, two are never added. */
  names: readonly string[];
  /** Over the data-parallel engines of the process. */
  over_engines: 'sum' | 'mean';
  kind: 'counter' | 'gauge';
}

/** Our name -> vLLM's, newest first. `kv_capacity_tokens` comes from labels: see `kvCache`. */
export const VALUE_RULES: Record<Exclude<EngineValueName, 'kv_capacity_tokens'>, ValueRule> = {
  prompt_tokens_total: { names: counter('prompt_tokens'), over_engines: 'sum', kind: 'counter' },
  // Since 0.16; not `prompt_tokens_by_source`, whose parts do not add up to the whole in 0.16-0.19.
  cached_prompt_tokens_total: {
    names: counter('prompt_tokens_cached'),
    over_engines: 'sum',
    kind: 'counter',
  },
  prefix_cache_queries_total: {
    names: counter('prefix_cache_queries', 'gpu_prefix_cache_queries'),
    over_engines: 'sum',
    kind: 'counter',
  },
  prefix_cache_hits_total: {
    names: counter('prefix_cache_hits', 'gpu_prefix_cache_hits'),
    over_engines: 'sum',
    kind: 'counter',
  },
  generation_tokens_total: { names: counter('generation_tokens'), over_engines: 'sum', kind: 'counter' },
  requests_running: { names: ['num_requests_running'], over_engines: 'sum', kind: 'gauge' },
  requests_waiting: { names: ['num_requests_waiting'], over_engines: 'sum', kind: 'gauge' },
  kv_cache_usage_ratio: {
    names: ['kv_cache_usage_perc', 'gpu_cache_usage_perc'],
    over_engines: 'mean',
    kind: 'gauge',
  },
  preemptions_total: { names: counter('num_preemptions'), over_engines: 'sum', kind: 'counter' },
  requests_finished_total: { names: counter('request_success'), over_engines: 'sum', kind: 'counter' },
};

export const HISTOGRAM_NAMES: Record<EngineHistogramName, readonly string[]> = {
  ttft_seconds: ['time_to_first_token_seconds'],
  itl_seconds: ['inter_token_latency_seconds', 'time_per_output_token_seconds'],
  e2e_seconds: ['e2e_request_latency_seconds'],
  queue_seconds: ['request_queue_time_seconds', 'time_in_queue_requests'],
};

/** What llm-d-inference-sim exposes only after its first event: absent means 0 there. It never tells preemptions or cached tokens. */
export const ZERO_IN_SIMULATOR: readonly EngineValueName[] = [
  'prompt_tokens_total',
  'prefix_cache_queries_total',
  'prefix_cache_hits_total',
  'generation_tokens_total',
  'requests_finished_total',
];

/** Newest first: the first rule whose names are all there (any spelling of a counter) names the generation. */
const GENERATIONS: readonly { words: string; names: readonly string[] }[] = [
  { words: 'vllm >0.20', names: ['prompt_tokens_cached_by_source_total'] },
  { words: 'vllm >=0.20', names: ['num_requests_waiting_by_reason'] },
  { words: 'vllm 0.17-0.19', names: ['prompt_tokens_recomputed_total', 'estimated_flops_per_gpu_total'] },
  { words: 'vllm 0.16', names: ['prompt_tokens_recomputed_total'] },
  { words: 'vllm >=0.16', names: ['prompt_tokens_cached_total'] },
  { words: 'vllm 0.13-0.15', names: ['request_prefill_kv_computed_tokens_count'] },
  { words: 'vllm 0.11.1-0.12', names: ['external_prefix_cache_queries_total'] },
  { words: 'vllm 0.11.0', names: ['request_time_per_output_token_seconds_count'] },
  { words: 'vllm 0.10.2', names: ['kv_cache_usage_perc', 'inter_token_latency_seconds_count'] },
  { words: 'vllm 0.9.2-0.10.1', names: ['kv_cache_usage_perc'] },
  { words: 'vllm V1 before 0.9.2', names: ['gpu_prefix_cache_queries_total'] },
  { words: 'vllm V0', names: ['gpu_cache_usage_perc'] },
];

/** Which vLLM this is, from which names are there, in words. */
export function vllmGeneration(page: Page, prefix: string): string {
  const has = (name: string) =>
    page.has(prefix + name) ||
    (name.endsWith('_total') && page.has(prefix + name.slice(0, -'_total'.length)));
  const words = GENERATIONS.find(({ names }) => names.every(has))?.words ?? 'vllm';
  // The Rust frontend has neither of these and always answers OpenMetrics.
  const rust =
    page.format === 'openmetrics' && !has('cache_config_info') && !has('iteration_tokens_total_count');
  return rust ? `${words} (Rust frontend)` : words;
}
