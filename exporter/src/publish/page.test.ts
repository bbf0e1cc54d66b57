import { ProbeMetrics } from './probe-metrics';
import { printPage, registryFor, type HistogramRow, type Row } from './page';
import { processRows } from './rows-process';

const up = (replica: string, value: number): Row => ({
  metric: 'taillight_replica_up',
  labels: { target: 'vllm', replica },
  value,
});
const print = (format: 'text' | 'openmetrics', rows: Row[], histograms: HistogramRow[] = []) =>
  printPage(format, registryFor('openmetrics'), rows, histograms);
const samples = (page: string) => page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('rows of one metric stand together under one declaration, in the order of the catalogue', async () => {
  const info: Row = { metric: 'taillight_target_up', labels: { target: 'vllm' }, value: 1 };
  expect(await print('text', [up('a', 1), info, up('b', 0)])).toBe(
    [
      '# HELP taillight_target_up 1 when the target answered its latest probe or check, else 0.',
      '# TYPE taillight_target_up gauge',
      'taillight_target_up{target="vllm"} 1',
      '',
      '# HELP taillight_replica_up 1 when the replica is ready and its latest scrape succeeded, else 0.',
      '# TYPE taillight_replica_up gauge',
      'taillight_replica_up{target="vllm",replica="a"} 1',
      'taillight_replica_up{target="vllm",replica="b"} 0',
      '',
    ].join('\n'),
  );
});

test('a series that is given twice is printed once: readers would refuse the whole page', async () => {
  const page = await print('text', [up('a', 1), up('a', 0), up('b', 1)]);
  expect(samples(page)).toEqual([
    'taillight_replica_up{target="vllm",replica="a"} 1',
    'taillight_replica_up{target="vllm",replica="b"} 1',
  ]);
});

test('label values are escaped', async () => {
  expect(samples(await print('text', [up('a"b\\c\nd', 1)]))).toEqual([
    'taillight_replica_up{target="vllm",replica="a\\"b\\\\c\\nd"} 1',
  ]);
});

test('nothing remembers a row: the next page has only what is true then', async () => {
  const registry = registryFor('openmetrics');
  await printPage('text', registry, [up('gone', 1)], []);
  expect(samples(await printPage('text', registry, [up('new', 1)], []))).toEqual([
    'taillight_replica_up{target="vllm",replica="new"} 1',
  ]);
});

test('an upstream histogram is printed with its own buckets and +Inf', async () => {
  const histogram: HistogramRow = {
    metric: 'taillight_replica_ttft_seconds',
    labels: { target: 'vllm', replica: 'a' },
    buckets: [
      { le: 0.25, count: 1 },
      { le: Infinity, count: 3 },
    ],
    count: 3,
    sum: 4.5,
  };
  const labels = 'target="vllm",replica="a"';
  expect(samples(await print('openmetrics', [], [histogram]))).toEqual([
    `taillight_replica_ttft_seconds_bucket{${labels},le="0.25"} 1`,
    `taillight_replica_ttft_seconds_bucket{${labels},le="+Inf"} 3`,
    `taillight_replica_ttft_seconds_sum{${labels}} 4.5`,
    `taillight_replica_ttft_seconds_count{${labels}} 3`,
  ]);
});

test('a mirrored counter is named as each format wants', async () => {
  const row: Row = {
    metric: 'taillight_replica_preemptions_total',
    labels: { target: 'vllm', replica: 'a' },
    value: 2,
  };
  const sample = 'taillight_replica_preemptions_total{target="vllm",replica="a"} 2';
  const [text, open] = [await print('text', [row]), await print('openmetrics', [row])];
  expect([samples(text), samples(open)]).toEqual([[sample], [sample]]);
  expect(text).toContain('# TYPE taillight_replica_preemptions_total counter\n');
  expect(open).toContain('# TYPE taillight_replica_preemptions counter\n');
});

test('gauges by quantile have no type, in the words of each format', async () => {
  const labels = { target: 'vllm', turn: 'all', quantile: '0.5', bound: 'estimate' };
  const row: Row = { metric: 'taillight_comparison_ttft_seconds', labels, value: 0.5 };
  expect(await print('text', [row])).toContain('# TYPE taillight_comparison_ttft_seconds untyped\n');
  expect(await print('openmetrics', [row])).toContain('# TYPE taillight_comparison_ttft_seconds unknown\n');
});

test('the process tells of itself; an event-loop delay that was never measured is not there', async () => {
  const facts = { version: '1.2.3', config_ok: false, event_loop_delay: null };
  const page = await printPage('text', new ProbeMetrics().registry, processRows(facts), []);
  expect(samples(page)).toEqual(
    expect.arrayContaining([
      'taillight_config_last_reload_successful 0',
      `taillight_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
      'taillight_results_write_errors_total 0',
    ]),
  );
  expect(page).not.toContain('event_loop_delay');
  const start = (text: string) => /^process_start_time_seconds (\S+)$/m.exec(text)?.[1];
  const later = await printPage('text', new ProbeMetrics().registry, processRows(facts), []);
  expect(start(page)).toMatch(/^\d+(\.\d+)?$/);
  expect(start(later)).toBe(start(page));
  const measured = { ...facts, event_loop_delay: { p50_seconds: 0.001, p99_seconds: 0.02 } };
  expect(samples(await print('text', processRows(measured)))).toEqual(
    expect.arrayContaining([
      'taillight_event_loop_delay_seconds{quantile="0.5"} 0.001',
      'taillight_event_loop_delay_seconds{quantile="0.99"} 0.02',
    ]),
  );
});
