import type { EngineObserver, FinishReason, Sequence } from './engine';
import type { Child, Labels } from './exposition';
import { MetricFamily, renderPage } from './exposition';
import { VLLM_FAMILIES } from './vllm-families';

const TTFT = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
  2560,
];
const TOKEN_GAP = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const REQUEST_TIME = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];
const ITERATION_TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];
const HIGH_RESOLUTION = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 7.5, 10, 30, 60,
];

/** vLLM's 1-2-5 series up to the longest possible request. */
export function tokenBuckets(maxModelLength: number): number[] {
  const bounds: number[] = [];
  for (let decade = 1; ; decade *= 10) {
    for (const digit of [1, 2, 5]) {
      if (digit * decade > maxModelLength) return bounds;
      bounds.push(digit * decade);
    }
  }
}

function bucketsOf(name: string, maxModelLength: number): readonly number[] | null {
  switch (name) {
    case 'vllm:time_to_first_token_seconds':
      return TTFT;
    case 'vllm:inter_token_latency_seconds':
    case 'vllm:request_time_per_output_token_seconds':
      return TOKEN_GAP;
    case 'vllm:iteration_tokens_total':
      return ITERATION_TOKENS;
    case 'vllm:request_params_n':
      return [1, 2, 5, 10, 20];
    case 'vllm:request_num_preemptions':
      return [1, 2, 3, 4, 5, 10, 20];
    case 'http_request_duration_highr_seconds':
      return HIGH_RESOLUTION;
    case 'http_request_duration_seconds':
      return [0.1, 0.5, 1];
    default:
      return name.endsWith('_seconds') ? REQUEST_TIME : tokenBuckets(maxModelLength);
  }
}

export interface VllmMetricsSettings {
  model: string;
  block_size: number;
  blocks: number;
  max_model_len: number;
}

export interface HttpObservation {
  handler: string;
  method: string;
  status: number;
  seconds: number;
  requestBytes: number;
  /** 0 while streaming: only the header `content-length` is respected, as in the original. */
  responseBytes: number;
}

const FINISH_REASONS: readonly FinishReason[] = ['stop', 'length', 'abort', 'error', 'repetition'];
const REJECTIONS = ['max_num_queued_reqs', 'max_num_queued_tokens'] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** Gauges that only the replica knows, read when the page is written. */
export interface LiveValues {
  running: number;
  waiting: number;
  kvUsage: number;
}

/** All metrics of one vLLM process; a restart makes a new one. */
export class VllmMetrics implements EngineObserver {
  private readonly families = new Map<string, MetricFamily>();
  private readonly base: Labels;
  private readonly started = Date.now() / 1000;
  private readonly gap: Child;
  private readonly generationTokens: Child;
  private readonly iterationTokens: Child;

  constructor(private readonly settings: VllmMetricsSettings) {
    this.base = { engine: '0', model_name: settings.model };
    for (const family of VLLM_FAMILIES) {
      const bounds = family.type === 'histogram' ? bucketsOf(family.name, settings.max_model_len) : null;
      this.families.set(family.name, new MetricFamily(family, bounds));
    }
    this.createAtZero();
    this.gap = this.engine('inter_token_latency_seconds');
    this.generationTokens = this.engine('generation_tokens_total');
    this.iterationTokens = this.engine('iteration_tokens_total');
  }

  admitted(queried: number, hits: number): void {
    this.engine('prefix_cache_queries_total').value += queried;
    this.engine('prefix_cache_hits_total').value += hits;
    this.by('prompt_tokens_cached_by_source_total', 'source', 'device').value += hits;
  }

  firstToken(sequence: Sequence): void {
    const tokens = sequence.request.prompt.length;
    const cached = sequence.cachedTokens ?? 0;
    this.engine('prompt_tokens_total').value += tokens;
    this.engine('prompt_tokens_cached_total').value += cached;
    this.by('prompt_tokens_by_source_total', 'source', 'local_compute').value += tokens - cached;
    this.by('prompt_tokens_by_source_total', 'source', 'local_cache_hit').value += cached;
    this.engine('time_to_first_token_seconds').observe(sequence.times.firstToken - sequence.times.arrived);
  }

