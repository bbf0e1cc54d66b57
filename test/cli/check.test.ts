import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { check } from '../../exporter/src/cli/check';
import { serveHttp, serveHttps, tlsFile, type LocalServer } from '../http/local-server';

const page = (name: string) => readFileSync(join(__dirname, '../fixtures/pages', name));
const ENGINE = page('vllm-0.32-idle.prom');
const SILENT_ENGINE = page('vllm-0.32-disable-log-stats-busy.prom');
const ROUTER = page('epp-busy.prom');
const GPUS = [
  '# TYPE DCGM_FI_DEV_GPU_UTIL gauge',
  'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",modelName="NVIDIA H200",Hostname="n1",pod="qwen-0",namespace="demo-llm"} 41',
  'DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-2",modelName="NVIDIA H200",Hostname="n1",pod="qwen-1",namespace="demo-llm"} 12',
  '',
].join('\n');

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((close) => close()));
});

/** A server of fixed answers by path; anything else is 404. */
const answering =
  (pages: Record<string, string | Buffer>, token?: string): RequestListener =>
  (request, response) => {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end('Unauthorized\n');
      return;
    }
    const body = pages[request.url ?? ''];
    if (body === undefined) response.writeHead(404);
    response.end(body ?? '');
  };
const models = (...ids: string[]) => JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) });
const engine = (...ids: string[]) => ({ '/v1/models': models(...ids), '/metrics': ENGINE });

async function started(server: Promise<LocalServer>): Promise<LocalServer> {
  const running = await server;
  cleanUp.push(() => running.close());
  return running;
}

async function run(argv: string[]): Promise<{ code: number; out: string[]; err: string }> {
  let [out, err] = ['', ''];
  const io = { stdout: (text: string) => (out += text), stderr: (text: string) => (err += text) };
  const code = await check(argv, io, {});
  return { code, out: out.trimEnd().split('\n'), err };
}

function fileWith(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'taillight-check-'));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function checked(config: object) {
  return run(['--config', fileWith('taillight.yaml', stringify(config))]);
}

test('two sound deployments are ok in every part', async () => {
  const plain = await started(serveHttp(answering(engine('qwen'))));
  const llmd = await started(serveHttp(answering(engine('qwen', 'other'))));
  const router = await started(serveHttps('server', answering({ '/metrics': ROUTER }, 'abc')));
  const gpus = await started(serveHttp(answering({ '/metrics': GPUS })));
  const token = fileWith('token', 'abc');
  const { code, out } = await checked({
    targets: [
      { name: 'vllm', url: plain.url, replicas: { static: [plain.url] } },
      {
        name: 'llm-d',
        url: llmd.url,
        model: 'qwen',
        replicas: { dns: { host: '127.0.0.1', port: llmd.port } },
        router: { url: router.url, auth: { bearer_token_file: token }, tls: { ca_file: tlsFile('ca.crt') } },
      },
    ],
    gpus: [{ static: [gpus.url] }],
  });
  expect(out.filter((line) => line.startsWith('fail'))).toEqual([]);
  expect(out[0]).toBe(`ok    target vllm, models: ${plain.url}/v1/models: serves qwen`);
  expect(out[1]).toContain(`ok    target vllm, replicas: ${plain.url}/metrics: vllm `);
  expect(out[2]).toBe(`ok    target llm-d, models: ${llmd.url}/v1/models: serves qwen`);
  expect(out[3]).toBe('ok    target llm-d, replicas: 1 found, all ready');
  expect(out[5]).toContain(`ok    target llm-d, router: ${router.url}/metrics: endpoint picker with `);
  expect(out[6]).toContain(`ok    gpus[0]: ${gpus.url}/metrics: 2 GPUs`);
  expect(out.at(-1)).toBe('7 ok, 0 to know, 0 failed');
  expect(code).toBe(0);
});

/** What is said about the model list, the replicas and the router of a second target, beside a sound first one. */
async function saidOf(target: object): Promise<string[]> {
  const sound = await started(serveHttp(answering(engine('qwen'))));
  const { code, out } = await checked({
    targets: [
      { name: 'sound', url: sound.url, replicas: { static: [sound.url] } },
      { name: 'x', ...target },
    ],
  });
  expect(code).toBe(2);
  return out.filter((line) => line.startsWith('fail'));
}

