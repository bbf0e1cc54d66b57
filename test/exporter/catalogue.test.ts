import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningFleet } from '../../demo/fleet/main';
import { CATALOGUE, type MetricName, type MetricType } from '../../exporter/src/publish/catalogue';
import { ExporterBench, getJson, LIVELY, type ExporterProcess } from '../support/exporter-process';
import { fault, fleetTargets, startFleets } from '../support/fleets';
import { type MetricsPage } from '../support/metrics-page';
import { freePort } from '../support/probe-bench';
import { until } from '../support/until';

const installed = (program: string) => spawnSync(program, ['--version']).error === undefined;
/** `npm test` installs Prometheus; elsewhere these tests are left out, and say so. */
const withPrometheus = installed('promtool') && installed('prometheus') ? test : test.skip;

const bench = new ExporterBench();
let fleet: RunningFleet;
let exporter: ExporterProcess;
/** All sample names of all pages so far. */
const seen = new Set<string>();

async function page(format: 'text' | 'openmetrics' = 'text'): Promise<MetricsPage> {
  const read = await exporter.page(format);
  for (const name of read.names) seen.add(name);
  return read;
}

const catalogue = Object.entries(CATALOGUE) as [MetricName, (typeof CATALOGUE)[MetricName]][];
const sampleOf = (name: MetricName) => (CATALOGUE[name].type === 'histogram' ? `${name}_count` : name);
const expected = catalogue.map(([name]) => name);

/** A run that was saved as the reference of `vllm`. */
const REFERENCE = {
  schema: 'taillight.reference/1',
  targets: {
    vllm: {
      run: 'run-1',
      ended: '2026-11-25T10:00:00.000Z',
      model: null,
      workload: null,
      ttft_seconds: Object.fromEntries(
        ['first', 'later', 'all'].map((turn) => [
          turn,
          { n: 400, quantiles: { p50: 0.1, p90: 0.2, p95: 0.3, p99: 0.4 } },
        ]),
      ),
    },
  },
};

beforeAll(async () => {
  fleet = await startFleets();
  const folder = bench.folder();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'reference.json'), JSON.stringify(REFERENCE));
  const config = {
    ...LIVELY,
    data_dir: './data',
    slo: { ttft: '50ms', objective: '95%' },
    targets: [
      ...fleetTargets(fleet),
      // Conversations that are due while nobody listens are skipped, which is a metric too.
      { name: 'absent', url: `http://127.0.0.1:${await freePort()}/v1` },
    ],
    gpus: [{ static: [{ name: 'dcgm', url: fleet.gpu_metrics_url }] }],
    probe: { ...LIVELY.probe, rate: 3, concurrency: 4 },
  };
  exporter = await bench.serve(config, {}, folder);
  await until(
    'every metric of the catalogue has a series',
    async () => {
      await page();
      const missing = expected.filter((name) => !seen.has(sampleOf(name)));
      if (missing.length > 0) throw new Error(`not yet: ${missing.join(' ')}`);
      return true;
    },
    60_000,
  );
}, 90_000);
afterAll(async () => {
  await bench.stopAll();
  await fleet.stop();
});