  laterToken(gapSeconds: number): void {
    this.gap.observe(gapSeconds);
  }

  stepped(computedPromptTokens: number, generatedTokens: number): void {
    this.generationTokens.value += generatedTokens;
    this.iterationTokens.observe(computedPromptTokens + generatedTokens);
  }

  preempted(): void {
    this.engine('num_preemptions_total').value++;
  }

  finished(sequence: Sequence): void {
    const { times, request, generated } = sequence;
    const prompt = request.prompt.length;
    const decode = times.lastToken - times.firstToken;
    const observations: [string, number][] = [
      ['request_prompt_tokens', prompt],
      ['request_generation_tokens', generated],
      ['request_max_num_generation_tokens', generated],
      ['request_params_n', 1],
      ['request_time_per_output_token_seconds', generated > 1 ? decode / (generated - 1) : 0],
      ['e2e_request_latency_seconds', times.lastToken - times.arrived],
      ['request_queue_time_seconds', times.scheduled - times.queued],
      ['request_inference_time_seconds', times.lastToken - times.scheduled],
      ['request_prefill_time_seconds', times.firstToken - times.scheduled],
      ['request_decode_time_seconds', decode],
      ['request_num_preemptions', sequence.preemptions],
      ['request_prefill_kv_computed_tokens', prompt - (sequence.cachedTokens ?? 0)],
    ];
    for (const [name, value] of observations) this.engine(name).observe(value);
  }

  /** What the API process knows of a finished request: its reason and the `max_tokens` that it asked for. */
  completed(reason: FinishReason, maxTokens: number): void {
    this.by('request_success_total', 'finished_reason', reason).value++;
    this.engine('request_params_max_tokens').observe(maxTokens);
  }

  rejected(reason: Rejection): void {
    this.rejection(reason).value++;
  }

  answered(seen: HttpObservation): void {
    const { handler, method } = seen;
    this.family('http_requests_total').child({
      handler,
      method,
      status: `${Math.floor(seen.status / 100)}xx`,
    }).value++;
    for (const [name, bytes] of [
      ['http_request_size_bytes', seen.requestBytes],
      ['http_response_size_bytes', seen.responseBytes],
    ] as const) {
      const child = this.family(name).child({ handler });
      child.count++;
      child.value += bytes;
    }
    this.family('http_request_duration_highr_seconds').child({}).observe(seen.seconds);
    this.family('http_request_duration_seconds').child({ handler, method }).observe(seen.seconds);
  }

  /** The page as vLLM writes it. */
  render(live: LiveValues): string {
    this.engine('num_requests_running').value = live.running;
    this.engine('num_requests_waiting').value = live.waiting;
    this.by('num_requests_waiting_by_reason', 'reason', 'capacity').value = live.waiting;
    this.engine('kv_cache_usage_perc').value = live.kvUsage;
    const { user, system } = process.cpuUsage();
    this.family('process_cpu_seconds_total').child({}).value = Math.round((user + system) / 1e4) / 100;
    this.family('process_resident_memory_bytes').child({}).value = process.memoryUsage.rss();
    return renderPage([...this.families.values()], 'python');
  }

  /** vLLM's counters exist from the start: an absent series would be a different thing from a zero. */
  private createAtZero(): void {
    const perEngine = (family: MetricFamily) => family.child(this.base);
    for (const [name, family] of this.families) {
      if (name.startsWith('vllm:')) this.createEngineSeries(name, family, perEngine);
    }
    this.by('engine_sleep_state', 'sleep_state', 'awake').value = 1;
    this.family('vllm:cache_config_info').child(this.cacheConfig()).value = 1;
    this.family('http_request_duration_highr_seconds').child({});
    for (const name of [
      'python_gc_objects_collected_total',
      'python_gc_objects_uncollectable_total',
      'python_gc_collections_total',
    ]) {
      for (const generation of ['0', '1', '2']) this.family(name).child({ generation });
    }
    this.family('python_info').child({
      implementation: 'CPython',
      major: '3',
      minor: '12',
      patchlevel: '1',
      version: '3.12.1',
    }).value = 1;
    const process: [string, number][] = [
      ['process_virtual_memory_bytes', 4.535345152e9],
      ['process_resident_memory_bytes', 0],
      ['process_start_time_seconds', Math.round(this.started * 100) / 100],
      ['process_cpu_seconds_total', 0],
      ['process_open_fds', 34],
      ['process_max_fds', 20000],
    ];
    for (const [name, value] of process) this.family(name).child({}).value = value;
  }

