import { failure, input, record, records } from '../../../test/stats/workload';
import { compareNow } from '../compare/comparison';
import { CAVEAT_REASONS } from '../model/caveat';
import type { Comparison } from '../model/comparison';
import { comparisonRows } from './rows-comparison';

/** The value of the row with exactly these labels, undefined when there is none. */
function valueOf(rows: ReturnType<typeof comparisonRows>, metric: string, labels: Record<string, string>) {
  const key = (own: Record<string, string>) => JSON.stringify(Object.entries(own).sort());
  return rows.find((row) => row.metric === metric && key(row.labels) === key(labels))?.value;
}

const quicker = compareNow(input({}, { records: records('llm-d', { later_ms: 100 }) }));
const rows = comparisonRows(quicker);
const [pair] = quicker.comparisons;

test('percentiles bear their interval by `bound`, under the number of the quantile', () => {
  const p95 = quicker.targets[0]!.ttft_seconds.later.p95!;
  const labels = { target: 'vllm', turn: 'later', quantile: '0.95' };
  for (const bound of ['estimate', 'lower', 'upper'] as const) {
    expect(valueOf(rows, 'taillight_comparison_ttft_seconds', { ...labels, bound })).toBe(p95[bound]);
  }
});

test('ratios and verdicts stand under the candidate', () => {
  const labels = { target: 'llm-d', turn: 'later', quantile: '0.5' };
  const ratio = pair!.ratios.find(
    ({ metric, turn, quantile }) => metric === 'ttft' && turn === 'later' && quantile === 'p50',
  );
  expect(ratio?.verdict).toBe('faster');
  expect(valueOf(rows, 'taillight_comparison_ttft_ratio', { ...labels, bound: 'estimate' })).toBe(
    ratio?.estimate,
  );
  const verdict = (name: string) =>
    valueOf(rows, 'taillight_comparison_verdict', { ...labels, metric: 'ttft', verdict: name });
  expect(['faster', 'slower', 'no_difference_shown', 'too_few', 'not_comparable'].map(verdict)).toEqual([
    1, 0, 0, 0, 0,
  ]);
  const against = /^taillight_comparison_(ttft_ratio|verdict)$/;
  const targets = rows.filter(({ metric }) => against.test(metric)).map(({ labels: { target } }) => target);
  expect(new Set(targets)).toEqual(new Set(['llm-d']));
});

test('every caveat has a row for every target: 1 while it holds, else 0', () => {
  const shed = records('llm-d').map((one, index) => ({
    ...one,
    ...(index % 5 === 0 && failure('http_503')),
  }));
  const told = comparisonRows(compareNow(input({}, { records: shed }))).filter(
    ({ metric }) => metric === 'taillight_comparison_caveat',
  );
  expect(told).toHaveLength(2 * CAVEAT_REASONS.length);
  const value = (target: string, reason: string) =>
    valueOf(told, 'taillight_comparison_caveat', { target, reason });
  expect([value('llm-d', 'shed_load'), value('vllm', 'shed_load'), value('llm-d', 'warm_cache')]).toEqual([
    1, 0, 0,
  ]);
});

test('a target that never answered has counts of zero, and no percentile, window or median', () => {
  const nothing = comparisonRows(compareNow(input({ records: [] }, { records: [] })));
  expect(valueOf(nothing, 'taillight_comparison_samples', { target: 'vllm', turn: 'all' })).toBe(0);
  expect([...new Set(nothing.map(({ metric }) => metric))].sort()).toEqual([
    'taillight_comparison_caveat',
    'taillight_comparison_conversations',
    'taillight_comparison_samples',
    'taillight_comparison_verdict',
  ]);
  expect(nothing.every(({ value }) => Number.isFinite(value))).toBe(true);
});

test('medians by turn end at turn 32, so that the number of series is bounded', () => {
  const long = Array.from({ length: 40 }, (_, index) => record('vllm', 'c1', index + 1));
  const turns = comparisonRows(compareNow(input({ records: long })))
    .filter(
      ({ metric, labels: { target } }) =>
        metric === 'taillight_comparison_turn_ttft_seconds' && target === 'vllm',
    )
    .map(({ labels }) => Number(labels['turn_number']));
  expect([turns.length, Math.max(...turns)]).toEqual([32, 32]);
});

test('a caveat of the pair as a whole is told of its candidate', () => {
  const comparison: Comparison = {
    ...quicker,
    comparisons: [
      { ...pair!, caveats: [{ reason: 'unpaired', target: null, text: 'No common conversation' }] },
    ],
  };
  const labels = { reason: 'unpaired' };
  const told = comparisonRows(comparison);
  expect(valueOf(told, 'taillight_comparison_caveat', { ...labels, target: 'llm-d' })).toBe(1);
  expect(valueOf(told, 'taillight_comparison_caveat', { ...labels, target: 'vllm' })).toBe(0);
});
