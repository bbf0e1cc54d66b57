import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildObjects, objectOf, ROOT } from '../support/kustomize';

const TLS = join(ROOT, 'test/fixtures/tls');
const TOKEN = 'a-token-of-the-job';
const PATH = '/api/v1/namespaces/llm-d-monitoring/secrets';

interface Secret {
  metadata: { name: string; labels: Record<string, string> };
  type: string;
  stringData: Record<string, string>;
}

/** The part of an API server that the Job talks to: a token, get and create of Secrets. */
class SecretApi {
  readonly secrets = new Map<string, Secret>();
  readonly requests: string[] = [];
  /** Answers every request of this method with this status instead. */
  refuse: { method: string; status: number } | null = null;
  readonly #server: Server;

  constructor(certificate = 'server') {
    const [cert, key] = ['crt', 'key'].map((end) => readFileSync(join(TLS, `${certificate}.${end}`)));
    this.#server = createServer({ cert, key }, (request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.requests.push(`${method} ${url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const status = this.#statusOf(method, url, headers.authorization, Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'application/json' });
    const stored = this.secrets.get(url.slice(PATH.length + 1));
    response.end(JSON.stringify(status === 200 ? stored : { kind: 'Status', code: status }));
  }

  #statusOf(method: string, url: string, authorization: string | undefined, body: string): number {
    if (authorization !== `Bearer ${TOKEN}`) return 401;
    if (this.refuse?.method === method) return this.refuse.status;
    if (method === 'GET') return this.secrets.has(url.slice(PATH.length + 1)) ? 200 : 404;
    if (method !== 'POST' || url !== PATH) return 404;
    const secret = JSON.parse(body) as Secret;
    if (this.secrets.has(secret.metadata.name)) return 409;
    this.secrets.set(secret.metadata.name, secret);
    return 201;
  }
}

let folder: string;
let api: SecretApi;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taillight-admin-'));
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
  writeFileSync(join(folder, 'namespace'), 'llm-d-monitoring');
  cpSync(join(TLS, 'ca.crt'), join(folder, 'ca.crt'));
  api = new SecretApi();
  port = await api.listen();
});

afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the script of the ConfigMap as the Job does; the folder stands for the mounted service account. */
function runJob(at = port): Promise<{ code: number | null; output: string }> {
  const data = objectOf(buildObjects('monitoring'), 'ConfigMap', 'grafana-admin-script')['data'];
  const script = join(folder, 'make-admin-secret.mjs');
  writeFileSync(script, (data as Record<string, string>)['make-admin-secret.mjs']!);
  const child = spawn(process.execPath, [script], {
    env: {
      SERVICE_ACCOUNT_DIR: folder,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(at),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (output += part));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output: output.trim() })));
}

const stored = () => api.secrets.get('grafana-admin')!;

test('a first run makes the Secret with the keys that Grafana takes', async () => {
  expect(await runJob()).toEqual({ code: 0, output: 'Secret grafana-admin is made' });
  expect(api.requests).toEqual([`GET ${PATH}/grafana-admin`, `POST ${PATH}`]);
  const { metadata, type, stringData } = stored();
  expect(metadata).toEqual({ name: 'grafana-admin', labels: { 'app.kubernetes.io/part-of': 'taillight' } });
  expect([type, stringData['admin-user']]).toEqual(['Opaque', 'admin']);
  expect(stringData['admin-password']).toMatch(/^[A-Za-z0-9_-]{32}$/);
});

test('a second run leaves it as it is, and asks for no more than whether it is there', async () => {
  await runJob();
  const first = structuredClone(stored());
  api.requests.length = 0;
  expect(await runJob()).toEqual({ code: 0, output: 'Secret grafana-admin exists and stays as it is' });
  expect(stored()).toEqual(first);
  expect(api.requests).toEqual([`GET ${PATH}/grafana-admin`]);
});

test('one that appears in between stays too', async () => {
  api.refuse = { method: 'POST', status: 409 };
  expect(await runJob()).toEqual({ code: 0, output: 'Secret grafana-admin exists and stays as it is' });
});

test('two clusters get two passwords, and neither password nor token is printed', async () => {
  const passwords: string[] = [];
  for (let cluster = 0; cluster < 2; cluster++) {
    api.secrets.clear();
    const { output } = await runJob();
    const password = stored().stringData['admin-password']!;
    passwords.push(password);
    expect(output).not.toContain(password);
    expect(output).not.toContain(TOKEN);
  }
  expect(passwords[0]).not.toBe(passwords[1]);
});

test.each([
  ['GET', 403, 'grafana-admin: the API server answered 403 to "get" of Secret grafana-admin'],
  ['GET', 500, 'grafana-admin: the API server answered 500 to "get" of Secret grafana-admin'],
  ['POST', 403, 'grafana-admin: the API server answered 403 to "create" of Secret grafana-admin'],
])(
  'a %s that is answered with %d ends it with one line, for the Job to try again',
  async (method, status, line) => {
    api.refuse = { method, status };
    expect(await runJob()).toEqual({ code: 1, output: line });
    expect(api.secrets.size).toBe(0);
  },
);

test('an API server with a certificate of somebody else gets no token', async () => {
  const impostor = new SecretApi('self-signed');
  const { code, output } = await runJob(await impostor.listen());
  await impostor.close();
  expect([code, impostor.requests]).toEqual([1, []]);
  expect(output).toMatch(/^grafana-admin: .*self-signed certificate$/);
});

test('an API server that cannot be reached is one line', async () => {
  await api.close();
  const { code, output } = await runJob();
  expect(code).toBe(1);
  expect(output).toMatch(/^grafana-admin: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
});