  private createEngineSeries(
    name: string,
    family: MetricFamily,
    perEngine: (family: MetricFamily) => Child,
  ): void {
    const labelled: Record<string, [string, readonly string[]]> = {
      'vllm:num_requests_waiting_by_reason': ['reason', ['capacity', 'deferred']],
      'vllm:engine_sleep_state': ['sleep_state', ['awake', 'weights_offloaded', 'discard_all']],
      'vllm:prompt_tokens_by_source_total': [
        'source',
        ['local_compute', 'local_cache_hit', 'external_kv_transfer'],
      ],
      'vllm:prompt_tokens_cached_by_source_total': [
        'source',
        ['device', 'host', 'p2p', 'disk', 'external_unspecified'],
      ],
      'vllm:request_success_total': ['finished_reason', FINISH_REASONS],
    };
    if (name === 'vllm:cache_config_info') return;
    if (name === 'vllm:admission_rejections_total') {
      for (const reason of REJECTIONS) this.rejection(reason);
      return;
    }
    const labels = labelled[name];
    if (labels === undefined) perEngine(family);
    else for (const value of labels[1]) this.by(name.slice('vllm:'.length), labels[0], value);
  }

  private cacheConfig(): Labels {
    const { block_size, blocks, max_model_len } = this.settings;
    const size = block_size * blocks;
    return {
      _block_size_resolved: 'True',
      block_size: String(block_size),
      cache_dtype: 'auto',
      cache_hit_alignment_tokens: 'None',
      effective_attention_block_size: String(block_size),
      enable_mamba_shared_prefix_checkpoint: 'False',
      enable_prefix_caching: 'True',
      engine: '0',
      gpu_memory_utilization: '0.92',
      hash_block_size: 'None',
      is_attention_free: 'False',
      kv_cache_dtype_skip_layers: '[]',
      kv_cache_layout: 'None',
      kv_cache_max_concurrency: String(Math.round((size / max_model_len) * 1000) / 1000),
      kv_cache_memory_bytes: String(size * 8192),
      kv_cache_size_tokens: String(size),
      kv_offloading_backend: 'native',
      kv_offloading_size: 'None',
      kv_sharing_fast_prefill: 'False',
      mamba_block_size: 'None',
      mamba_cache_dtype: 'auto',
      mamba_cache_mode: 'none',
      mamba_page_size_padded: 'None',
      mamba_ssm_cache_dtype: 'float32',
      num_cpu_blocks: 'None',
      num_gpu_blocks: String(blocks),
      num_gpu_blocks_override: String(blocks),
      prefix_cache_retention_interval: '0',
      prefix_caching_hash_algo: 'sha256',
      prefix_match_unit: 'None',
      replayssm_buffer_len: '16',
      skip_page_size_padded: 'None',
      sliding_window: 'None',
      swa_bounded_replay: 'True',
      use_kda_recoverssm: 'False',
      use_replayssm: 'False',
      user_specified_block_size: 'False',
    };
  }

  private engine(name: string): Child {
    return this.family(`vllm:${name}`).child(this.base);
  }

  private by(name: string, label: string, value: string): Child {
    return this.family(`vllm:${name}`).child({ ...this.base, [label]: value });
  }

  private rejection(reason: Rejection): Child {
    return this.family('vllm:admission_rejections_total').child({ model_name: this.settings.model, reason });
  }

  private family(name: string): MetricFamily {
    const family = this.families.get(name);
    if (family === undefined) throw new Error(`no such metric family: ${name}`);
    return family;
  }
}
