import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE } from '../../exporter/src/publish/catalogue';
import {
  MIRRORED_COUNTERS,
  MIRRORED_FINISHED,
  MIRRORED_GAUGES,
  MIRRORED_HISTOGRAMS,
} from '../../exporter/src/scrape/mirror';
import { dashboardQueries, interpolate, type DashboardQuery } from '../support/dashboard-queries';
import { Expression, metricOf } from './promql-lint';

/** What the expressions of the dashboards are made of, held against the catalogue. */

const CHOICES = { baseline: 'vllm', candidate: 'llm-d', turn: 'later', target: 'vllm', replica: 'vllm-0' };

const queries = dashboardQueries();
const COMPARISON_PANEL = 1;
/** Every query but those of the comparison panel, which are the plugin's own. */
const ours = queries.filter(({ panel }) => panel !== COMPARISON_PANEL);

const trees = new Map(
  queries.map((query) => [query, new Expression(interpolate(query.expr, CHOICES, query.step))]),
);
const read = (query: DashboardQuery) => trees.get(query)!;

/** One line per finding, so that a failure shows all of them. */
const findings = (list: readonly DashboardQuery[], find: (expression: Expression) => string[]) =>
  list.flatMap((query) => find(read(query)).map((what) => `${query.name}: ${what}`));

test('every expression parses', () => {
  expect(findings(queries, (expression) => (expression.parses() ? [] : [expression.text]))).toEqual([]);
});

test('only metrics of the catalogue are used', () => {
  const unknown = (expression: Expression) =>
    expression.selectors().flatMap(({ metric }) => {
      if (metric === null) return ['a selector without a name'];
      return metricOf(metric) === null ? [metric] : [];
    });
  expect(findings(ours, unknown)).toEqual([]);
});

test('the comparison panel asks for metrics that exist, by pattern or by name', () => {
  const patterns = queries
    .filter(({ panel }) => panel === COMPARISON_PANEL)
    .flatMap((query) => read(query).selectors())
    .flatMap(({ metric, matchers }) => metric ?? matchers.find(({ label }) => label === '__name__')!.value)
    .flatMap((pattern) => pattern.split(/\|(?![^(]*\))/));
  expect(patterns.length).toBeGreaterThan(8);
  const names = Object.keys(CATALOGUE);
  const idle = patterns.filter((pattern) => !names.some((name) => new RegExp(`^(?:${pattern})$`).test(name)));
  expect(idle).toEqual([]);
});

test('labels in selectors and groupings are labels of the metric', () => {
  const unknown = (expression: Expression) => [
    ...expression
      .selectors()
      .flatMap(({ metric, matchers }) =>
        matchers
          .filter(({ label }) => !(metricOf(metric ?? '')?.labels.includes(label) ?? false))
          .map(({ label }) => `${metric} has no label ${label}`),
      ),
    ...expression
      .groupings()
      .flatMap(({ labels, selectors }) =>
        labels
          .filter((label) => !selectors.some(({ metric }) => metricOf(metric ?? '')?.labels.includes(label)))
          .map((label) => `by (${label}) is of none of ${selectors.map(({ metric }) => metric).join(', ')}`),
      ),
  ];
  expect(findings(ours, unknown)).toEqual([]);
});

test('what counts stands in rate or increase, what does not never does', () => {
  const misused = (expression: Expression) =>
    expression.selectors().flatMap(({ metric, rangeFunction }) => {
      const counted = ['rate', 'increase'].includes(rangeFunction ?? '');
      return metricOf(metric ?? '')?.counts === counted
        ? []
        : [`${metric} in ${rangeFunction ?? 'no function'}`];
    });
  expect(findings(ours, misused)).toEqual([]);
});

test('rates span what Grafana finds right for the zoom, never a fixed time', () => {
  const fixed = ours.filter(({ expr }) => /\b(rate|increase)\([^)]*\[(?!\$__rate_interval\])/.test(expr));
  expect(fixed.map(({ name }) => name)).toEqual([]);
});

test('quantiles are taken of buckets that were added first, over everything but the grouping', () => {
  const wrong = (expression: Expression) =>
    expression
      .quantiles()
      .filter(({ aggregation, by }) => aggregation !== 'sum' || !by.includes('le'))
      .map(() => expression.text);
  expect(findings(queries, wrong)).toEqual([]);
  expect(ours.filter((query) => read(query).quantiles().length > 0).length).toBeGreaterThan(40);
});

test('ratios divide rates by rates or values by values', () => {
  const mixed = (expression: Expression) =>
    expression
      .divisions()
      .filter(([above, below]) => above !== null && below !== null && above !== below)
      .map(() => expression.text);
  expect(findings(ours, mixed)).toEqual([]);
});

test('nothing stands in for data that are not there', () => {
  expect(
    queries.filter(({ expr }) => /\b(vector|absent|scalar)\b/.test(expr)).map(({ name }) => name),
  ).toEqual([]);
});

