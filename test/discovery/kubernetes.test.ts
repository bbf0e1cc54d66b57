import { createDiscovery } from '../../exporter/src/discovery/discover';
import type { DiscoverySource } from '../../exporter/src/discovery/listing';
import type { Discovery } from '../../exporter/src/model/config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveHttp, serveHttps, tlsFile, type LocalServer } from '../http/local-server';
import { ApiServer, pod } from '../support/kubernetes-api';

type Kubernetes = Extract<Discovery, { kind: 'kubernetes' }>;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((close) => close()));
});

function tokenFile(token: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'taillight-kubernetes-'));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'token');
  writeFileSync(path, token);
  return path;
}

async function setUp(
  overrides: Partial<Kubernetes> = {},
  env = {},
): Promise<{ api: ApiServer; server: LocalServer; source: DiscoverySource }> {
  const api = new ApiServer();
  const server = await serveHttps('server', api.answer);
  cleanUp.push(() => server.close());
  const source = createDiscovery(
    {
      kind: 'kubernetes',
      namespace: 'demo-llm',
      selector: 'app=vllm,role in (decode, both)',
      port: 8000,
      scheme: 'http',
      path: '/metrics',
      api_server: server.url,
      token_file: tokenFile('right-token'),
      ca_file: tlsFile('ca.crt'),
      insecure_skip_verify: false,
      ...overrides,
    },
    { env },
  );
  cleanUp.push(() => source.close());
  return { api, server, source };
}

const forever = new AbortController().signal;

test('pods are listed by name, address and readiness', async () => {
  const { api, source } = await setUp();
  api.pods = [
    pod('ready'),
    pod('ipv6', { ip: 'fd00::7' }),
    pod('unready', { ready: false }),
    pod('leaving', { deleted: true }),
    pod('starting', { phase: 'Pending', ip: '10.0.0.9' }),
    pod('no-address', { phase: 'Pending', ip: '' }),
    pod('done', { phase: 'Succeeded' }),
    pod('evicted', { phase: 'Failed' }),
  ];
  const listing = await source.list(forever);
  expect(listing.ok && listing.endpoints.map(({ name, url, ready }) => [name, url, ready])).toEqual([
    ['ready', 'http://10.0.0.1:8000/metrics', true],
    ['ipv6', 'http://[fd00::7]:8000/metrics', true],
    ['unready', 'http://10.0.0.1:8000/metrics', false],
    ['leaving', 'http://10.0.0.1:8000/metrics', false],
    ['starting', 'http://10.0.0.9:8000/metrics', false],
  ]);
  expect(listing.ok && listing.endpoints[0]).toMatchObject({
    host: 'gpu-node-1',
    pod: 'ready',
    namespace: 'demo-llm',
  });
  const asked = api.requests[0];
  expect(asked?.searchParams.get('labelSelector')).toBe('app=vllm,role in (decode, both)');
  expect(asked?.searchParams.get('resourceVersion')).toBe('0');
});

test('a port may be given by its name, of containers and of sidecars', async () => {
  const { api, source } = await setUp({ port: 'http-metrics', scheme: 'https', path: '/m' });
  api.pods = [
    pod('a', { ports: [{ containerPort: 1 }, { name: 'http-metrics', containerPort: 8200 }] }),
    pod('b', { sidecarPorts: [{ name: 'http-metrics', containerPort: 8300 }] }),
    pod('without', { ports: [{ name: 'grpc', containerPort: 9000 }] }),
  ];
  const listing = await source.list(forever);
  expect(listing.ok && listing.endpoints.map(({ name, url }) => [name, url])).toEqual([
    ['a', 'https://10.0.0.1:8200/m'],
    ['b', 'https://10.0.0.1:8300/m'],
  ]);
});

test('a port name that no pod has is a failure that tells which there are', async () => {
  const { api, source } = await setUp({ port: 'metrics' });
  api.pods = [
    pod('a', {
      ports: [
        { name: 'http', containerPort: 8000 },
        { name: 'grpc', containerPort: 9000 },
      ],
    }),
  ];
  expect(await source.list(forever)).toEqual({
    ok: false,
    reason: 'no_such_port',
    detail: 'no pod has a port named "metrics"; they have http, grpc',
  });
});

test('long lists are read page by page', async () => {
  const { api, source } = await setUp();
  api.pageSize = 2;
  api.pods = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name));
  const listing = await source.list(forever);
  expect(listing.ok && listing.endpoints.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(api.requests.map(({ searchParams }) => searchParams.get('continue'))).toEqual([null, '2', '4']);
});

