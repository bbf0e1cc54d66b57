import type { Child, Labels } from './exposition';
import { MetricFamily, renderPage } from './exposition';
import { EPP_FAMILIES } from './epp-families';
import type { Replica, ReplicaLoad } from './replica';

const DURATION = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60, 120,
  180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
];
/** 32778 is what the original says. */
const TOKENS = [
  1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32778, 65536, 131072, 262144, 524288,
  1048576,
];
const powersOfTwo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));

const BUCKETS: Record<string, readonly number[]> = {
  prefix_indexer_hit_bytes: [0, ...powersOfTwo(4, 16)],
  prefix_indexer_hit_ratio: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  request_cached_tokens: TOKENS,
  request_input_tokens: TOKENS,
  request_output_tokens: TOKENS.slice(0, 12),
  request_duration_seconds: DURATION,
  request_ttft_seconds: DURATION.slice(0, 24),
  request_ntpot_seconds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
  request_processing_duration_seconds: [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ],
  request_size_bytes: powersOfTwo(6, 30),
  response_size_bytes: TOKENS.slice(0, 15),
  request_streaming_itl_seconds: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2,
  ],
  request_streaming_tpot_seconds: [
    0.0005, 0.00205, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1,
    2,
  ],
  scheduler_e2e_duration_seconds: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
};

const PRODUCER = { plugin_name: 'approx-prefix-cache-producer', plugin_type: 'approx-prefix-cache-producer' };
/** An endpoint's tokens are about four characters; the index counts bytes. */
const BYTES_PER_TOKEN = 4;

/** How one exchange went, as the endpoint picker sees it pass. Seconds. */
export interface Passed {
  streaming: boolean;
  ttft: number | null;
  duration: number;
  requestBytes: number;
  responseBytes: number;
  usage: { input: number; output: number; cached: number | null } | null;
}

/** The metrics page of the endpoint picker, by its current names. */
export class EppMetrics {
  private readonly families = new Map<string, MetricFamily>();
  private readonly flow: Labels;
  private readonly pool: Labels;
  private readonly running: Child;

  constructor(
    private readonly model: string,
    pool: string,
    private readonly namespace: string,
  ) {
    for (const family of EPP_FAMILIES) {
      const bounds = BUCKETS[family.name.slice('llm_d_epp_'.length)] ?? null;
      this.families.set(family.name, new MetricFamily(family, bounds));
    }
    this.flow = { fairness_id: 'default-flow', model_name: model, priority: '0', target_model_name: model };
    this.pool = { name: pool };
    this.child('info', { build_ref: 'v0.10.0', commit: 'simulated' }).value = 1;
    this.running = this.child('request_running', this.flow);
  }

  /** A request that the picker refuses itself: an error, but none of `request_total`. */
  refused(errorCode: string): void {
    this.child('request_error_total', { ...this.flow, error_code: errorCode }).value++;
  }

  schedulingFailed(): void {
    const labels = {
      endpoint_name: '',
      namespace: '',
      port: '',
      status: 'failure',
      target_model_name: this.model,
    };
    this.child('scheduler_attempts_total', labels).value++;
  }

  scheduled(
    chosen: Replica,
    seconds: number,
    matchedBlocks: number,
    blocks: number,
    blockSize: number,
  ): void {
    this.child('scheduler_attempts_total', {
      endpoint_name: chosen.name,
      namespace: this.namespace,
      port: String(chosen.port),
      status: 'success',
      target_model_name: this.model,
    }).value++;
    this.child('scheduler_e2e_duration_seconds', {}).observe(seconds);
    this.child('request_processing_duration_seconds', {}).observe(seconds);
    this.child('prefix_indexer_hit_ratio', PRODUCER).observe(blocks === 0 ? 0 : matchedBlocks / blocks);
    this.child('prefix_indexer_hit_bytes', PRODUCER).observe(matchedBlocks * blockSize * BYTES_PER_TOKEN);
    this.child('request_total', this.flow).value++;
    this.running.value++;
  }

  chunkGap(seconds: number): void {
    this.child('request_streaming_itl_seconds', this.flow).observe(seconds);
  }

  left(): void {
    this.running.value--;
  }

  passed(exchange: Passed): void {
    const { ttft, duration, usage, streaming } = exchange;
    const observe = (name: string, value: number) => this.child(name, this.flow).observe(value);
    observe('request_duration_seconds', duration);
    observe('request_size_bytes', exchange.requestBytes);
    observe('response_size_bytes', exchange.responseBytes);
    if (ttft !== null) {
      this.child('request_ttft_seconds', {
        fairness_id: 'default-flow',
        model_name: this.model,
        priority: '0',
        streaming: String(streaming),
        target_model_name: this.model,
      }).observe(ttft);
    }
    if (usage === null) return;
    observe('request_input_tokens', usage.input);
    observe('request_output_tokens', usage.output);
    if (usage.cached !== null) observe('request_cached_tokens', usage.cached);
    if (usage.output > 0) observe('request_ntpot_seconds', duration / usage.output);
    if (streaming && ttft !== null && usage.output > 1) {
      observe('request_streaming_tpot_seconds', (duration - ttft) / (usage.output - 1));
    }
  }

  /** The pool gauges: refreshed every few seconds only, averages rounded to two digits, as in the original. */
  refreshPool(ready: readonly Replica[], loads: ReadonlyMap<Replica, ReplicaLoad>, indexSize: number): void {
    const seen = ready.map((replica) => loads.get(replica)).filter((load) => load !== undefined);
    const set = (name: string, value: number) => (this.child(name, this.pool).value = value);
    set('ready_endpoints', ready.length);
    for (const [mean, deviation, of] of [
      ['average_kv_cache_utilization', 'std_dev_kv_cache_utilization', (load: ReplicaLoad) => load.kvUsage],
      ['average_queue_size', 'std_dev_queue_size', (load: ReplicaLoad) => load.waiting],
      ['average_running_requests', 'std_dev_running_requests', (load: ReplicaLoad) => load.running],
    ] as const) {
      const values = seen.map(of);
      set(mean, round2(average(values)));
      set(deviation, round2(standardDeviation(values)));
    }
    this.family('per_endpoint_queue_size').clear();
    for (const replica of ready) {
      this.child('per_endpoint_queue_size', {
        model_server_endpoint: replica.name,
        name: this.pool['name'] ?? '',
      }).value = loads.get(replica)?.waiting ?? 0;
    }
    this.child('prefix_indexer_size', PRODUCER).value = indexSize;
  }

  render(): string {
    return renderPage([...this.families.values()], 'go');
  }

  private child(name: string, labels: Labels): Child {
    return this.family(name).child(labels);
  }

  private family(name: string): MetricFamily {
    const family = this.families.get(`llm_d_epp_${name}`);
    if (family === undefined) throw new Error(`no such metric family: ${name}`);
    return family;
  }
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardDeviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
