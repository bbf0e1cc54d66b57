import { LiveHistory, MAX_POINTS } from './live-history';
import type { Row } from './page';

const METRIC = 'taillight_comparison_ttft_seconds';
const row = (target: string, value: number, quantile = '0.95'): Row => ({
  metric: METRIC,
  labels: { target, quantile },
  value,
});

describe('the past of a metric', () => {
  test('is a line per set of labels, with a gap where a comparison had no such value', () => {
    const history = new LiveHistory(METRIC, 300);
    history.add(10_000, [row('vllm', 0.5)]);
    history.add(20_000, [row('vllm', 0.6), row('llm-d', 0.2)]);
    history.add(30_000, [row('llm-d', 0.3)]);
    expect(history.series({})).toEqual([
      {
        name: METRIC,
        labels: { target: 'vllm', quantile: '0.95' },
        times: [10_000, 20_000, 30_000],
        values: [0.5, 0.6, null],
      },
      {
        name: METRIC,
        labels: { target: 'llm-d', quantile: '0.95' },
        times: [10_000, 20_000, 30_000],
        values: [null, 0.2, 0.3],
      },
    ]);
  });

  test('knows a line again whatever the order of its labels', () => {
    const history = new LiveHistory(METRIC, 300);
    history.add(10_000, [{ metric: METRIC, labels: { a: '1', b: '2' }, value: 1 }]);
    history.add(20_000, [{ metric: METRIC, labels: { b: '2', a: '1' }, value: 2 }]);
    expect(history.series({}).map(({ values }) => values)).toEqual([[1, 2]]);
  });

  test('gives the lines with the asked labels only, and passes over other metrics', () => {
    const history = new LiveHistory(METRIC, 300);
    history.add(10_000, [
      row('vllm', 0.5),
      row('vllm', 0.9, '0.99'),
      { metric: 'taillight_target_up', labels: { target: 'vllm', quantile: '0.99' }, value: 1 },
    ]);
    expect(history.series({ quantile: '0.99' }).map(({ values }) => values)).toEqual([[0.9]]);
    expect(history.series({ quantile: '0.5' })).toEqual([]);
  });

  test('forgets what is older than the window, and lines that have nothing left in it', () => {
    const history = new LiveHistory(METRIC, 60);
    history.add(0, [row('vllm', 0.5), row('gone', 1)]);
    history.add(50_000, [row('vllm', 0.6)]);
    history.add(70_000, [row('vllm', 0.7)]);
    expect(history.series({})).toEqual([
      { name: METRIC, labels: row('vllm', 0).labels, times: [50_000, 70_000], values: [0.6, 0.7] },
    ]);
  });

  test('never holds more points than a screen can show, however often there is a comparison', () => {
    const history = new LiveHistory(METRIC, 600);
    for (let at = 0; at < 1_200_000; at += 100) history.add(at, [row('vllm', at)]);
    expect(history.points).toBeLessThanOrEqual(MAX_POINTS + 2);
    expect(history.points).toBeGreaterThan(MAX_POINTS / 2);
    const { times, values } = history.series({})[0]!;
    expect(times.at(-1)).toBe(1_199_900);
    expect(values.at(-1)).toBe(1_199_900);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('a clock that is set back leaves no point in the future', () => {
    const history = new LiveHistory(METRIC, 300);
    history.add(100_000, [row('vllm', 0.5)]);
    history.add(200_000, [row('vllm', 0.6)]);
    history.add(150_000, [row('vllm', 0.7)]);
    expect(history.series({})[0]).toMatchObject({ times: [100_000, 150_000], values: [0.5, 0.7] });
  });

  test('is told with six digits', () => {
    const history = new LiveHistory(METRIC, 300);
    history.add(0, [row('vllm', 0.123456789)]);
    expect(history.series({})[0]!.values).toEqual([0.123457]);
  });
});
