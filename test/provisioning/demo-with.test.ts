import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BUNDLE, getJson } from '../support/exporter-process';
import { until } from '../support/until';
import { DemoBench, type Demo } from './demo-with';

const bench = new DemoBench();
const home = bench.grafanaHome();
afterAll(() => bench.stopAll());

const START_MS = 60_000;

interface Answer {
  status: string;
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

interface Loaded {
  datasources: { uid: string; url: string }[];
  dashboards: { uid: string }[];
  plugins: { id: string; moduleBytes: number }[];
  env: Record<string, string>;
  args: string[];
}

const address = (demo: Demo, word: string) =>
  until(`the demo tells the address of its ${word}`, () => demo.printed(word), START_MS);

const gone = (demo: Demo) => until('everything that it started is gone', () => demo.processes().length === 0);

describe('with Prometheus, Alertmanager and Grafana', () => {
  let demo: Demo;
  let grafana: string;
  let loaded: Loaded;

  beforeAll(async () => {
    demo = bench.demo(['--with', 'prometheus,grafana', '--grafana-home', home], {
      // Of some other Grafana on this machine.
      GF_DATABASE_URL: 'mysql://elsewhere',
    });
    grafana = new URL(await address(demo, 'dashboard')).origin;
    loaded = await getJson<Loaded>(`${grafana}/fake/loaded`);
  }, START_MS + 10_000);

  const query = (expression: string) =>
    getJson<Answer>(
      `${grafana}/api/datasources/proxy/uid/prometheus/api/v1/query?query=${encodeURIComponent(expression)}`,
    ).then(({ data }) => data.result);

  test('the printed address is that of a dashboard that Grafana has', async () => {
    expect(demo.printed('dashboard')).toBe(`${grafana}/d/llm-performance`);
    expect(loaded.dashboards.map(({ uid }) => uid)).toContain('llm-performance');
    await expect(getJson(`${grafana}/api/dashboards/uid/llm-performance`)).resolves.toMatchObject({
      title: 'LLM Performance Dashboard',
    });
  });

  test('Grafana has loaded the shipped files: the sources at the printed addresses, and the panel', async () => {
    expect(loaded.datasources.map(({ uid, url }) => [uid, `${url}/`])).toEqual([
      ['prometheus', demo.printed('prometheus')],
      ['alertmanager', demo.printed('alertmanager')],
    ]);
    expect(loaded.plugins.map(({ id }) => id)).toEqual(['taillight-comparison-panel']);
    expect(loaded.plugins[0]?.moduleBytes).toBeGreaterThan(10_000);
  });

  test('Grafana listens on this machine only, tells nobody anything, and knows nothing of another one', () => {
    expect(loaded.env).toMatchObject({
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    });
    expect(loaded.env).not.toHaveProperty('GF_DATABASE_URL');
    expect(loaded.args).toEqual(['server', '--homepath', home, '--config', loaded.args[4]]);
  });

  test(
    'live data of both targets and every raw page come through Grafana from Prometheus',
    async () => {
      const targets = await until(
        'both targets are measured',
        async () => {
          const found = await query('sum by (target) (taillight_probe_requests_total{outcome="ok"}) > 0');
          return found.length === 2 ? found : null;
        },
        START_MS,
      );
      expect(targets.map(({ metric }) => metric['target']).sort()).toEqual(['llm-d', 'vllm']);
      // One exporter, eight replicas, one router, and the three programs themselves.
      const expected = { taillight: 1, prometheus: 1, alertmanager: 1, vllm: 8, epp: 1, grafana: 1 };
      await until(
        'every page is scraped',
        async () => {
          const up = await query('sum by (job) (up)');
          const pages = Object.fromEntries(up.map(({ metric, value }) => [metric['job'], Number(value[1])]));
          return isDeepStrictEqual(pages, expected);
        },
        START_MS,
      );
    },
    2 * START_MS + 10_000,
  );

  test('Prometheus has loaded the rules without a complaint and found the Alertmanager', async () => {
    const prometheus = demo.printed('prometheus') ?? '';
    const rules = await getJson<{ data: { groups: { rules: { health: string; lastError?: string }[] }[] } }>(
      `${prometheus}api/v1/rules`,
    );
    const all = rules.data.groups.flatMap((group) => group.rules);
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter(({ health }) => health === 'err')).toEqual([]);
    const managers = await getJson<{ data: { activeAlertmanagers: { url: string }[] } }>(
      `${prometheus}api/v1/alertmanagers`,
    );
    expect(managers.data.activeAlertmanagers.map(({ url }) => url)).toEqual([
      `${demo.printed('alertmanager')}api/v2/alerts`,
    ]);
  });

  test(
    'on SIGTERM all of it ends, with the report; the logs stay and the data goes',
    async () => {
      const logs = demo.printed('logs') ?? '';
      demo.signal('SIGTERM');
      const { code, out, err } = await demo.ended;
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('BENCHMARK SUMMARY');
      await gone(demo);
      expect(readFileSync(join(logs, 'prometheus.log'), 'utf8')).toContain('See you next time!');
      expect(readFileSync(join(logs, 'grafana.log'), 'utf8')).toContain('datasources=2');
      expect(existsSync(join(dirname(logs), 'data'))).toBe(false);
    },
    START_MS,
  );
});

