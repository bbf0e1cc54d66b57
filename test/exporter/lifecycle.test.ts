import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { readRunFile } from '../../exporter/src/store/run-file';
import { ExporterBench, LIVELY, type ExporterProcess } from '../support/exporter-process';
import { answer, startScriptedLlm, type ScriptedLlm } from '../support/scripted-llm';
import { until } from '../support/until';

/** Reloading, stopping, starting again; disks that refuse; secrets. */

const bench = new ExporterBench();
let a: ScriptedLlm;
let b: ScriptedLlm;

beforeAll(async () => {
  const reply = answer({ words: ['x', 'y', 'z'], cached: 16 });
  [a, b] = await Promise.all([startScriptedLlm(reply), startScriptedLlm(reply)]);
});
afterAll(async () => {
  await bench.stopAll();
  await Promise.all([a.close(), b.close()]);
});

const targets = () => [
  { name: 'a', url: a.url },
  { name: 'b', url: b.url },
];

const answered = async (exporter: ExporterProcess, labels: Record<string, string> = {}) =>
  (await exporter.page()).sum('taillight_probe_requests_total', { outcome: 'ok', ...labels });

/** All records of all live files in a folder, by target. */
async function recorded(folder: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl'))) {
    const file = await readRunFile(join(folder, name));
    if (!file.ok) throw new Error(file.error);
    expect(file.skipped).toEqual([]);
    for (const { target } of file.records) counts[target] = (counts[target] ?? 0) + 1;
  }
  return counts;
}

test('SIGTERM in the middle of the work ends with 0, and every record that was counted is in the file', async () => {
  const folder = bench.folder();
  const exporter = await bench.serve({ ...LIVELY, data_dir: './data', targets: targets() }, {}, folder);
  await until('there is work', async () => (await answered(exporter)) > 20);
  const page = await exporter.page();
  const counted = (target: string) => page.sum('taillight_probe_requests_total', { target });
  const least = { a: counted('a'), b: counted('b') };
  exporter.signal('SIGTERM');
  expect(await exporter.exit).toBe(0);
  const written = await recorded(join(folder, 'data'));
  expect(written['a']).toBeGreaterThanOrEqual(least.a);
  expect(written['b']).toBeGreaterThanOrEqual(least.b);
  expect(exporter.events('stopped')).toHaveLength(1);
}, 60_000);

test('targets that were up one after the other, in two processes, are compared in pairs, and the gap is named', async () => {
  const folder = bench.folder();
  const absent = 'http://127.0.0.1:9/v1';
  const config = (first: string, second: string) => ({
    ...LIVELY,
    data_dir: './data',
    targets: [
      { name: 'a', url: first },
      { name: 'b', url: second },
    ],
    probe: { ...LIVELY.probe, conversations: 8, concurrency: 4 },
  });
  const before = await bench.serve(config(a.url, absent), {}, folder);
  await until(
    'the first is measured',
    async () => (await answered(before, { target: 'a', turn: 'later' })) > 16,
  );
  before.signal('SIGTERM');
  expect(await before.exit).toBe(0);

  const after = await bench.serve(config(absent, b.url), {}, folder);
  await until('the results are read back', () => after.events('results_read').length === 1);
  const pair = await until('they are compared', async () => {
    const { comparisons } = await after.comparison();
    const found = comparisons[0];
    return found !== undefined && found.method === 'paired' && found.conversations >= 6 ? found : null;
  });
  const reasons = pair.caveats.map(({ reason }) => reason);
  expect(reasons).toContain('windows_apart');
  expect(
    pair.ratios.find(({ metric, turn, quantile }) => `${metric} ${turn} ${quantile}` === 'ttft later p50')
      ?.estimate,
  ).toBeGreaterThan(0);
  after.signal('SIGTERM');
  expect(await after.exit).toBe(0);
}, 120_000);

