import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExporterBench, LIVELY, type ExporterProcess } from '../support/exporter-process';
import { freePort } from '../support/probe-bench';
import {
  answer,
  delta,
  openStream,
  startScriptedLlm,
  type Reply,
  type ScriptedLlm,
} from '../support/scripted-llm';
import { until } from '../support/until';

/** The whole exporter while its targets and replicas misbehave: it stays up, counts what happened and says it once. */

const bench = new ExporterBench();
const servers: (ScriptedLlm | { close(): Promise<void> })[] = [];
const good = answer({ words: ['a', 'b'], cached: 0 });

async function llm(reply: Reply, port = 0): Promise<ScriptedLlm> {
  const server = await startScriptedLlm(reply, port);
  servers.push(server);
  return server;
}

/** A page that does what `serve` says; its url. */
async function metricsServer(serve: (response: ServerResponse) => unknown): Promise<string> {
  const server: Server = createServer((_request, response) => void serve(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

const PAGE = [
  '# TYPE vllm:num_requests_running gauge',
  'vllm:num_requests_running{engine="0",model_name="scripted"} 1.0',
  '# TYPE vllm:prompt_tokens_total counter',
  'vllm:prompt_tokens_total{engine="0",model_name="scripted"} 100.0',
  '',
].join('\n');

const counted = async (exporter: ExporterProcess, labels: Record<string, string>) =>
  (await exporter.page()).sum('taillight_probe_requests_total', labels);

afterAll(async () => {
  await bench.stopAll();
  await Promise.all(servers.map((server) => server.close()));
});

describe('a target that misbehaves', () => {
  let sick: ScriptedLlm;
  let well: ScriptedLlm;
  let exporter: ExporterProcess;

  beforeAll(async () => {
    [sick, well] = await Promise.all([llm(good), llm(good)]);
    exporter = await bench.serve({
      ...LIVELY,
      targets: [
        { name: 'well', url: well.url },
        { name: 'sick', url: sick.url },
      ],
      probe: { ...LIVELY.probe, timeout: '2s', idle_timeout: '1s' },
    });
    await until('both are measured', async () => {
      const page = await exporter.page();
      return page.sum('taillight_probe_requests_total', { target: 'sick', outcome: 'ok' }) > 3;
    });
  }, 60_000);

  const status =
    (code: number): Reply =>
    (response) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}');
  const cut: Reply = (response) => {
    openStream(response);
    response.write(delta({ content: 'a' }));
    setTimeout(() => response.socket?.destroy(), 20);
  };
  const garbage: Reply = (response) => {
    openStream(response);
    response.end('data: {{{ no json\n\n');
  };
  const silentEnd: Reply = (response) => {
    openStream(response);
    response.end('data: [DONE]\n\n');
  };

  test.each<[string, string, Reply]>([
    ['answers 503', 'http_503', status(503)],
    ['answers 429', 'http_429', status(429)],
    ['answers 500', 'http_5xx', status(500)],
    ['answers 404', 'http_4xx', status(404)],
    ['dies in the middle of a stream', 'stream_cut', cut],
    ['sends garbage', 'bad_stream', garbage],
    ['sends no token', 'empty', silentEnd],
    ['hangs', 'timeout', () => {}],
  ])('that %s is counted as %s, while the other one goes on', async (_, outcome, reply) => {
    const before = await counted(exporter, { target: 'sick', outcome });
    sick.reply = reply;
    await until(
      `${outcome} is counted`,
      async () => (await counted(exporter, { target: 'sick', outcome })) > before,
    );
    const well_before = await counted(exporter, { target: 'well', outcome: 'ok' });
    await until(
      'the other one is measured',
      async () => (await counted(exporter, { target: 'well', outcome: 'ok' })) > well_before,
    );
    sick.reply = good;
    const said = exporter.events('probes_failing').filter((line) => line['outcome'] === outcome);
    expect(said).toEqual([expect.objectContaining({ level: 'warn', target: 'sick' })]);
  });

  test('is told of in the comparison, and nothing of it reached the log as an error of ours', async () => {
    const told = await until('the comparison names the failures', async () => {
      const [pair] = (await exporter.comparison()).comparisons;
      return pair?.caveats.find(({ reason }) => reason === 'shed_load');
    });
    expect(told.text).toContain('sick');
    expect(exporter.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

test('a target that is absent at the start, appears, disappears and returns is down, up, down, up, each said once', async () => {
  const port = await freePort();
  const there = await llm(good);
  const exporter = await bench.serve({
    ...LIVELY,
    targets: [
      { name: 'there', url: there.url },
      { name: 'late', url: `http://127.0.0.1:${port}/v1` },
    ],
  });
  const isUp = async (value: number) =>
    (await exporter.page()).value('taillight_target_up', { target: 'late' }) === value;
  await until('it is down', () => isUp(0));
  await until(
    'the other one is measured',
    async () => (await counted(exporter, { target: 'there', outcome: 'ok' })) > 0,
  );
  const first = await llm(good, port);
  await until('it is up', () => isUp(1));
  await until('it is measured', async () => (await counted(exporter, { target: 'late', outcome: 'ok' })) > 0);
  await first.close();
  await until('it is down again', () => isUp(0), 60_000);
  await llm(good, port);
  await until('it is up again', () => isUp(1), 60_000);
  const said = (event: string) => exporter.events(event).filter(({ target }) => target === 'late').length;
  expect([said('target_down'), said('target_up')]).toEqual([2, 2]);
  const page = await exporter.page();
  expect(
    page.sum('taillight_probe_skipped_conversations_total', { target: 'late', reason: 'saturated' }),
  ).toBe(0);
}, 180_000);

describe('replicas that misbehave', () => {
  const drips: NodeJS.Timeout[] = [];
  afterAll(() => drips.forEach(clearInterval));

  test('fail by themselves, each with its reason and one line', async () => {
    const target = await llm(good);
    const forever = (piece: string, ms: number) => (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const timer = setInterval(() => response.write(piece), ms);
      drips.push(timer);
      response.on('close', () => clearInterval(timer));
    };
    const kinds: Record<string, (response: ServerResponse) => unknown> = {
      sound: (response) => response.end(PAGE),
      garbage: (response) => response.end('\u0000\u0001 this is { not } a page\n'),
      'endless-line': forever('x'.repeat(300_000), 5),
      'endless-body': forever(`${'vllm:prompt_tokens_total 1\n'.repeat(10_000)}`, 5),
      drip: forever('#', 100),
      hangs: () => {},
      refuses: (response) => response.writeHead(503).end('no'),
    };
    const pages = await Promise.all(
      Object.entries(kinds).map(async ([name, serve]) => ({ name, url: await metricsServer(serve) })),
    );
    const exporter = await bench.serve({
      ...LIVELY,
      targets: [
        { name: 'a', url: target.url, replicas: { static: pages } },
        { name: 'b', url: target.url },
      ],
      scrape: { ...LIVELY.scrape, max_body: '2MiB', max_line: '500KiB' },
    });
    const page = await until('all were tried', async () => {
      const read = await exporter.page();
      return read.series('taillight_scrape_success', { source: 'engine' }).length === pages.length
        ? read
        : null;
    });
    const reasons = Object.fromEntries(
      page
        .series('taillight_scrape_success', { source: 'engine' })
        .map(({ labels }) => [labels['replica'], labels['reason']]),
    );
    expect(reasons).toMatchObject({ sound: '', refuses: 'http_status', hangs: 'timeout', drip: 'timeout' });
    for (const name of ['garbage', 'endless-line', 'endless-body']) expect(reasons[name]).toMatch(/^\w+$/);
    expect(page.value('taillight_replica_prompt_tokens_total', { replica: 'sound' })).toBe(100);
    const failing = exporter.events('scrape failing');
    const names = failing.map(({ replica }) => replica).sort();
    expect(names).toEqual(
      Object.keys(kinds)
        .filter((name) => name !== 'sound')
        .sort(),
    );
  }, 60_000);
});