describe('whatever goes wrong', () => {
  test(
    'a demo that is killed takes Prometheus with it',
    async () => {
      const demo = bench.demo(['--with', 'prometheus']);
      await address(demo, 'prometheus');
      // The demo, its fleets, the guard, and two programs.
      expect(demo.processes()).toHaveLength(5);
      demo.signal('SIGKILL');
      await gone(demo);
    },
    START_MS + 30_000,
  );

  test(
    'a signal while programs start ends everything at once',
    async () => {
      const demo = bench.demo(['--with', 'grafana', '--grafana-home', home], { FAKE_GRAFANA: 'silent' });
      await until('it is waiting for Grafana', () =>
        demo.out.includes('Starting alertmanager, prometheus, grafana'),
      );
      demo.signal('SIGINT');
      const { code } = await demo.ended;
      expect(code).toBe(0);
      await gone(demo);
    },
    START_MS,
  );

  test(
    'a program that ends at its start is told with the end of its log, and the rest is ended',
    async () => {
      const broken = bench.pathWith({ prometheus: '/bin/false' });
      const { code, err, out } = await bench.demo(['--with', 'prometheus'], { PATH: broken }).ended;
      expect(code).toBe(1);
      expect(err).toMatch(
        /^taillight demo: prometheus ended with exit code 1; its log, \S+\/logs\/prometheus.log, ends with:\n/,
      );
      expect(out).not.toContain('BENCHMARK SUMMARY');
    },
    START_MS,
  );

  test(
    'a program that does not listen to SIGTERM is killed',
    async () => {
      const demo = bench.demo(['--with', 'grafana', '--grafana-home', home], { FAKE_GRAFANA: 'deaf' });
      await address(demo, 'dashboard');
      demo.signal('SIGTERM');
      const { code } = await demo.ended;
      expect(code).toBe(0);
      await gone(demo);
    },
    START_MS + 30_000,
  );

  test.each([
    [
      ['--with', 'prometheus'],
      'no program prometheus on PATH; get it: on Debian "apt-get install prometheus"',
    ],
    [['--with', 'prometheus,grafana'], 'no program grafana or grafana-server on PATH'],
    [
      ['--with', 'grafana', '--grafana-home', '/nowhere'],
      '/nowhere has no conf/defaults.ini and bin/grafana',
    ],
  ])('%j on a machine that has none of it says how to get it, and starts nothing', async (args, text) => {
    const demo = bench.demo(args, { PATH: bench.pathWith({}) });
    const { code, out, err } = await demo.ended;
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(text);
    for (const line of err.trimEnd().split('\n')) expect(line).toMatch(/^taillight demo: --/);
  });

  test('a bundle outside the repository says that it needs it', async () => {
    const alone = join(bench.folder, 'taillight.mjs');
    copyFileSync(BUNDLE, alone);
    const { code, err } = await bench.demo(['--with', 'prometheus'], {}, alone).ended;
    expect(code).toBe(2);
    expect(err).toContain(`which are not beside ${alone}; use "npm run demo -- --with …" in a clone`);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});