describe('what is wrong is said in words', () => {
  test('a certificate for another name, with the names that it has', async () => {
    const { url } = await started(serveHttps('other-name', answering(engine('qwen'))));
    expect(await saidOf({ url, tls: { ca_file: tlsFile('ca.crt') } })).toEqual([
      `fail  target x, models: ${url}/v1/models: the certificate is for qwen-epp.demo-llm.svc, *.example.test, not for 127.0.0.1; use such a name in the url or set tls.server_name to it`,
    ]);
  });

  test('a missing token', async () => {
    const { url } = await started(serveHttp(answering(engine('qwen'), 'abc')));
    expect(await saidOf({ url })).toEqual([
      `fail  target x, models: ${url}/v1/models: answered 401 (who asks is not known; set auth): Unauthorized`,
    ]);
  });

  test('a router that wants a token', async () => {
    const { url } = await started(serveHttp(answering({ ...engine('qwen'), '/metrics': ROUTER })));
    const router = await started(serveHttp(answering({ '/metrics': ROUTER }, 'abc')));
    expect(await saidOf({ url, router: { url: router.url } })).toEqual([
      `fail  target x, router: ${router.url}/metrics: answered 401 (who asks is not known; set auth): Unauthorized; it wants the token of a service account that may "get" the nonResourceURL /metrics (router.auth)`,
    ]);
  });

  test('a port where nothing listens', async () => {
    const gone = await started(serveHttp(answering({})));
    await gone.close();
    expect(await saidOf({ url: gone.url })).toEqual([
      `fail  target x, models: ${gone.url}/v1/models: connection refused by 127.0.0.1:${gone.port}: nothing listens there`,
    ]);
  });

  test('plain http on an https port, and https on an http port', async () => {
    const tls = await started(serveHttps('server', answering(engine('qwen'))));
    const plain = await started(serveHttp(answering(engine('qwen'))));
    const [asHttp, asHttps] = [tls.url.replace('https:', 'http:'), plain.url.replace('http:', 'https:')];
    const said = await saidOf({ url: asHttp, router: { url: asHttps } });
    expect(said[0]).toContain('so does a TLS port that is spoken to in plain http');
    expect(said[1]).toContain('the server does not speak TLS on this port; the url must start with http://');
  });

  test('a url without /v1', async () => {
    const { url } = await started(serveHttp(answering(engine('qwen'))));
    expect(await saidOf({ url: `${url}/api` })).toEqual([
      `fail  target x, models: ${url}/api/models: answered 404 (no such page; is the path right?); should the url end with /v1?`,
    ]);
  });

  test('a model that is not served, and answers that are no model list', async () => {
    const { url } = await started(serveHttp(answering(engine('a', 'b'))));
    expect(await saidOf({ url, model: 'qwen' })).toEqual([
      `fail  target x, models: ${url}/v1/models: does not list the configured model qwen; it lists a, b`,
    ]);
    for (const [answer, said] of [
      ['{"data":[]}', 'lists no model; is the server still loading it?'],
      ['null', 'the answer is not a list of models; is this the OpenAI API of the server?'],
      ['<html>', 'the answer is not a list of models; is this the OpenAI API of the server?'],
    ] as const) {
      const other = await started(serveHttp(answering({ '/v1/models': answer })));
      expect(await saidOf({ url: other.url })).toEqual([
        `fail  target x, models: ${other.url}/v1/models: ${said}`,
      ]);
    }
  });

  test('pages that are not those of a model server', async () => {
    const { url } = await started(
      serveHttp(
        answering({
          '/v1/models': models('qwen'),
          '/html': '<html></html>',
          '/silent': SILENT_ENGINE,
          '/epp': ROUTER,
        }),
      ),
    );
    const said = await saidOf({ url, replicas: { static: [`${url}/html`, `${url}/silent`, `${url}/epp`] } });
    expect(said[0]).toContain(`${url}/html: `);
    expect(said[0]).toContain('HTML');
    expect(said[1]).toContain('--disable-log-stats');
    expect(said[2]).toBe(
      `fail  target x, replicas: ${url}/epp: is a page of llm-d's endpoint picker, not of a model server`,
    );
  });

  test('a selector that matches nothing', async () => {
    const { url } = await started(serveHttp(answering(engine('qwen'))));
    const api = await started(
      serveHttp((_, response) => response.end(JSON.stringify({ kind: 'PodList', metadata: {}, items: [] }))),
    );
    const token = fileWith('token', 'abc');
    const kubernetes = {
      namespace: 'demo-llm',
      selector: 'app=typo',
      port: 8000,
      api_server: api.url,
      token_file: token,
    };
    expect(await saidOf({ url, replicas: { kubernetes } })).toEqual([
      'fail  target x, replicas: no pod in namespace demo-llm matches "app=typo"',
    ]);
  });
});

test('different models, and what stays unknown, are told but do not fail', async () => {
  const a = await started(serveHttp(answering(engine('qwen'))));
  const b = await started(serveHttp(answering(engine('llama'))));
  const { code, out } = await run(['--target', `a=${a.url}`, '--target', `b=${b.url}`]);
  expect(code).toBe(0);
  expect(out).toEqual([
    `ok    target a, models: ${a.url}/v1/models: serves qwen`,
    'warn  target a, replicas: not configured: balance stays unknown, and the hit rate comes from the answers alone (vLLM needs --enable-prompt-tokens-details)',
    `ok    target b, models: ${b.url}/v1/models: serves llama`,
    'warn  target b, replicas: not configured: balance stays unknown, and the hit rate comes from the answers alone (vLLM needs --enable-prompt-tokens-details)',
    'warn  targets: serve different models (a qwen, b llama): no verdict will be given; set model for each',
    '2 ok, 3 to know, 0 failed',
  ]);
});

describe('arguments and configurations that are no good end with 2', () => {
  test.each([
    [[], 'taillight check: give either --config FILE or --target NAME=URL (twice or more)\n'],
    [
      ['--config', '/no/such.yaml'],
      '/no/such.yaml: cannot be read (ENOENT); give the path of the configuration with --config\n',
    ],
    [['--target', 'a=http://a'], '--target: is given once only; add the deployment to compare it with\n'],
  ])('%p', async (argv, text) => {
    expect(await run(argv)).toMatchObject({ code: 2, err: text });
  });

  test('an unknown option', async () => {
    const { code, err } = await run(['--confg', 'x']);
    expect(code).toBe(2);
    expect(err).toContain('--confg');
    expect(err.trimEnd()).not.toContain('\n');
  });
});

test('help is no failure', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out[0]).toContain('usage: taillight check');
});
