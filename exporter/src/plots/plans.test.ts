import { failingInput, levelsInput, summaryInput, turnsInput } from '../../../test/plots/inputs';
import { failure } from '../../../test/stats/workload';
import type { TimedRecord } from '../model/record';
import { axesOf, plotData, pooledNotes, type PlotInput } from './input';
import { latencyComparison } from './latency-comparison';
import type { Plan } from './plot';
import { levelPlaces, qpsComparison } from './qps-comparison';
import { ratioForest } from './ratio-forest';
import { throughputComparison } from './throughput-comparison';
import { ttftByTurn } from './ttft-by-turn';
import { ttftEcdf } from './ttft-ecdf';

const planned = (plan: Plan) => {
  if ('skipped' in plan) throw new Error(plan.skipped);
  return plan;
};

const skipped = (plan: Plan) => ('skipped' in plan ? plan.skipped : null);

/** All rows of data in a specification that have a field. */
function rowsWith(plan: Plan, field: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  JSON.stringify(planned(plan).spec, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && field in value)
      found.push(value as Record<string, unknown>);
    return value;
  });
  return found;
}

const silenced = (input: PlotInput): PlotInput => ({
  ...input,
  series: input.series.map((one) => ({
    ...one,
    records: one.records.map((record) => ({ ...record, ...failure('timeout') })),
  })),
});

describe('data', () => {
  test('the baseline comes first, warm-up and levels of one side only are left out', () => {
    const input = levelsInput();
    const [first] = input.series;
    const warm = (first!.records as TimedRecord[]).map((one) => ({ ...one, warmup: true as const }));
    const data = plotData({
      comparison: { ...input.comparison, targets: [...input.comparison.targets].reverse() },
      series: [...input.series, { ...first!, records: warm }, { ...first!, level: 99 }],
    });
    expect(data.targets.map(({ name }) => name)).toEqual(['vllm', 'llm-d']);
    expect(data.records('vllm', null)).toHaveLength(270);
    expect(data.records('llm-d', data.levels[2]!)).toHaveLength(60);
  });

  test('workloads with the same levels stay apart', () => {
    const [one, other] = [levelsInput('sharegpt'), levelsInput('short_input')];
    const data = plotData({
      comparison: { ...one.comparison, levels: [...one.comparison.levels!, ...other.comparison.levels!] },
      series: [
        ...one.series,
        ...other.series.map((series) => ({ ...series, records: series.records.slice(0, 20) })),
      ],
    });
    expect(axesOf(data).map(({ suffix, levels }) => [suffix, levels.length])).toEqual([
      [', sharegpt', 3],
      [', short_input', 3],
    ]);
    expect(data.levels.map(({ name }) => name)).toContain('short_input 0.5 QPS');
    expect(data.levels.map((level) => data.records('vllm', level).length)).toEqual([90, 90, 90, 20, 20, 20]);
    expect(pooledNotes(data)).toEqual(
      ['sharegpt', 'short_input'].map(
        (workload) =>
          `llm-d is not comparable at 4 QPS (${workload}): one side lacks requests that the other has.`,
      ),
    );
    for (const plan of [latencyComparison, throughputComparison, qpsComparison, ratioForest])
      expect(JSON.stringify(planned(plan(data)).spec)).toContain(', short_input');
  });
});

