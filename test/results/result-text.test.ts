import { compareNow } from '../../exporter/src/compare/comparison';
import type { Comparison, HitRate, TargetSummary } from '../../exporter/src/model/comparison';
import { plotData } from '../../exporter/src/plots/input';
import { ratioForest } from '../../exporter/src/plots/ratio-forest';
import { ratioRows, ratioTitle } from '../../exporter/src/report/text-report';
import { worseName } from '../../exporter/src/report/worse';
import { resultReadme, resultText } from '../../exporter/src/results/result-text';
import { failure, input, records } from '../stats/workload';

const OF_BOTH = 'Ratios are of the requests that both sides answered.';

const context = (comparison: Comparison) => ({ comparison, unread: [], sources: [] });
const both = (comparison: Comparison) => [resultText(context(comparison)), resultReadme(context(comparison))];
const forest = (comparison: Comparison) => JSON.stringify(ratioForest(plotData({ comparison, series: [] })));

const plain = () => compareNow(input());

/** As of another tool's summaries. */
function summaries(): Comparison {
  const { comparisons, ...rest } = plain();
  const pairs = comparisons.map((pair) => ({
    ...pair,
    method: 'unpaired' as const,
    conversations: 0,
    ratios: pair.ratios.map((one) => ({ ...one, lower: null, upper: null })),
  }));
  return { ...rest, comparisons: pairs };
}

const withHitRates = (...rates: (Partial<HitRate> | null)[]): Comparison => {
  const comparison = plain();
  const blank = {
    measured: null,
    source: null,
    from_probes: null,
    expected_random: null,
    expected_sticky: null,
  };
  const targets = comparison.targets.map((one, index): TargetSummary => {
    const rate = rates[index] ?? null;
    return { ...one, hit_rate: rate === null ? null : { ...blank, ...rate } };
  });
  return { ...comparison, targets };
};

const rowOf = (text: string, label: string) =>
  text
    .split('\n')
    .find((line) => line.trim().startsWith(label))
    ?.trim()
    .split(/\s{2,}/);

test('where the sides answered other requests it is said once what the ratios are of', () => {
  const failing = records('llm-d').map((one, index) =>
    index % 5 === 0 ? { ...one, ...failure('http_503') } : one,
  );
  const comparison = compareNow(input({}, { records: failing }));
  for (const text of both(comparison)) expect(text.split(OF_BOTH)).toHaveLength(2);
  expect(forest(comparison)).toContain(`conversations. ${OF_BOTH}`);
});

test('where both answered the same requests, or none are matched, nothing is said of it', () => {
  for (const text of [...both(plain()), forest(plain()), ...both(summaries()), forest(summaries())])
    expect(text).not.toContain(OF_BOTH);
});

test('summaries have no interval and no conversations to speak of', () => {
  const comparison = summaries();
  const pair = comparison.comparisons[0]!;
  for (const text of [...both(comparison), forest(comparison), ratioTitle(pair)])
    expect(text).not.toMatch(/\b0 (conversations|units)/);
  expect(ratioTitle(pair)).toBe('Ratios llm-d / vllm (below 1 is better):');
  for (const [, cell] of ratioRows(pair)) expect(cell).toMatch(/^\d+\.\d\d$/);
  expect(ratioRows(plain().comparisons[0]!)[0]![1]).toMatch(/^\d\.\d\d \(\d\.\d\d–\d\.\d\d\)$/);
});

test('the hit rate has a row where a side has one: the measured one, else that of the requests', () => {
  const [text] = both(withHitRates({ measured: 0.8, from_probes: 0.1 }, { from_probes: 0.5 }));
  expect(rowOf(text!, 'Cache hit rate')).toEqual(['Cache hit rate', '80.0 %', '50.0 % (of these requests)']);
  const [half] = both(withHitRates(null, { measured: 0.25 }));
  expect(rowOf(half!, 'Cache hit rate')).toEqual(['Cache hit rate', '–', '25.0 %']);
  expect(both(withHitRates(null, null)).join()).not.toContain('Cache hit rate');
});

test('what got worse has names of words', () => {
  const named = (metric: string) => worseName({ metric, turn: 'all', quantile: 'p50' });
  expect(named('generation')).toBe('generation time all turns P50');
  expect(named('token_rate')).toBe('tokens per second of one answer all turns P50');
  expect(named('ttft')).toBe('TTFT all turns P50');
});
