import type { ProbeRecord } from '../model/record';
import { LATENCY_BUCKETS } from './catalogue';
import { printPage } from './page';
import { ProbeMetrics } from './probe-metrics';

const record = (overrides: Partial<ProbeRecord> = {}): ProbeRecord => ({
  request_id: 'r/vllm/c1/2',
  run: 'r',
  target: 'vllm',
  conversation: 'c1',
  round: 0,
  turn: 2,
  intended_ms: 1000,
  sent_ms: 1020,
  ttft_ms: 300,
  e2e_ms: 1500,
  tpot_ms: 20,
  itl_ms: { p50: 20, p95: 30, max: 40, count: 3 },
  prompt_tokens: 7000,
  cached_tokens: 6000,
  completion_tokens: 64,
  outcome: 'ok',
  http_status: 200,
  ...overrides,
});

async function lines(metrics: ProbeMetrics, format: 'text' | 'openmetrics' = 'text'): Promise<string[]> {
  return (await printPage(format, metrics.registry, [], [])).split('\n');
}

test('there are 53 buckets from 10 ms to 131 s, each 1.2 times the last', () => {
  expect(LATENCY_BUCKETS).toHaveLength(53);
  expect(LATENCY_BUCKETS[0]).toBe(0.01);
  expect(LATENCY_BUCKETS[52]).toBe(131.046);
});

test('one answered request is counted, timed in seconds and its gaps are spread over the buckets', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record(), [10, 20, 40]);
  const page = await lines(metrics);
  expect(page).toEqual(
    expect.arrayContaining([
      'taillight_probe_requests_total{target="vllm",turn="later",outcome="ok"} 1',
      'taillight_probe_ttft_seconds_bucket{le="0.266233",target="vllm",turn="later"} 0',
      'taillight_probe_ttft_seconds_bucket{le="0.31948",target="vllm",turn="later"} 1',
      'taillight_probe_ttft_seconds_sum{target="vllm",turn="later"} 0.3',
      'taillight_probe_itl_seconds_count{target="vllm",turn="later"} 3',
      'taillight_probe_itl_seconds_bucket{le="0.01",target="vllm",turn="later"} 1',
      'taillight_probe_send_lag_seconds_sum{target="vllm"} 0.02',
      'taillight_probe_prompt_tokens_total{target="vllm",turn="later"} 7000',
      'taillight_probe_cached_tokens_total{target="vllm",turn="later"} 6000',
    ]),
  );
});

test('a failed request counts by outcome and has no latency', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record({ outcome: 'http_503', ttft_ms: null, e2e_ms: null, tpot_ms: null }), []);
  const page = (await lines(metrics)).join('\n');
  expect(page).toContain('taillight_probe_requests_total{target="vllm",turn="later",outcome="http_503"} 1');
  expect(page).not.toContain('taillight_probe_ttft_seconds_count');
});

test('unknown cached tokens are not counted as zero', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record({ cached_tokens: null }), []);
  expect((await lines(metrics)).join('\n')).not.toContain('taillight_probe_cached_tokens_total{');
});

test('warm-up requests are not counted', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record({ warmup: true }), [10]);
  expect((await lines(metrics)).join('\n')).not.toContain('target="vllm"');
});

test('the conversation is an exemplar in OpenMetrics and nowhere in the text page', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record(), []);
  const open = await lines(metrics, 'openmetrics');
  const bucket = open.find((line) => line.startsWith('taillight_probe_ttft_seconds_bucket{le="0.31948"'));
  expect(bucket).toMatch(/ 1 # \{conversation="c1",turn="2"\} 0\.3 \d+/);
  expect((await lines(metrics)).join('\n')).not.toContain('c1');
});

test('counters keep their _total on the text page after an OpenMetrics page was printed', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record(), []);
  const open = await lines(metrics, 'openmetrics');
  expect(open).toContain('# TYPE taillight_probe_requests counter');
  expect(open).toContain('taillight_probe_requests_total{target="vllm",turn="later",outcome="ok"} 1');
  const text = await lines(metrics);
  expect(text).toContain('# TYPE taillight_probe_requests_total counter');
  expect(text).toContain('taillight_probe_requests_total{target="vllm",turn="later",outcome="ok"} 1');
});

test('a target that is configured no more takes its series with it', async () => {
  const metrics = new ProbeMetrics();
  metrics.record(record(), [10]);
  metrics.record(record({ target: 'llm-d' }), [10]);
  metrics.skip('vllm', 'down');
  metrics.keepTargets(new Set(['llm-d']));
  const page = (await lines(metrics)).join('\n');
  expect(page).not.toContain('target="vllm"');
  expect(page).toContain('taillight_probe_ttft_seconds_count{target="llm-d",turn="later"} 1');
});

describe('what is promised', () => {
  const misses = async (metrics: ProbeMetrics) =>
    (await lines(metrics)).filter((line) => line.startsWith('taillight_probe_slo_misses_total{'));

  test('stands at zero before the first miss, and only for targets to which it is', async () => {
    const metrics = new ProbeMetrics();
    metrics.promise(new Map([['llm-d', 0.5]]));
    metrics.record(record({ ttft_ms: 9000 }), []);
    expect(await misses(metrics)).toEqual([
      'taillight_probe_slo_misses_total{target="llm-d",turn="first"} 0',
      'taillight_probe_slo_misses_total{target="llm-d",turn="later"} 0',
    ]);
  });

  test('is missed by a late answer and by none at all, at the exact threshold; warm-up does not count', async () => {
    const metrics = new ProbeMetrics();
    metrics.promise(new Map([['vllm', 0.3]]));
    metrics.record(record({ ttft_ms: 300 }), []);
    metrics.record(record({ ttft_ms: 300.001 }), []);
    metrics.record(record({ ttft_ms: 10, outcome: 'stream_cut' }), []);
    metrics.record(record({ turn: 1, ttft_ms: null, outcome: 'timeout' }), []);
    metrics.record(record({ ttft_ms: 900, warmup: true }), []);
    expect(await misses(metrics)).toEqual([
      'taillight_probe_slo_misses_total{target="vllm",turn="first"} 1',
      'taillight_probe_slo_misses_total{target="vllm",turn="later"} 2',
    ]);
  });

  test('can be changed and taken back while counting goes on', async () => {
    const metrics = new ProbeMetrics();
    metrics.promise(new Map([['vllm', 0.1]]));
    metrics.record(record(), []);
    metrics.promise(new Map([['vllm', 1]]));
    metrics.record(record(), []);
    expect((await misses(metrics))[1]).toBe('taillight_probe_slo_misses_total{target="vllm",turn="later"} 1');
    metrics.promise(new Map());
    metrics.record(record({ outcome: 'timeout' }), []);
    expect(await misses(metrics)).toEqual([]);
  });
});
