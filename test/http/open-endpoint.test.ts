import {
  copyFileSync,
  mkdtempSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fetchPage, type Page } from '../../exporter/src/http/fetch-page';
import { openEndpoint, type EndpointOptions } from '../../exporter/src/http/open-endpoint';
import type { Endpoint } from '../../exporter/src/http/endpoint';
import type { HttpSettings } from '../../exporter/src/model/config';
import { httpSettings, serveHttp, serveHttps, tlsFile, type LocalServer } from './local-server';
import { readFileSync } from 'node:fs';

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((close) => close()));
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'taillight-endpoint-'));
  cleanUp.push(() => rmSync(path, { recursive: true }));
  return path;
}

function opened(settings: HttpSettings, options: EndpointOptions = { file_check_seconds: 0.02 }): Endpoint {
  const endpoint = openEndpoint(settings, options);
  cleanUp.push(() => endpoint.close());
  return endpoint;
}

async function started(server: Promise<LocalServer>): Promise<LocalServer> {
  const running = await server;
  cleanUp.push(() => running.close());
  return running;
}

const get = (url: string, endpoint: Endpoint): Promise<Page> =>
  fetchPage(url, endpoint, { timeout_seconds: 20, max_body_bytes: 1000 });

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('waited 20 s in vain');
    await new Promise((later) => setTimeout(later, 10));
  }
}

describe('authentication', () => {
  test('sends the token and the headers of the settings', async () => {
    const { url } = await started(
      serveHttp((request, response) =>
        response.end(`${request.headers.authorization} ${String(request.headers['x-api-key'])}`),
      ),
    );
    const page = await get(
      url,
      opened(httpSettings({ bearer_token: 'abc', headers: { 'x-api-key': 'k1' } })),
    );
    expect(page.ok && page.body.toString()).toBe('Bearer abc k1');
  });

  test('without any, sends none', () => {
    expect(opened(httpSettings()).headers()).toEqual({});
  });

  test('a token that Kubernetes rotates by swapping a symlink is used soon after', async () => {
    const dir = folder();
    for (const [version, token] of [
      ['v1', 'first'],
      ['v2', 'second'],
    ] as const) {
      mkdirSync(join(dir, version));
      writeFileSync(join(dir, version, 'token'), `${token}\n`);
    }
    symlinkSync('v1', join(dir, 'data'));
    symlinkSync('data/token', join(dir, 'token'));
    const endpoint = opened(httpSettings({ bearer_token_file: join(dir, 'token') }));
    expect(endpoint.headers()).toEqual({ authorization: 'Bearer first' });

    symlinkSync('v2', join(dir, 'data-new'));
    renameSync(join(dir, 'data-new'), join(dir, 'data'));
    await eventually(() => endpoint.headers()['authorization'] === 'Bearer second');
  });

  test('a token file that is missing fails the request with its name, until it is there', async () => {
    const { url } = await started(
      serveHttp((request, response) => response.end(request.headers.authorization)),
    );
    const path = join(folder(), 'token');
    const endpoint = opened(httpSettings({ bearer_token_file: path }));
    expect(await get(url, endpoint)).toEqual({
      ok: false,
      reason: 'connect_error',
      detail: `the file ${path} cannot be read (ENOENT)`,
    });
    writeFileSync(path, 'late');
    await eventually(async () => (await get(url, endpoint)).ok);
    expect(endpoint.headers()).toEqual({ authorization: 'Bearer late' });
  });

  test('a token file that vanishes leaves the last token in use', async () => {
    const path = join(folder(), 'token');
    writeFileSync(path, 'kept');
    const endpoint = opened(httpSettings({ bearer_token_file: path }));
    rmSync(path);
    await new Promise((later) => setTimeout(later, 100));
    expect(endpoint.headers()).toEqual({ authorization: 'Bearer kept' });
  });

  test('a token file with several lines is refused without showing them', async () => {
    const path = join(folder(), 'token');
    writeFileSync(path, 'secret-one\nx-injected: secret-two\n');
    const page = await get('http://127.0.0.1:1', opened(httpSettings({ bearer_token_file: path })));
    expect(page).toEqual({
      ok: false,
      reason: 'connect_error',
      detail: `the token file ${path} holds more than one word of printable ASCII`,
    });
  });
});

