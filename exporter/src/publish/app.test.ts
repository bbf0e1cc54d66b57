import { request } from 'node:http';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import type { Comparison } from '../model/comparison';
import { createApp, negotiate, type AppDeps } from './app';
import { listen, type Listening } from './listen';
import type { LiveAnswer } from './live';
import type { LivePage } from './live-page';

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
}

function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ port, path, headers, method, host: '127.0.0.1' }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    call.on('error', reject);
    call.end();
  });
}

const COMPARISON: Comparison = {
  schema: 'taillight.comparison/1',
  generated: '2026-11-25T10:00:00.000Z',
  baseline: 'vllm',
  targets: [],
  comparisons: [],
};

const LIVE: LiveAnswer = {
  schema: 'taillight.live/1',
  version: '0.1.0',
  run: 'r1',
  started: 1,
  now: 2,
  generated: null,
  window_seconds: 300,
  instant: [],
  series: [],
};

const SCRIPT = 'console.log("the page");'.repeat(100);
const PAGE: LivePage = {
  index: '<style nonce="%NONCE%"></style><script src="assets/app-1.js"></script>',
  assets: new Map([
    [
      'app-1.js',
      {
        type: 'text/javascript; charset=utf-8',
        bodies: [
          ['br', brotliCompressSync(SCRIPT)],
          ['gzip', gzipSync(SCRIPT)],
          ['identity', Buffer.from(SCRIPT)],
        ],
      },
    ],
  ]),
};

