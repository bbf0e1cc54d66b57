import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningFleet } from '../../demo/fleet/main';
import { saveReference } from '../../exporter/src/store/reference';
import type { ReferenceTarget } from '../../exporter/src/model/reference';
import {
  dashboardQueries,
  idleExceptions,
  interpolate,
  needOf,
  type Choices,
  type DashboardQuery,
  type Need,
} from '../support/dashboard-queries';
import { ExporterBench, LIVELY } from '../support/exporter-process';
import { fleetTargets, startFleets } from '../support/fleets';
import { PrometheusProcess, type Answer } from '../support/prometheus';
import { until } from '../support/until';

/**
 * Every query of the dashboards, asked of a real Prometheus that scrapes a real exporter that measures two fleets: each
 * has data. What has none in other set-ups is in the table of exceptions, with what it needs.
 */

const bench = new ExporterBench();
let fleet: RunningFleet;
let prometheus: PrometheusProcess;
let choices: Choices;

const quantiles = { n: 400, quantiles: { p50: 0.1, p90: 0.2, p95: 0.3, p99: 0.4 } };
const reference: ReferenceTarget = {
  run: 'yesterday',
  ended: '2026-01-01T00:00:00.000Z',
  model: null,
  workload: null,
  ttft_seconds: { first: quantiles, later: quantiles, all: quantiles },
};

/** An alert that fires at once, to see alerts on the dashboard. */
const RULES = {
  groups: [
    {
      name: 'test',
      rules: [{ alert: 'TaillightTest', expr: 'taillight_target_up == 1', labels: { severity: 'info' } }],
    },
  ],
};

beforeAll(async () => {
  fleet = await startFleets();
  const folder = bench.folder();
  mkdirSync(join(folder, 'data'));
  expect(await saveReference(join(folder, 'data'), { vllm: reference, 'llm-d': reference })).toBeNull();
  const exporter = await bench.serve(
    {
      ...LIVELY,
      data_dir: './data',
      // More conversations than two at a time can hold: some are skipped, and that shows.
      probe: { ...LIVELY.probe, rate: '20/s' },
      slo: { ttft: '50ms', objective: '95%' },
      targets: fleetTargets(fleet),
      gpus: [{ static: [{ name: 'dcgm', url: fleet.gpu_metrics_url }] }],
    },
    {},
    folder,
  );
  const scrape = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  prometheus = await PrometheusProcess.start(
    {
      global: scrape,
      rule_files: ['rules.yml'],
      scrape_configs: [
        { job_name: 'taillight', static_configs: [{ targets: [new URL(exporter.url).host] }] },
      ],
    },
    { 'rules.yml': RULES },
  );
  choices = {
    baseline: 'vllm',
    candidate: 'llm-d',
    turn: 'all',
    target: 'llm-d',
    replica: fleet.candidate.replicas[0]!.name,
  };
}, 60_000);

afterAll(async () => {
  await prometheus?.stop();
  await bench.stopAll();
  await fleet?.stop();
});

function ask(query: DashboardQuery): Promise<Answer[]> {
  const expr = interpolate(query.expr, choices, query.step);
  return query.instant ? prometheus.api.instant(expr) : prometheus.api.range(expr, 120, 5);
}

async function hasData(query: DashboardQuery): Promise<boolean> {
  if (query.label !== null) {
    const series = interpolate(query.expr, choices, query.step);
    return (await prometheus.api.labelValues(query.label, series)).length > 0;
  }
  return (await ask(query)).some(({ values }) => values.some(Number.isFinite));
}

/** What this set-up does not have. */
const NOT_HERE: readonly (Need | null)[] = ['a bounded run', 'a value that no page tells'];

test('every query of every panel, variable and annotation has data', async () => {
  const queries = dashboardQueries();
  expect(queries.length).toBeGreaterThan(150);
  let waiting = queries.filter((query) => !NOT_HERE.includes(needOf(query)));
  const none = async () => {
    const empty: DashboardQuery[] = [];
    for (const query of waiting) if (!(await hasData(query))) empty.push(query);
    waiting = empty;
    return empty.length === 0;
  };
  await until('all have data', none, 150_000).catch(() => undefined);
  expect(waiting.map(({ name }) => name)).toEqual([]);
}, 240_000);

test('series of one panel have different legends', async () => {
  const seen = new Map<string, string[]>();
  await until(
    'there are probes',
    async () => (await prometheus.api.instant('taillight_comparison_verdict')).length > 0,
  );
  for (const query of dashboardQueries()) {
    if (query.legend === null || query.panel === 1) continue;
    for (const { labels } of await ask(query)) {
      const legend = query.legend.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? '');
      const key = `${query.dashboard} ${query.panel}: ${legend}`;
      seen.set(key, [...(seen.get(key) ?? []), query.refId]);
    }
  }
  expect(seen.size).toBeGreaterThan(100);
  expect([...seen].filter(([, refIds]) => refIds.length > 1)).toEqual([]);
}, 60_000);

test('percentiles of the dashboard are those of the exporter: buckets of 20 % around the raw value', async () => {
  const one = async (query: string) => (await prometheus.api.instant(query))[0]?.values[0];
  // Both within the exporter's window, which everything so far is in.
  const ratio = await until('both are told', async () => {
    const buckets = await one(
      'histogram_quantile(0.5, sum by (le, target) (taillight_probe_ttft_seconds_bucket{target="vllm", turn="later"}))',
    );
    const exact = await one(
      'taillight_comparison_ttft_seconds{target="vllm", turn="later", quantile="0.5", bound="estimate"}',
    );
    return buckets === undefined || exact === undefined ? null : buckets / exact;
  });
  expect(ratio).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.25);
}, 60_000);

test('the table of exceptions names queries that exist', () => {
  expect(idleExceptions(dashboardQueries())).toEqual([]);
});
