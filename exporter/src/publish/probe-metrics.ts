import { Counter, Histogram, type Registry } from 'prom-client';
import type { ProbeRecord } from '../model/record';
import { turnClass } from '../model/record';
import { CATALOGUE, LATENCY_BUCKETS, type MetricName } from './catalogue';
import { registryFor } from './page';

/**
 * The metrics that grow with every probe. They live as long as the process; only targets that are configured have series.
 * Conversation and request ids appear as exemplars only, so that labels stay bounded.
 */
export class ProbeMetrics {
  /** OpenMetrics, as prom-client allows exemplars only there; pages in both formats are made from it. */
  readonly registry = registryFor('openmetrics');
  private readonly ttft = this.histogram('taillight_probe_ttft_seconds', true);
  private readonly e2e = this.histogram('taillight_probe_e2e_seconds', true);
  private readonly itl = this.histogram('taillight_probe_itl_seconds', false);
  private readonly tpot = this.histogram('taillight_probe_tpot_seconds', false);
  private readonly lag = this.histogram('taillight_probe_send_lag_seconds', false);
  private readonly requests = this.counter('taillight_probe_requests_total');
  private readonly promptTokens = this.counter('taillight_probe_prompt_tokens_total');
  private readonly cachedTokens = this.counter('taillight_probe_cached_tokens_total');
  private readonly completionTokens = this.counter('taillight_probe_completion_tokens_total');
  private readonly sloMisses = this.counter('taillight_probe_slo_misses_total');
  private readonly skipped = this.counter('taillight_probe_skipped_conversations_total');
  private readonly writeErrors = this.counter('taillight_results_write_errors_total');

  /** Seconds per target, of those to which something is promised. */
  private promised: ReadonlyMap<string, number> = new Map();

  private histogram(name: MetricName, enableExemplars: boolean): Histogram {
    const { help, labels } = CATALOGUE[name];
    return new Histogram({
      name,
      help,
      labelNames: labels,
      buckets: LATENCY_BUCKETS,
      registers: [this.registry as Registry],
      enableExemplars,
    });
  }

  private counter(name: MetricName): Counter {
    const { help, labels } = CATALOGUE[name];
    return new Counter({ name, help, labelNames: labels, registers: [this.registry as Registry] });
  }

  /** Counts one request; `gaps_ms` are its gaps between token-bearing events. Warm-up requests are not counted. */
  record(record: ProbeRecord, gaps_ms: readonly number[]): void {
    if (record.warmup) return;
    const { target } = record;
    const labels = { target, turn: turnClass(record.turn) };
    this.requests.inc({ ...labels, outcome: record.outcome });
    const promised = this.promised.get(target);
    if (promised !== undefined && isMiss(record, promised)) this.sloMisses.inc(labels);
    this.lag.observe({ target }, Math.max(0, record.sent_ms - record.intended_ms) / 1000);
    if (record.outcome !== 'ok') return;
    const exemplarLabels = { conversation: record.conversation, turn: String(record.turn) };
    if (record.ttft_ms !== null) {
      this.ttft.observe({ labels, value: record.ttft_ms / 1000, exemplarLabels });
    }
    if (record.e2e_ms !== null) this.e2e.observe({ labels, value: record.e2e_ms / 1000, exemplarLabels });
    if (record.tpot_ms !== null) this.tpot.observe(labels, record.tpot_ms / 1000);
    for (const gap of gaps_ms) this.itl.observe(labels, gap / 1000);
    if (record.prompt_tokens !== null) this.promptTokens.inc(labels, record.prompt_tokens);
    if (record.cached_tokens !== null) this.cachedTokens.inc(labels, record.cached_tokens);
    if (record.completion_tokens !== null) this.completionTokens.inc(labels, record.completion_tokens);
  }

  /** Sets within how many seconds each target is to answer. Their counters stand at 0 before the first miss, so that it shows. */
  promise(ttft_seconds: ReadonlyMap<string, number>): void {
    this.promised = ttft_seconds;
    forget(this.sloMisses, (target) => !ttft_seconds.has(target));
    for (const target of ttft_seconds.keys()) {
      for (const turn of ['first', 'later']) this.sloMisses.inc({ target, turn }, 0);
    }
  }

  skip(target: string, reason: string): void {
    this.skipped.inc({ target, reason });
  }

  writeError(): void {
    this.writeErrors.inc();
  }

  /** Forgets the series of targets that are no longer configured. */
  keepTargets(targets: ReadonlySet<string>): void {
    const all = [
      this.ttft,
      this.e2e,
      this.itl,
      this.tpot,
      this.lag,
      this.requests,
      this.promptTokens,
      this.cachedTokens,
      this.completionTokens,
      this.sloMisses,
      this.skipped,
    ];
    for (const metric of all) forget(metric, (target) => !targets.has(target));
  }
}

/** Answered too late, or not at all. */
function isMiss({ outcome, ttft_ms }: ProbeRecord, promised_seconds: number): boolean {
  return outcome !== 'ok' || ttft_ms === null || ttft_ms > promised_seconds * 1000;
}

/** Removes the series of the targets that are chosen; prom-client itself only removes by all labels. */
function forget(metric: Counter | Histogram, chosen: (target: string) => boolean): void {
  const { hashMap } = metric as unknown as { hashMap: Record<string, { labels: { target?: string } }> };
  for (const [key, { labels }] of Object.entries(hashMap)) {
    if (labels.target !== undefined && chosen(labels.target)) delete hashMap[key];
  }
}