test('answers have the labels that their legends name, and no others: one line, one legend', () => {
  const wrong = ours
    .filter(({ kind, legend }) => kind === 'panel' && legend !== null)
    .flatMap((query) => {
      const named = [...query.legend!.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      const expression = read(query);
      const labels = expression.labels();
      if (labels === null) return [`${query.name}: not aggregated`];
      // What is pinned by the choice of one target need not be said.
      const pinned = new Set(
        expression
          .selectors()
          .flatMap(({ matchers }) => matchers.filter(({ op }) => op === '=').map(({ label }) => label)),
      );
      const lacking = named.filter((label) => !labels.includes(label));
      const unsaid = labels.filter((label) => !named.includes(label) && !pinned.has(label));
      return [...lacking, ...unsaid].map((label) => `${query.name}: ${label}`);
    });
  expect(wrong).toEqual([]);
});

/** Published for alerts or for other readers than people at a dashboard. */
const NOT_SHOWN = [
  'taillight_probe_tpot_seconds',
  'taillight_comparison_conversations',
  'taillight_reference_samples',
  'taillight_reference_timestamp_seconds',
  'taillight_build_info',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
];

test('every metric of the catalogue is on a dashboard, or is not meant to be', () => {
  const shown = new Set<string>();
  for (const { metric, matchers } of queries.flatMap((query) => read(query).selectors())) {
    const pattern = matchers.find(({ label }) => label === '__name__')?.value;
    const named = pattern === undefined ? metricOf(metric!)!.metric : `^(?:${pattern})$`;
    for (const name of Object.keys(CATALOGUE)) {
      if (name === named || (pattern !== undefined && new RegExp(named).test(name))) shown.add(name);
    }
  }
  expect(Object.keys(CATALOGUE).filter((name) => !shown.has(name))).toEqual(NOT_SHOWN);
});

/** Pages of real engines under load, from the oldest that is supported to the newest. */
const ENGINES = ['vllm-0.12.0-busy', 'vllm-0.17.1-busy', 'vllm-0.20.2-gpu-busy', 'vllm-0.32-busy'];
const MIRRORED: Record<string, string> = {
  ...MIRRORED_COUNTERS,
  ...MIRRORED_GAUGES,
  ...MIRRORED_HISTOGRAMS,
  requests_finished_total: MIRRORED_FINISHED,
};

test.each(ENGINES)('every query has an answer of %s', (page) => {
  const golden = join(__dirname, '../golden/pages', `${page}.prom.json`);
  const { values, histograms } = JSON.parse(readFileSync(golden, 'utf8')) as Record<string, object>;
  const told = Object.entries({ ...values, ...histograms });
  expect(told.filter(([name]) => name in MIRRORED)).toHaveLength(Object.keys(MIRRORED).length);
  const missing = new Set(told.flatMap(([name, value]) => (value === null ? (MIRRORED[name] ?? []) : [])));
  expect(queries.filter((query) => !read(query).answers(missing)).map(({ name }) => name)).toEqual([]);
});

test('the check itself sees what an engine does not tell, and what stands in for it', () => {
  const missing = new Set(['taillight_replica_cached_prompt_tokens_total', 'taillight_replica_ttft_seconds']);
  const answers = (text: string) => new Expression(text).answers(missing);
  const cached = 'sum by (target) (rate(taillight_replica_cached_prompt_tokens_total[5m]))';
  expect(answers(`${cached} / sum by (target) (rate(taillight_replica_prompt_tokens_total[5m]))`)).toBe(
    false,
  );
  expect(answers(`1 - (${cached} or taillight_target_prefix_cache_hit_ratio)`)).toBe(true);
  expect(answers('sum by (le) (rate(taillight_replica_ttft_seconds_bucket[5m]))')).toBe(false);
});

test.each([
  ['histogram_quantile(0.9, rate(taillight_probe_ttft_seconds_bucket[5m]))', null, []],
  [
    'histogram_quantile(0.9, sum by (target) (rate(taillight_probe_ttft_seconds_bucket[5m])))',
    'sum',
    ['target'],
  ],
])('the check itself sees a quantile without its buckets: %s', (text, aggregation, by) => {
  expect(new Expression(text).quantiles()).toEqual([{ aggregation, by }]);
});

test('the check itself sees a bare counter, an unknown name and broken PromQL', () => {
  const bare = new Expression('taillight_probe_requests_total{target="a"} / vllm:num_requests');
  expect(bare.selectors().map(({ metric, rangeFunction }) => [metric, rangeFunction])).toEqual([
    ['taillight_probe_requests_total', null],
    ['vllm:num_requests', null],
  ]);
  expect(metricOf('vllm:num_requests')).toBeNull();
  expect(metricOf('taillight_probe_ttft_seconds')).toBeNull();
  expect(bare.labels()).toBeNull();
  expect(new Expression('sum by (target (x)').parses()).toBe(false);
});