test('a list whose snapshot is gone midway is read anew, without doubles', async () => {
  const { api, source } = await setUp();
  api.pageSize = 2;
  api.expired = 1;
  api.pods = ['a', 'b', 'c'].map((name) => pod(name));
  const listing = await source.list(forever);
  expect(listing.ok && listing.endpoints.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

test('a list without end is given up', async () => {
  const { api, source } = await setUp();
  api.expired = Infinity;
  api.pageSize = 1;
  api.pods = ['a', 'b'].map((name) => pod(name));
  expect(await source.list(forever)).toMatchObject({ ok: false, reason: 'bad_answer' });
});

test('no pod, and pods without address, are an empty list with a reason', async () => {
  const { api, source } = await setUp();
  expect(await source.list(forever)).toEqual({
    ok: true,
    endpoints: [],
    pending: 0,
    note: 'no pod in namespace demo-llm matches "app=vllm,role in (decode, both)"',
  });
  api.pods = [pod('a', { ip: '' })];
  expect(await source.list(forever)).toMatchObject({
    ok: true,
    pending: 1,
    note: 'no pod of "app=vllm,role in (decode, both)" in namespace demo-llm has an address yet',
  });
});

test('pods that come, become unready and go are seen', async () => {
  const { api, source } = await setUp();
  const seen = async () => {
    const listing = await source.list(forever);
    return listing.ok && listing.endpoints.map(({ name, ready }) => `${name} ${ready}`);
  };
  api.pods = [pod('a')];
  expect(await seen()).toEqual(['a true']);
  api.pods = [pod('a', { ready: false }), pod('b')];
  expect(await seen()).toEqual(['a false', 'b true']);
  api.pods = [pod('b')];
  expect(await seen()).toEqual(['b true']);
});

describe('failures are told with their remedy', () => {
  test('a token that is not accepted', async () => {
    const { source } = await setUp({ token_file: tokenFile('wrong-token') });
    const listing = await source.list(forever);
    expect(listing).toEqual({
      ok: false,
      reason: 'http_status',
      detail: 'the API server does not accept the token; is token_file right, and is it of this cluster?',
    });
  });

  test('a missing permission', async () => {
    const { api, source } = await setUp();
    api.forbidden = true;
    expect(await source.list(forever)).toMatchObject({
      reason: 'http_status',
      detail:
        'the service account may not list pods in namespace demo-llm; give it a Role there with verb "list" on resource "pods", and a RoleBinding',
    });
  });

  test('an authority that is not that of the API server', async () => {
    const { source } = await setUp({ ca_file: tlsFile('other-ca.crt') });
    expect(await source.list(forever)).toMatchObject({ ok: false, reason: 'tls_error' });
  });

  test('a server that is not the Kubernetes API', async () => {
    const server = await serveHttp((_, response) => response.end('{"hello":"world"}'));
    cleanUp.push(() => server.close());
    const { source } = await setUp({ api_server: server.url });
    expect(await source.list(forever)).toEqual({
      ok: false,
      reason: 'bad_answer',
      detail: 'the answer is not a list of pods; is api_server the Kubernetes API?',
    });
  });

  test('a token file that is not there', async () => {
    const { source } = await setUp({ token_file: '/no/such/token' });
    expect(await source.list(forever)).toEqual({
      ok: false,
      reason: 'connect_error',
      detail: 'the file /no/such/token cannot be read (ENOENT)',
    });
  });

  test('a process outside of a cluster', async () => {
    const { source } = await setUp({ api_server: null });
    expect(await source.list(forever)).toEqual({
      ok: false,
      reason: 'connect_error',
      detail:
        'this process does not run in a pod (KUBERNETES_SERVICE_HOST is not set); set api_server and token_file',
    });
  });
});

test('inside of a cluster the API server is found by the environment', async () => {
  const { api, server } = await setUp();
  api.pods = [pod('a')];
  const { source } = await setUp(
    { api_server: null },
    { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT_HTTPS: String(server.port) },
  );
  expect(await source.list(forever)).toMatchObject({ ok: true, endpoints: [{ name: 'a' }] });
});

test('a static list is what the configuration says', async () => {
  const source = createDiscovery({
    kind: 'static',
    endpoints: [{ name: 'a', url: 'http://[fd00::1]:8000/metrics' }],
  });
  expect(await source.list(forever)).toEqual({
    ok: true,
    note: null,
    endpoints: [
      {
        name: 'a',
        url: 'http://[fd00::1]:8000/metrics',
        ready: true,
        host: 'fd00::1',
        pod: null,
        namespace: null,
      },
    ],
  });
});