describe('a configuration that is reloaded', () => {
  let exporter: ExporterProcess;
  let token: string;
  const config = (extra: object = {}) => ({
    ...LIVELY,
    lifecycle_token_file: token,
    targets: targets(),
    ...extra,
  });
  const reloadOk = async () => (await exporter.page()).value('taillight_config_last_reload_successful');
  const post = (bearer: string) =>
    request(`${exporter.url}/-/reload`, { method: 'POST', headers: { authorization: `Bearer ${bearer}` } });

  beforeAll(async () => {
    const folder = bench.folder();
    token = join(folder, 'token');
    writeFileSync(token, 'let-me-reload\n');
    exporter = await bench.serve(config(), { args: ['--enable-lifecycle'] }, folder);
    await until('it measures', async () => (await answered(exporter)) > 0);
  }, 60_000);

  test('with mistakes is refused with all of them: the old one stays, the metric is 0, one line says so', async () => {
    exporter.write(config({ windw: '5m', scrape: { interval: 'soon' } }));
    const refused = await post('let-me-reload');
    const text = await refused.body.text();
    expect(refused.statusCode).toBe(400);
    expect(text.trim().split('\n')).toHaveLength(2);
    expect(text).toContain('windw');
    expect(await reloadOk()).toBe(0);
    expect(exporter.events('configuration_refused')).toHaveLength(1);
    const before = await answered(exporter);
    await until('it goes on measuring', async () => (await answered(exporter)) > before);
  });

  test('without mistakes is taken by SIGHUP: the metric is 1 again, counters go on, a target that left takes its series with it', async () => {
    const before = await answered(exporter, { target: 'a' });
    exporter.write(
      config({
        targets: [
          { name: 'a', url: a.url },
          { name: 'c', url: b.url },
        ],
      }),
    );
    exporter.signal('SIGHUP');
    await until('the new target is measured', async () => (await answered(exporter, { target: 'c' })) > 0);
    expect(await reloadOk()).toBe(1);
    expect(await answered(exporter, { target: 'a' })).toBeGreaterThanOrEqual(before);
    expect((await exporter.page()).text).not.toContain('target="b"');
    expect((await exporter.comparison()).targets.map(({ name }) => name)).toEqual(['a', 'c']);
  });

  test('says what a running process cannot change', async () => {
    exporter.write(config({ listen: '127.0.0.1:1', log: { level: 'debug', format: 'json' } }));
    const answered_ = await post('let-me-reload');
    await answered_.body.dump();
    expect(answered_.statusCode).toBe(200);
    const told = exporter.events('configuration_warning').map(({ detail }) => detail);
    expect(told).toEqual([
      'listen: is read at the start only; restart to change it',
      'log: is read at the start only; restart to change it',
    ]);
  });

  test('is not reloaded without the token', async () => {
    const answered_ = await post('guess');
    await answered_.body.dump();
    expect(answered_.statusCode).toBe(401);
  });
});

test('a data_dir that cannot be written is counted and said once, and measuring goes on', async () => {
  const folder = bench.folder();
  // A file stands where the folder should be: also root cannot write there.
  writeFileSync(join(folder, 'data'), 'in the way');
  const exporter = await bench.serve({ ...LIVELY, data_dir: './data', targets: targets() }, {}, folder);
  await until(
    'failed writes are counted',
    async () => ((await exporter.page()).value('taillight_results_write_errors_total') ?? 0) > 5,
  );
  expect(await answered(exporter)).toBeGreaterThan(0);
  expect(exporter.events('results_not_written')).toHaveLength(1);
  exporter.signal('SIGTERM');
  expect(await exporter.exit).toBe(0);
  expect(readFileSync(join(folder, 'data'), 'utf8')).toBe('in the way');
}, 60_000);