describe('reasons not to draw', () => {
  test('no levels, one level, only summaries, no answers, one turn', () => {
    const levels = levelsInput();
    const one = plotData({
      ...levels,
      comparison: { ...levels.comparison, levels: levels.comparison.levels!.slice(0, 1) },
    });
    const silent = plotData(silenced(turnsInput()));
    expect([
      skipped(qpsComparison(plotData(turnsInput()))),
      skipped(qpsComparison(one)),
      skipped(latencyComparison(plotData(summaryInput()))),
      skipped(ttftEcdf(plotData(summaryInput()))),
      skipped(latencyComparison(silent)),
      skipped(ttftEcdf(silent)),
      skipped(ttftByTurn(silent)),
      skipped(ttftByTurn(plotData(levels))),
    ]).toEqual([
      'the result has no load levels',
      'there is only one load level, 0.5 QPS',
      'only summaries are known, not single requests',
      'only summaries are known, not single requests',
      'no request was answered',
      'no request was answered',
      'no request was answered',
      'all requests are of the same turn, or the result does not tell turns',
    ]);
  });

  test('no ratio, no wall time', () => {
    const { comparison, series } = turnsInput();
    const bare = plotData({
      comparison: {
        ...comparison,
        targets: comparison.targets.map((one) => ({
          ...one,
          requests_per_second: null,
          output_tokens_per_second: null,
        })),
        comparisons: comparison.comparisons.map((pair) => ({ ...pair, ratios: [] })),
      },
      series,
    });
    expect(skipped(throughputComparison(bare))).toBe('no wall time is known to divide by');
    expect(skipped(ratioForest(bare))).toMatch(/^no ratio is known/);
  });
});

describe('plans', () => {
  test('medians by turn come with their interval and n', () => {
    const rows = rowsWith(ttftByTurn(plotData(turnsInput())), 'p50').filter(({ turn }) => turn === 3);
    const own = rows.find(({ target }) => target === 'llm-d')!;
    const { comparison } = turnsInput();
    const told = comparison.targets[1]!.ttft_by_turn_seconds[2]!;
    expect([own['n'], own['p50']]).toEqual([told.n, told.p50]);
    expect(own['low']).toBeLessThan(told.p50);
    expect(own['high']).toBeGreaterThan(told.p50);
  });

  test('by-turn medians of summaries have no band', () => {
    const { comparison } = turnsInput();
    const plan = planned(ttftByTurn(plotData({ comparison, series: [] })));
    expect(plan.text.subtitle).not.toContain('bands');
    expect(JSON.stringify(plan.spec)).not.toContain('"area"');
  });

  test('the tail has the same axis in all its panels', () => {
    const plan = planned(ttftEcdf(plotData(turnsInput())));
    const floors = new Set(JSON.stringify(plan.spec).match(/"domain":\[[\d.e-]+,1\],"nice":false/g));
    expect(floors.size).toBe(1);
  });

  test('a percentile beyond which no request lies is not marked; one with too few is hollow', () => {
    const marks = rowsWith(ttftEcdf(plotData(turnsInput())), 'hollow');
    const of = (text: string) => marks.filter(({ says }) => String(says).startsWith(text));
    expect(of('vllm, first turns: P99')).toHaveLength(0);
    expect(of('vllm, first turns: P95').every(({ hollow }) => hollow === true)).toBe(true);
    expect(of('vllm, later turns: P95').every(({ hollow }) => hollow === false)).toBe(true);
  });

  test('failed requests count as never answered', () => {
    const marks = rowsWith(ttftEcdf(plotData(failingInput())), 'waiting');
    const p95 = marks.find(({ says }) => String(says).startsWith('llm-d, later turns: P95'))!;
    const { series } = failingInput();
    const later = series[1]!.records.filter(({ turn }) => turn > 1);
    const share = later.filter(({ outcome }) => outcome === 'ok').length / later.length;
    expect(p95['answered']).toBeCloseTo(0.95 * share, 12);
  });

  test('a pair without intervals shows its estimates alone', () => {
    const { comparison } = turnsInput();
    const pairs = comparison.comparisons.map((pair) => ({
      ...pair,
      ratios: pair.ratios.map((one) => ({
        ...one,
        lower: null,
        upper: null,
        verdict: 'not_comparable' as const,
      })),
    }));
    const rows = rowsWith(
      ratioForest(plotData({ comparison: { ...comparison, comparisons: pairs }, series: [] })),
      'figures',
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.every(({ figures }) => /^[\d.]+$/.test(String(figures)))).toBe(true);
  });

  test('levels stand on the axis that keeps them further apart', () => {
    expect(levelPlaces([1, 2, 3])).toEqual([0, 0.5, 1]);
    const [, second] = levelPlaces([1, 10, 100]);
    expect(second).toBeCloseTo(0.5, 12);
  });
});
