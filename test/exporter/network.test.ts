import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { request } from 'undici';
import { serveHttp, tlsFile } from '../http/local-server';
import { ExporterBench, LIVELY, type ExporterProcess } from '../support/exporter-process';
import { answer, startScriptedLlm, type ScriptedLlm } from '../support/scripted-llm';
import { until } from '../support/until';

/** Certificates and tokens on the way to the servers, and what strangers may do to the exporter's own port. */

const bench = new ExporterBench();
const cleanUp: (() => unknown)[] = [];
let plain: ScriptedLlm;

const PAGE = [
  '# TYPE vllm:num_requests_running gauge',
  'vllm:num_requests_running{engine="0",model_name="scripted"} 1',
  '# TYPE vllm:prompt_tokens_total counter',
  'vllm:prompt_tokens_total{engine="0",model_name="scripted"} 100',
  '',
].join('\n');

beforeAll(async () => {
  plain = await startScriptedLlm(answer({ words: ['x', 'y'], cached: 0 }));
});
afterAll(async () => {
  await bench.stopAll();
  await Promise.all([plain.close(), ...cleanUp.map((close) => close())]);
});

/** The scripted server behind TLS; its base URL. */
async function behindTls(certificate: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = tls.createServer(
    { cert: readFileSync(tlsFile(`${certificate}.crt`)), key: readFileSync(tlsFile(`${certificate}.key`)) },
    (secure) => {
      const inner = net.connect(plain.port, '127.0.0.1');
      for (const socket of [secure, inner]) {
        sockets.add(socket);
        socket.on('error', () => {});
      }
      secure.pipe(inner).pipe(secure);
    },
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as net.AddressInfo).port}/v1`;
}

test('a certificate that is not trusted keeps its target down, said once; an authority that is put right is used without a restart', async () => {
  const folder = bench.folder();
  const authority = join(folder, 'ca.crt');
  copyFileSync(tlsFile('other-ca.crt'), authority);
  const [rightful, expired] = await Promise.all([behindTls('server'), behindTls('expired')]);
  const page = (url: string) => ({ static: [url.replace('/v1', '/metrics')], tls: { ca_file: authority } });
  const exporter = await bench.serve(
    {
      ...LIVELY,
      targets: [
        { name: 'plain', url: plain.url },
        { name: 'secure', url: rightful, tls: { ca_file: authority }, replicas: page(rightful) },
        { name: 'expired', url: expired, tls: { ca_file: tlsFile('ca.crt') } },
      ],
    },
    {},
    folder,
  );
  const down = (target: string) => exporter.events('target_down').filter((line) => line['target'] === target);
  const read = await until('all was tried', async () => {
    const now = await exporter.page();
    const tried = [...down('secure'), ...down('expired')].length === 2;
    return tried && now.series('taillight_scrape_success').length === 1 ? now : null;
  });
  expect(read.value('taillight_target_up', { target: 'secure' })).toBe(0);
  expect(read.series('taillight_scrape_success')).toEqual([
    { labels: expect.objectContaining({ reason: 'tls_error' }) as Record<string, string>, value: 0 },
  ]);
  expect(down('secure')[0]?.['detail']).toMatch(/authority/);
  expect(down('expired')[0]?.['detail']).toMatch(/expired/);

  copyFileSync(tlsFile('ca.crt'), authority);
  await until('the target is measured', async () => {
    const ok = { target: 'secure', outcome: 'ok' };
    return (await exporter.page()).sum('taillight_probe_requests_total', ok) > 0;
  });
  const later = await exporter.page();
  expect(later.value('taillight_target_up', { target: 'expired' })).toBe(0);
  expect(down('secure')).toHaveLength(1);
  expect(exporter.events('target_up').filter((line) => line['target'] === 'secure')).toHaveLength(1);
}, 90_000);

test('a metrics page behind a token is read with the token of the moment', async () => {
  const folder = bench.folder();
  const token = join(folder, 'token');
  writeFileSync(token, 'old-token');
  let wanted = 'old-token';
  const guarded = await serveHttp((asked, response) => {
    if (asked.headers.authorization === `Bearer ${wanted}`) response.end(PAGE);
    else response.writeHead(401).end(`not ${asked.headers.authorization}`);
  });
  cleanUp.push(() => guarded.close());
  const exporter = await bench.serve(
    {
      ...LIVELY,
      targets: [
        {
          name: 'a',
          url: plain.url,
          replicas: {
            static: [{ name: 'r0', url: `${guarded.url}/metrics` }],
            auth: { bearer_token_file: token },
          },
        },
        { name: 'b', url: plain.url },
      ],
    },
    {},
    folder,
  );
  const isUp = (value: number) => async () =>
    (await exporter.page()).value('taillight_replica_up', { replica: 'r0' }) === value;
  await until('the page is read', isUp(1));
  wanted = 'new-token';
  await until('the old token is refused', isUp(0));
  expect((await exporter.page()).series('taillight_scrape_success')[0]?.labels['reason']).toBe('http_status');
  writeFileSync(token, 'new-token');
  await until('the new token is used', isUp(1));
  expect(exporter.events('scrape failing')).toHaveLength(1);
  expect(exporter.lines.join('\n')).not.toMatch(/(old|new)-token/);
}, 90_000);

describe("the exporter's own port", () => {
  let exporter: ExporterProcess;
  let port: number;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    const targets = [
      { name: 'a', url: plain.url },
      { name: 'b', url: plain.url },
    ];
    exporter = await bench.serve({ ...LIVELY, targets });
    port = Number(new URL(exporter.url).port);
    await until('there is a page', async () => (await exporter.page()).names.length > 0);
  }, 60_000);
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    expect((await exporter.page()).value('taillight_build_info')).toBe(1);
    expect(exporter.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  function raw(text: string | Buffer): Socket {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(text);
    sockets.push(socket);
    return socket;
  }
  /** All that comes until the exporter hangs up. */
  const answerTo = (text: string | Buffer): Promise<string> =>
    new Promise((resolve) => {
      let got = '';
      const socket = raw(text);
      socket.on('data', (part: Buffer) => (got += part.toString('latin1')));
      socket.on('close', () => resolve(got));
    });

  test.each([
    ['POST', '/-/reload'],
    ['POST', '/-/quit'],
    ['POST', '/metrics'],
    ['PUT', '/api/v1/comparison'],
    ['DELETE', '/api/v1/runs'],
    ['POST', '/nothing'],
    ['GET', '/..%2f..%2fetc/passwd'],
    ['GET', '/%E0%A4%A'],
  ] as const)('%s %s changes nothing and is not there', async (method, path) => {
    const answered = await request(`${exporter.url}${path}`, { method });
    await answered.body.dump();
    expect(answered.statusCode).toBe(404);
  });

  test('a large body is not read into memory', async () => {
    const answered = await request(`${exporter.url}/nothing`, {
      method: 'POST',
      body: Buffer.alloc(32 * 1024 * 1024),
    }).catch((error: Error) => error);
    // Refused with an answer, or by hanging up on a body that nobody wants.
    if (!(answered instanceof Error)) expect(answered.statusCode).toBe(404);
  });

  test('huge headers are refused', async () => {
    const text = await answerTo(
      `GET /metrics HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(64 * 1024)}\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('what is not HTTP is refused', async () => {
    expect(await answerTo(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0a, 0x0d, 0x0a]))).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });

  test('readers that send slowly, and readers that take nothing, do not keep others waiting', async () => {
    const slow = Array.from({ length: 100 }, () => raw('GET /metrics HTTP/1.1\r\nhost: x\r\nx-slow: '));
    const greedy = Array.from({ length: 20 }, () =>
      raw('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(50)),
    );
    for (const socket of greedy) socket.pause();
    for (let round = 0; round < 5; round += 1) {
      for (const socket of slow) socket.write('a');
      expect((await exporter.page()).value('taillight_build_info')).toBe(1);
    }
  });
});
