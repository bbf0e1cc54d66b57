import { openEndpoint } from '../../exporter/src/http/open-endpoint';
import { classifyNetworkError } from '../../exporter/src/http/network-error';
import { request } from 'undici';
import { httpSettings, serveHttp, serveHttps, serveRaw, tlsFile, type LocalServer } from './local-server';
import type { HttpSettings } from '../../exporter/src/model/config';

const CA = { tls: { ca_file: tlsFile('ca.crt') } };
const servers: LocalServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function failureOf(url: string, settings: HttpSettings = httpSettings(), connect_timeout_seconds = 10) {
  const endpoint = openEndpoint(settings, { connect_timeout_seconds });
  try {
    const { body } = await request(url, { dispatcher: endpoint.dispatcher() });
    await body.text();
    throw new Error(`${url} answered, which the test did not expect`);
  } catch (error) {
    return classifyNetworkError(error);
  } finally {
    await endpoint.close();
  }
}

async function started(server: Promise<LocalServer>): Promise<LocalServer> {
  const running = await server;
  servers.push(running);
  return running;
}
const hello = (_: unknown, response: { end(text: string): void }) => response.end('hello');

describe('a connection that fails is told in plain words', () => {
  test('a port where nothing listens', async () => {
    const gone = await started(serveHttp(hello));
    await gone.close();
    expect(await failureOf(gone.url)).toEqual({
      failure: 'connect_error',
      text: `connection refused by 127.0.0.1:${gone.port}: nothing listens there`,
    });
  });

  test('an authority that is not trusted', async () => {
    const { url } = await started(serveHttps('server', hello));
    const expected = {
      failure: 'tls_error',
      text: 'the certificate is signed by an authority that is not trusted here; set tls.ca_file to that authority',
    };
    expect(await failureOf(url)).toEqual(expected);
    expect(await failureOf(url, httpSettings({ tls: { ca_file: tlsFile('other-ca.crt') } }))).toEqual(
      expected,
    );
  });

  test('a certificate for other names: they are listed', async () => {
    const { url } = await started(serveHttps('other-name', hello));
    expect(await failureOf(url, httpSettings(CA))).toEqual({
      failure: 'tls_error',
      text: 'the certificate is for qwen-epp.demo-llm.svc, *.example.test, not for 127.0.0.1; use such a name in the url or set tls.server_name to it',
    });
  });

  test('an expired certificate', async () => {
    const { url } = await started(serveHttps('expired', hello));
    expect(await failureOf(url, httpSettings(CA))).toEqual({
      failure: 'tls_error',
      text: 'the certificate has expired; it must be renewed',
    });
  });

  test('a self-signed certificate', async () => {
    const { url } = await started(serveHttps('self-signed', hello));
    expect(await failureOf(url)).toEqual({
      failure: 'tls_error',
      text: 'the certificate is signed by itself and not trusted here; set tls.ca_file to that certificate, or tls.insecure_skip_verify',
    });
  });

  test('https spoken to a plain http port', async () => {
    const { url } = await started(serveHttp(hello));
    expect(await failureOf(url.replace('http:', 'https:'))).toEqual({
      failure: 'tls_error',
      text: 'the server does not speak TLS on this port; the url must start with http://, or the port is wrong',
    });
  });

  test('plain http spoken to a TLS port that hangs up', async () => {
    const { url } = await started(serveHttps('server', hello));
    expect(await failureOf(url.replace('https:', 'http:'))).toEqual({
      failure: 'cut',
      text: 'the server hung up without an answer; so does a TLS port that is spoken to in plain http, and one that wants a client certificate',
    });
  });

  test('plain http spoken to a TLS port that answers with a TLS alert', async () => {
    const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);
    const { url } = await started(serveRaw((socket) => socket.end(alert)));
    expect(await failureOf(url)).toEqual({
      failure: 'tls_error',
      text: 'the server speaks TLS on this port; the url must start with https://',
    });
  });

  test('a server that wants a client certificate', async () => {
    const options = { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' as const };
    const { url } = await started(serveHttps('server', hello, options));
    const { failure } = await failureOf(url, httpSettings(CA));
    expect(['tls_error', 'cut']).toContain(failure);
  });

  test('something that is not HTTP', async () => {
    const { url } = await started(serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    expect(await failureOf(url)).toEqual({
      failure: 'cut',
      text: 'the answer is not HTTP; is the port right?',
    });
  });

  test('a connection that breaks in the middle of the answer', async () => {
    const { url } = await started(
      serveHttp((_, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('abc', () => response.destroy());
      }),
    );
    expect(await failureOf(url)).toEqual({
      failure: 'cut',
      text: 'the connection broke before the answer was complete',
    });
  });

  test('a TLS handshake that never ends', async () => {
    const { url } = await started(serveRaw(() => {}));
    const problem = await failureOf(url.replace('http:', 'https:'), httpSettings(), 0.3);
    expect(problem.failure).toBe('connect_error');
  });

  test('endless headers', async () => {
    const { url } = await started(
      serveRaw((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)),
    );
    expect(await failureOf(url)).toEqual({
      failure: 'cut',
      text: 'the answer has more than 16 KiB of headers',
    });
  });
});