describe.each(['text', 'openmetrics'] as const)('the page in %s', (format) => {
  const familyName = (name: MetricName) =>
    format === 'openmetrics' && CATALOGUE[name].type === 'counter' ? name.replace(/_total$/, '') : name;
  const typeName = (type: MetricType | undefined) =>
    format === 'openmetrics' && type === 'untyped' ? 'unknown' : type;

  test('declares nothing but the catalogue, with its types and help texts', async () => {
    const { families } = await page(format);
    const known = new Map(catalogue.map(([name, spec]) => [familyName(name), spec]));
    for (const { name, type, help } of families) {
      const spec = known.get(name);
      expect({ name, type, help }).toEqual({ name, type: typeName(spec?.type), help: spec?.help });
    }
    expect(families.length).toBeGreaterThan(60);
  });

  test('gives every metric exactly the labels of the catalogue', async () => {
    const read = await page(format);
    let checked = 0;
    for (const [name, { type, labels }] of catalogue) {
      const parts: [string, string[]][] =
        type === 'histogram'
          ? [
              [`${name}_bucket`, [...labels, 'le']],
              [`${name}_sum`, [...labels]],
              [`${name}_count`, [...labels]],
            ]
          : [[name, [...labels]]];
      for (const [sample, names] of parts) {
        for (const series of read.series(sample)) {
          checked += 1;
          expect([sample, Object.keys(series.labels).sort()]).toEqual([sample, names.sort()]);
        }
      }
    }
    expect(checked).toBeGreaterThan(1000);
  });

  test('has no sample that belongs to no family, no series twice, and ends as the format wants', async () => {
    const { text, names } = await page(format);
    const allowed = new Set(
      catalogue.flatMap(([name, { type }]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    expect(names.filter((name) => !allowed.has(name))).toEqual([]);
    const series = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/ # .*$/, '').replace(/ \S+$/, ''));
    expect(series.length).toBe(new Set(series).size);
    expect(text.endsWith(format === 'openmetrics' ? '\n# EOF\n' : '\n')).toBe(true);
  });
});

test('what is published of both targets is what was measured', async () => {
  const [text, comparison] = [await page(), await exporter.comparison()];
  expect(comparison.targets.map(({ name }) => name)).toEqual(['vllm', 'llm-d', 'absent']);
  for (const target of ['vllm', 'llm-d']) {
    expect(text.value('taillight_target_up', { target })).toBe(1);
    expect(text.value('taillight_target_replicas', { target })).toBe(2);
    expect(text.sum('taillight_replica_up', { target })).toBe(2);
    const answered = text.sum('taillight_probe_requests_total', { target, outcome: 'ok' });
    expect(answered).toBeGreaterThan(0);
    expect(text.sum('taillight_probe_ttft_seconds_count', { target })).toBe(answered);
    // The fleets serve nobody else: what the replicas count is what the probes sent.
    expect(text.sum('taillight_replica_generation_tokens_total', { target })).toBeGreaterThan(answered);
    expect(text.sum('taillight_comparison_verdict', { target, metric: 'ttft' })).toBe(
      target === 'vllm' ? 0 : 12,
    );
  }
  expect(text.value('taillight_target_up', { target: 'absent' })).toBe(0);
  expect(text.value('taillight_comparison_caveat', { target: 'absent', reason: 'target_down' })).toBe(1);
  expect(text.sum('taillight_probe_skipped_conversations_total', { reason: 'down' })).toBe(
    text.value('taillight_probe_skipped_conversations_total', { target: 'absent', reason: 'down' }),
  );
});

test('what is promised, what is held against it, and what is measured stand on the page', async () => {
  const read = await page();
  for (const target of ['vllm', 'llm-d']) {
    expect(read.value('taillight_slo_ttft_seconds', { target })).toBe(0.05);
    expect(read.value('taillight_slo_objective_ratio', { target })).toBe(0.95);
    expect(read.value('taillight_target_replicas_listed', { target })).toBe(2);
    const [answered, late, early] = [
      read.sum('taillight_probe_requests_total', { target }),
      read.sum('taillight_probe_slo_misses_total', { target }),
      read.sum('taillight_probe_ttft_seconds_bucket', { target, le: '0.0429982' }),
    ];
    expect(late).toBeLessThanOrEqual(answered - early);
  }
  expect(read.series('taillight_target_replicas_listed').map(({ labels }) => labels['target'])).not.toContain(
    'absent',
  );
  expect(
    read.value('taillight_reference_ttft_seconds', { target: 'vllm', turn: 'later', quantile: '0.99' }),
  ).toBe(0.4);
  expect(read.series('taillight_reference_samples').map(({ value }) => value)).toEqual([400, 400, 400]);
  expect(read.value('taillight_reference_timestamp_seconds', { target: 'vllm' })).toBe(1795600800);
  expect(read.value('taillight_run_info', { kind: 'live' })).toBe(1);
});

withPrometheus('promtool finds nothing to say against the page', async () => {
  const { text } = await page();
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
});

interface QueryResult {
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

describe('a real Prometheus', () => {
  let prometheus: ChildProcess | null = null;
  let url: string;
  const query = async (expression: string) =>
    (await getJson<QueryResult>(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)).data.result;

  beforeAll(async () => {
    if (!installed('prometheus')) return;
    const folder = bench.folder();
    const config = {
      global: { scrape_interval: '1s' },
      scrape_configs: [
        { job_name: 'taillight', static_configs: [{ targets: [exporter.url.replace('http://', '')] }] },
      ],
    };
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--enable-feature=exemplar-storage',
      ],
      { stdio: 'ignore' },
    );
    await until('Prometheus has scraped', async () => (await query('up == 1')).length === 1);
  }, 60_000);
  afterAll(async () => {
    if (prometheus === null || prometheus.exitCode !== null) return;
    const gone = new Promise((resolve) => prometheus?.once('exit', resolve));
    prometheus.kill('SIGKILL');
    await gone;
  });

  withPrometheus(
    'reads every series of the page, and its types',
    async () => {
      const targets = await getJson<{ data: { activeTargets: { lastError: string }[] } }>(
        `${url}/api/v1/targets`,
      );
      expect(targets.data.activeTargets.map(({ lastError }) => lastError)).toEqual(['']);
      const metadata = await getJson<{ data: Record<string, { type: string; help: string }[]> }>(
        `${url}/api/v1/metadata`,
      );
      // As declared in OpenMetrics: of counters the family's name.
      for (const { name, type, help } of (await page('openmetrics')).families) {
        expect([name, metadata.data[name]?.[0]]).toEqual([name, expect.objectContaining({ type, help })]);
      }
    },
    60_000,
  );

  withPrometheus('has asked for OpenMetrics: exemplars with the conversation arrive', async () => {
    const exemplars = await until('an exemplar is stored', async () => {
      const now = Date.now() / 1000;
      const { data } = await getJson<{ data: { exemplars: { labels: Record<string, string> }[] }[] }>(
        `${url}/api/v1/query_exemplars?query=taillight_probe_ttft_seconds_bucket&start=${now - 600}&end=${now + 60}`,
      );
      return data.flatMap((series) => series.exemplars)[0];
    });
    expect(Object.keys(exemplars.labels).sort()).toEqual(['conversation', 'turn']);
  });

  withPrometheus(
    'answers with the values of the page',
    async () => {
      // With both routers dead nothing is measured any more and the counters stand still.
      await fault(fleet, { fleet: 'all', replica: 'router', fault: 'kill' });
      const compared = [
        'taillight_probe_requests_total',
        'taillight_probe_prompt_tokens_total',
        'taillight_probe_ttft_seconds_count',
        'taillight_probe_ttft_seconds_sum',
        'taillight_probe_ttft_seconds_bucket',
        'taillight_comparison_samples',
        'taillight_replica_generation_tokens_total',
        'taillight_replica_e2e_seconds_bucket',
        'taillight_target_up',
        'taillight_build_info',
      ];
      await until('page and Prometheus say the same', async () => {
        const read = await page();
        if (read.sum('taillight_target_up') !== 0) return false;
        for (const name of compared) {
          const own = read.series(name).map(({ labels, value }) => [normalKey(labels), value]);
          const theirs = (await query(name)).map(({ metric, value }) => [
            normalKey(metric),
            Number(value[1]),
          ]);
          expect([name, Object.fromEntries(theirs)]).toEqual([name, Object.fromEntries(own)]);
          expect(own.length).toBeGreaterThan(0);
        }
        return true;
      });
      await fault(fleet, { fleet: 'all', replica: 'router', fault: 'clear' });
      await until('both targets are up again', async () => (await page()).sum('taillight_target_up') === 2);
    },
    90_000,
  );
});

/** A series' own labels; Prometheus adds `instance` and `job` and writes `le="1.0"` for the `le="1"` of OpenMetrics. */
function normalKey({ __name__, instance: _instance, job: _job, ...labels }: Record<string, string>): string {
  const { le } = labels;
  return JSON.stringify(Object.entries({ ...labels, ...(le !== undefined && { le: Number(le) }) }).sort());
}

test('a killed replica stays on the page as down, and its values vanish', async () => {
  const replica = 'llm-d-1';
  const [router] = (await page()).series('taillight_router_decisions_total', { replica });
  expect(router?.value).toBeGreaterThan(0);
  await fault(fleet, { fleet: 'candidate', replica, fault: 'kill' });
  await until(
    'its scrapes fail',
    async () => (await page()).value('taillight_replica_up', { replica }) === 0,
  );
  const read = await page();
  const left = read.names.filter((name) => read.series(name, { replica }).length > 0).sort();
  expect(left).toEqual(
    expect.arrayContaining([
      'taillight_replica_up',
      'taillight_scrape_duration_seconds',
      'taillight_scrape_success',
    ]),
  );
  // The window still knows what it did, the router what it was given, and DCGM what its GPU does.
  const allowed =
    /^taillight_(replica_(up|prefix_cache_hit_ratio|gpu_\w+)|scrape_\w+|router_decisions_total)$/;
  expect(left.filter((name) => !allowed.test(name))).toEqual([]);
  expect(read.series('taillight_scrape_success', { replica })).toEqual([
    { labels: { target: 'llm-d', replica, source: 'engine', reason: 'connect_error' }, value: 0 },
  ]);
  const told = exporter.events('scrape failing').filter((line) => line['replica'] === replica);
  expect(told.filter(({ reason }) => reason === 'connect_error')).toHaveLength(1);
  expect(read.sum('taillight_replica_up', { target: 'llm-d' })).toBe(1);
});
