import type { Comparison, PairComparison } from '../../exporter/src/model/comparison';
import type { Distribution, ResultPart, SummaryStatistics } from '../../exporter/src/model/result';
import { plotData } from '../../exporter/src/plots/input';
import { ratioForest } from '../../exporter/src/plots/ratio-forest';
import { summaryRatios, summaryTarget } from '../../exporter/src/results/summary-target';

const distribution = (n: number | null, p99: number): Distribution => ({
  n,
  mean: null,
  min: null,
  max: null,
  p50: p99 / 2,
  p90: null,
  p95: null,
  p99,
});

/** One run of 250 answers that tells n of its TTFT alone. */
function run(p99: number, ok = 250): ResultPart {
  const summary: SummaryStatistics = {
    ok,
    failed: 0,
    latencies: {
      ttft: { all: distribution(ok, p99) },
      e2e: {},
      tpot: {},
      itl: { all: distribution(null, p99) },
    },
    ttft_by_turn: [],
    requests_per_second: null,
    output_tokens_per_second: null,
    prompt_tokens: null,
    completion_tokens: null,
  };
  return { summary, model: null, engine: { name: null, version: null } } as ResultPart;
}

test('the n of a percentile is that of one run, whether or not the tool tells it', () => {
  const target = summaryTarget('vllm', 'baseline', [run(1), run(2), run(3)]);
  expect(target.samples.all).toBe(750);
  expect(target.ttft_seconds.all.p99).toEqual({ estimate: 2, lower: null, upper: null, n: 250 });
  expect(target.itl_seconds.all.p99).toEqual({ estimate: 2, lower: null, upper: null, n: 250 });
});

test('n is a whole number also between two runs', () => {
  expect(summaryTarget('vllm', 'baseline', [run(1, 249), run(2, 250)]).itl_seconds.all.p99?.n).toBe(249);
});

test('the forest of ratios tells the same n of a metric wherever it stands', () => {
  const [before, after] = (['baseline', 'candidate'] as const).map((role) =>
    summaryTarget(role, role, [run(1), run(2), run(3)]),
  );
  const pair: PairComparison = {
    baseline: 'baseline',
    candidate: 'candidate',
    method: 'unpaired',
    conversations: 0,
    ratios: summaryRatios(before!, after!),
    worse: [],
    caveats: [],
  };
  const both = { targets: [before!, after!], comparisons: [pair] };
  const comparison: Comparison = {
    schema: 'taillight.comparison/1',
    generated: '',
    baseline: 'baseline',
    ...both,
    levels: [{ level: 5.5, unit: 'qps', ...both }],
  };
  const drawn = JSON.stringify(ratioForest(plotData({ comparison, series: [] })));
  expect(drawn).toContain('TTFT P50 by QPS');
  expect(new Set(drawn.match(/n = [^"]+/g))).toEqual(new Set(['n = 250 + 250']));
});