test('on a disk that is full measuring goes on, and when there is space again nothing is missing in the file', async () => {
  const folder = bench.folder();
  const data = join(folder, 'data');
  // A limit on the size of files does what a full disk does, without the rights to mount one.
  const wrap = ['bash', '-c', `trap '' XFSZ; ulimit -Sf 8; exec "$@"`, 'limited'];
  const config = { ...LIVELY, data_dir: './data', targets: targets() };
  const exporter = await bench.serve(config, { wrap }, folder);
  await until(
    'failed writes are counted',
    async () => ((await exporter.page()).value('taillight_results_write_errors_total') ?? 0) > 5,
  );
  expect(exporter.events('results_not_written')).toEqual([
    expect.objectContaining({ level: 'error', reason: expect.stringContaining('EFBIG') as string }),
  ]);
  const before = await answered(exporter);
  await until('it goes on measuring', async () => (await answered(exporter)) > before);
  expect(spawnSync('prlimit', ['--pid', String(exporter.pid), '--fsize=unlimited']).status).toBe(0);
  await until('it writes again', () => exporter.events('results_written_again').length === 1);
  const counted = (await exporter.page()).sum('taillight_probe_requests_total');
  exporter.signal('SIGTERM');
  expect(await exporter.exit).toBe(0);
  const written = await recorded(data);
  expect(Object.values(written).reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(counted);
}, 60_000);

test('what was counted is in the file even when the process is killed', async () => {
  const folder = bench.folder();
  const exporter = await bench.serve({ ...LIVELY, data_dir: './data', targets: targets() }, {}, folder);
  await until('there is work', async () => (await answered(exporter)) > 20);
  const counted = (await exporter.page()).sum('taillight_probe_requests_total');
  // One write per record, begun when it is counted: give the last of them their moment.
  await until('they are written', async () => {
    const written = await recorded(join(folder, 'data'));
    return Object.values(written).reduce((sum, n) => sum + n, 0) >= counted;
  });
  exporter.signal('SIGKILL');
  expect(await exporter.exit).toBeNull();
  const next = await bench.serve({ ...LIVELY, data_dir: './data', targets: targets() }, {}, folder);
  const [read] = await until('the results are read back', () => {
    const found = next.events('results_read');
    return found.length > 0 ? found : null;
  });
  expect(read?.['records']).toBeGreaterThanOrEqual(counted);
  expect(next.events('results_not_read')).toEqual([]);
}, 60_000);

test.each([
  ['at once', []],
  ['in the middle of a reload', ['SIGHUP']],
  ['after many reloads', ['SIGHUP', 'SIGHUP', 'SIGHUP']],
] as const)(
  'SIGTERM %s ends the process with 0',
  async (_, signals) => {
    const exporter = await bench.serve({ ...LIVELY, targets: targets() });
    if (signals.length > 0) await until('there is work', async () => (await answered(exporter)) > 0);
    for (const signal of signals) exporter.signal(signal);
    exporter.signal('SIGTERM');
    expect(await exporter.exit).toBe(0);
    expect(exporter.events('stopped')).toHaveLength(1);
  },
  60_000,
);

test('no secret is in the log or on a page, and a rotated token is used without a restart', async () => {
  const folder = bench.folder();
  const token = join(folder, 'api-token');
  writeFileSync(token, 'first-secret-token');
  const seen = new Set<string>();
  const picky = await startScriptedLlm((response, seenRequest) => {
    const given = seenRequest.headers.authorization ?? '';
    seen.add(given);
    if (given !== 'Bearer second-secret-token') {
      return void response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(`{"error":{"message":"bad ${given}"}}`);
    }
    return answer({ words: ['x', 'y'] })(response, seenRequest);
  });
  const auth = { bearer_token_file: token, headers: { 'x-api-key': 'header-secret-value' } };
  const exporter = await bench.serve(
    {
      ...LIVELY,
      data_dir: './data',
      log: { level: 'debug', format: 'json' },
      targets: [
        { name: 'picky', url: picky.url, auth },
        { name: 'b', url: b.url },
      ],
    },
    {},
    folder,
  );
  await until(
    'the first token is refused',
    async () =>
      (await exporter.page()).sum('taillight_probe_requests_total', {
        target: 'picky',
        outcome: 'http_4xx',
      }) > 0,
  );
  writeFileSync(token, 'second-secret-token');
  await until('the second one is accepted', async () => (await answered(exporter, { target: 'picky' })) > 0);
  expect(seen).toEqual(new Set(['Bearer first-secret-token', 'Bearer second-secret-token']));
  const pages = await Promise.all(
    ['/metrics', '/api/v1/comparison', '/api/v1/runs', '/'].map(async (path) =>
      (await request(`${exporter.url}${path}`)).body.text(),
    ),
  );
  exporter.signal('SIGTERM');
  await exporter.exit;
  await picky.close();
  const files = readdirSync(join(folder, 'data')).map((name) =>
    readFileSync(join(folder, 'data', name), 'utf8'),
  );
  const everything = [...exporter.lines, ...pages, ...files].join('\n');
  expect(everything.length).toBeGreaterThan(1000);
  for (const secret of ['first-secret-token', 'second-secret-token', 'header-secret-value']) {
    expect(everything).not.toContain(secret);
  }
}, 60_000);