describe('the HTTP face', () => {
  let listening: Listening;
  let deps: AppDeps;
  const errors: unknown[] = [];

  beforeAll(async () => {
    deps = {
      page: (format) => Promise.resolve(`# ${format}\n`.repeat(500)),
      comparison: () => COMPARISON,
      runs: () => Promise.resolve([{ run: 'r1' }]),
      notReady: () => null,
      reload: { token: () => 'secret', run: () => Promise.resolve({ ok: true }) },
      live: ({ turn, quantile }) => ({ ...LIVE, run: `${turn} ${quantile}` }),
      livePage: PAGE,
      onError: (error) => errors.push(error),
    };
    const app = createApp({
      page: (format) => deps.page(format),
      comparison: () => deps.comparison(),
      runs: () => deps.runs(),
      notReady: () => deps.notReady(),
      reload: { token: () => deps.reload?.token() ?? null, run: () => deps.reload!.run() },
      live: (query) => deps.live(query),
      livePage: deps.livePage,
      onError: (error) => deps.onError(error),
    });
    listening = await listen(app, '127.0.0.1', 0);
  });

  afterAll(() => listening.close());

  const get = (path: string, headers?: Record<string, string>) => ask(listening.port, path, headers);

  test('serves text 0.0.4 to everybody and OpenMetrics to those who ask for it', async () => {
    const text = await get('/metrics');
    expect(text.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.body.toString()).toMatch(/^# text\n/);
    const open = await get('/metrics', { accept: 'application/openmetrics-text; version=1.0.0' });
    expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body.toString()).toMatch(/^# openmetrics\n/);
  });

  test('compresses a long page for readers that take gzip, and only for them', async () => {
    const packed = await get('/metrics', { 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body).toString()).toBe('# text\n'.repeat(500));
    expect((await get('/metrics')).headers['content-encoding']).toBeUndefined();
  });

  test('gives the comparison as JSON, and 503 with a sentence before there is one', async () => {
    expect(JSON.parse((await get('/api/v1/comparison')).body.toString())).toEqual(COMPARISON);
    deps.comparison = () => null;
    const early = await get('/api/v1/comparison');
    expect(early.status).toBe(503);
    expect(JSON.parse(early.body.toString())).toEqual({
      error: 'the first comparison is not made yet; ask again',
    });
    deps.comparison = () => COMPARISON;
  });

  test('lists the runs', async () => {
    expect(JSON.parse((await get('/api/v1/runs')).body.toString())).toEqual({
      schema: 'taillight.runs/1',
      runs: [{ run: 'r1' }],
    });
  });

  test('is healthy always, and ready when the exporter is', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    deps.notReady = () => 'the first scrape round is not done';
    const answer = await get('/readyz');
    expect([answer.status, answer.body.toString()]).toEqual([503, 'the first scrape round is not done\n']);
    deps.notReady = () => null;
  });

  test('reloads with the token, and says what is wrong with a bad file', async () => {
    const reload = (token: string) => ask(listening.port, '/-/reload', { authorization: token }, 'POST');
    expect((await reload('Bearer secret')).status).toBe(200);
    deps.reload!.run = () => Promise.resolve({ ok: false, mistakes: ['a is wrong', 'b is wrong'] });
    const refused = await reload('Bearer secret');
    expect([refused.status, refused.body.toString()]).toEqual([400, 'a is wrong\nb is wrong\n']);
  });

  test.each([['Bearer wrong!'], ['Bearer '], ['secret'], ['Basic secret']])(
    'changes nothing for the authorization %j',
    async (authorization) => {
      let called = false;
      deps.reload!.run = () => {
        called = true;
        return Promise.resolve({ ok: true });
      };
      const answer = await ask(listening.port, '/-/reload', { authorization }, 'POST');
      expect([answer.status, called]).toEqual([401, false]);
    },
  );

  test('a lifecycle token that is missing or empty lets nobody in', async () => {
    for (const token of [null, '']) {
      deps.reload!.token = () => token;
      expect((await ask(listening.port, '/-/reload', { authorization: 'Bearer ' }, 'POST')).status).toBe(401);
    }
  });

  test('answers 404 to what is not there and 500 without details to an error of its own', async () => {
    expect((await get('/etc/passwd')).status).toBe(404);
    deps.page = () => Promise.reject(new Error('inner secret'));
    const answer = await get('/metrics');
    expect([answer.status, answer.body.toString()]).toEqual([500, 'internal error\n']);
    expect(errors).toEqual([new Error('inner secret')]);
  });

  test('every answer with the live page has a number of its own, which its policy and its style share', async () => {
    const nonces = await Promise.all(
      ['/', '/'].map(async (path) => {
        const { status, headers, body } = await get(path);
        expect([status, headers['cache-control']]).toEqual([200, 'no-cache']);
        const nonce = /<style nonce="([^"]+)">/.exec(body.toString())?.[1] ?? '';
        const policy = String(headers['content-security-policy']).split('; ');
        expect(policy).toEqual(
          expect.arrayContaining([
            "default-src 'none'",
            "script-src 'self'",
            `style-src 'nonce-${nonce}'`,
            "connect-src 'self'",
            "frame-ancestors 'none'",
          ]),
        );
        expect(policy.join()).not.toMatch(/unsafe|https?:/);
        return nonce;
      }),
    );
    expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  test('what the page loads is kept by browsers for a year, compressed as well as they can read', async () => {
    const read = async (accept: string) => {
      const { headers, body } = await get('/assets/app-1.js', { 'accept-encoding': accept });
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['vary']).toBe('accept-encoding');
      return [headers['content-encoding'], body] as const;
    };
    const [br, best] = await read('gzip, deflate, br');
    expect([br, brotliDecompressSync(best).toString()]).toEqual(['br', SCRIPT]);
    const [gzip, middle] = await read('gzip');
    expect([gzip, gunzipSync(middle).toString()]).toEqual(['gzip', SCRIPT]);
    const [plain, whole] = await read('identity');
    expect([plain, whole.toString()]).toEqual([undefined, SCRIPT]);
  });

  test('no path leads from the assets to the file system', async () => {
    for (const path of ['/assets/../app.ts', '/assets/..%2f..%2fpackage.json', '/assets/', '/assets/none.js'])
      expect((await get(path)).status).toBe(404);
  });

  test('gives the live page the turn class and percentile that it asks for, and refuses what is none', async () => {
    const run = async (query: string) => {
      const { status, body } = await get(`/api/v1/live${query}`);
      return [status, (JSON.parse(body.toString()) as { run?: string }).run];
    };
    expect(await run('')).toEqual([200, 'all 0.95']);
    expect(await run('?turn=later&quantile=0.99')).toEqual([200, 'later 0.99']);
    expect(await run('?turn=second')).toEqual([400, undefined]);
    expect(await run('?quantile=0.950')).toEqual([400, undefined]);
    expect(await run('?turn=all&turn=first')).toEqual([400, undefined]);
  });

  test('a port in use is one sentence', async () => {
    await expect(listen(() => undefined, '127.0.0.1', listening.port)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${listening.port}: the port is in use; choose another`,
    );
  });
});

test.each([
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/html', 'text'],
  ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openmetrics'],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.9', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
])('Accept %j gets %s', (accept, format) => {
  expect(negotiate(accept)).toBe(format);
});