describe('TLS', () => {
  const hello = (_: unknown, response: { end(text: string): void }) => response.end('hello');

  test('trusts the authority of ca_file', async () => {
    const { url } = await started(serveHttps('server', hello));
    expect(await get(url, opened(httpSettings()))).toMatchObject({ ok: false, reason: 'tls_error' });
    expect(await get(url, opened(httpSettings({ tls: { ca_file: tlsFile('ca.crt') } })))).toMatchObject({
      ok: true,
    });
  });

  test('server_name is what the certificate must be for', async () => {
    const { url } = await started(serveHttps('other-name', hello));
    const settings = (server_name: string) =>
      httpSettings({ tls: { ca_file: tlsFile('ca.crt'), server_name } });
    expect(await get(url, opened(settings('qwen-epp.demo-llm.svc')))).toMatchObject({ ok: true });
    expect(await get(url, opened(settings('b.example.test')))).toMatchObject({ ok: true });
    expect(await get(url, opened(settings('example.test')))).toMatchObject({
      ok: false,
      reason: 'tls_error',
    });
  });

  test('insecure_skip_verify accepts any certificate', async () => {
    const { url } = await started(serveHttps('expired', hello));
    expect(await get(url, opened(httpSettings({ tls: { insecure_skip_verify: true } })))).toMatchObject({
      ok: true,
    });
  });

  test('shows the client certificate', async () => {
    const { url } = await started(
      serveHttps(
        'server',
        (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN),
        { requestCert: true, rejectUnauthorized: true, ca: readFileSync(tlsFile('ca.crt')) },
      ),
    );
    const tls = {
      ca_file: tlsFile('ca.crt'),
      cert_file: tlsFile('client.crt'),
      key_file: tlsFile('client.key'),
    };
    const page = await get(url, opened(httpSettings({ tls })));
    expect(page.ok && page.body.toString()).toBe('client');
    expect(await get(url, opened(httpSettings({ tls: { ca_file: tls.ca_file } })))).toMatchObject({
      ok: false,
    });
  });

  test('a certificate and a key that do not fit together fail with the names of the files', async () => {
    const tls = { cert_file: tlsFile('client.crt'), key_file: tlsFile('server.key') };
    expect(await get('https://127.0.0.1:1', opened(httpSettings({ tls })))).toEqual({
      ok: false,
      reason: 'tls_error',
      detail: `OpenSSL does not accept ${tls.cert_file}, ${tls.key_file} (ERR_OSSL_X509_KEY_VALUES_MISMATCH)`,
    });
  });

  test('an authority that is replaced is used soon after, without failing in between', async () => {
    const { url } = await started(serveHttps('server', hello));
    const path = join(folder(), 'ca.crt');
    copyFileSync(tlsFile('other-ca.crt'), path);
    const endpoint = opened(httpSettings({ tls: { ca_file: path } }), {
      file_check_seconds: 0.02,
      keep_alive: false,
    });
    expect(await get(url, endpoint)).toMatchObject({ ok: false, reason: 'tls_error' });

    copyFileSync(tlsFile('ca.crt'), path);
    await eventually(async () => (await get(url, endpoint)).ok);

    const before = endpoint.dispatcher();
    writeFileSync(path, 'half written');
    await new Promise((later) => setTimeout(later, 100));
    expect(endpoint.dispatcher()).toBe(before);
    expect(await get(url, endpoint)).toMatchObject({ ok: true });
  });
});

test('a closed endpoint makes no more requests', async () => {
  const { url } = await started(serveHttp((_, response) => response.end('hello')));
  const endpoint = openEndpoint(httpSettings());
  expect(await get(url, endpoint)).toMatchObject({ ok: true });
  await endpoint.close();
  expect(await get(url, endpoint)).toMatchObject({ ok: false, reason: 'cut' });

  const unused = openEndpoint(httpSettings());
  await unused.close();
  expect(await get(url, unused)).toMatchObject({ ok: false, reason: 'cut' });
});
