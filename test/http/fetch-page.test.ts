import { gzipSync } from 'node:zlib';
import type { RequestListener, ServerResponse } from 'node:http';
import { fetchPage, type FetchLimits, type Page } from '../../exporter/src/http/fetch-page';
import { openEndpoint, type EndpointOptions } from '../../exporter/src/http/open-endpoint';
import type { Endpoint } from '../../exporter/src/http/endpoint';
import type { HttpSettings } from '../../exporter/src/model/config';
import { httpSettings, serveHttp, serveRaw, type LocalServer } from './local-server';

const LIMITS: FetchLimits = { timeout_seconds: 20, max_body_bytes: 10_000 };
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((close) => close()));
});

function endpointFor(settings: HttpSettings = httpSettings(), options: EndpointOptions = {}): Endpoint {
  const endpoint = openEndpoint(settings, options);
  cleanUp.push(() => endpoint.close());
  return endpoint;
}

async function started(server: Promise<LocalServer>): Promise<LocalServer> {
  const running = await server;
  cleanUp.push(() => running.close());
  return running;
}

async function fetched(answer: RequestListener, limits: Partial<FetchLimits> = {}): Promise<Page> {
  const { url } = await started(serveHttp(answer));
  return fetchPage(`${url}/metrics`, endpointFor(), { ...LIMITS, ...limits });
}

test('a page is its bytes, its content type and its status', async () => {
  const page = await fetched((request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`path ${request.url} accept ${request.headers.accept}`);
  });
  expect(page).toMatchObject({ ok: true, content_type: 'text/plain; version=0.0.4', status: 200 });
  expect(page.ok && page.body.toString()).toBe('path /metrics accept text/plain;version=0.0.4, */*;q=0.5');
});

test('a gzipped page is unpacked', async () => {
  const page = await fetched((request, response) => {
    expect(request.headers['accept-encoding']).toBe('gzip');
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('up 1\n'));
  });
  expect(page.ok && page.body.toString()).toBe('up 1\n');
});

describe('limits', () => {
  test('a body of exactly the limit is read, one byte more is refused', async () => {
    const page = await fetched((_, response) => response.end('x'.repeat(10_000)));
    expect(page.ok && page.body.length).toBe(10_000);
    expect(await fetched((_, response) => response.end('x'.repeat(10_001)))).toEqual({
      ok: false,
      reason: 'body_too_large',
      detail: 'the page is larger than 10000 bytes',
      status: 200,
    });
  });

  test('an endless body ends at the limit, and so does its connection', async () => {
    const flood = (response: ServerResponse) => {
      while (response.write('y'.repeat(4096)));
      response.once('drain', () => flood(response));
    };
    const server = await started(serveHttp((_, response) => flood(response)));
    const closed = new Promise<void>((done) => {
      const look = setInterval(() => {
        if (server.connections[0]?.destroyed !== true) return;
        clearInterval(look);
        done();
      }, 10);
    });
    const page = await fetchPage(server.url, endpointFor(), LIMITS);
    expect(page).toMatchObject({ ok: false, reason: 'body_too_large' });
    await closed;
  });

  test('a gzip bomb ends at the limit of what it unpacks to', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const page = await fetched((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    expect(page).toMatchObject({ ok: false, reason: 'body_too_large' });
  });

  test('gzip that is not gzip, and gzip that ends early, are cut', async () => {
    for (const bytes of [Buffer.from('not gzip at all'), gzipSync('x'.repeat(5000)).subarray(0, 20)]) {
      const page = await fetched((_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(bytes);
      });
      expect(page).toEqual({ ok: false, reason: 'cut', detail: 'the compressed answer is damaged' });
    }
  });

  test('a gzipped answer whose connection breaks is cut', async () => {
    const page = await fetched((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 1000 });
      response.write(gzipSync('x'.repeat(5000)).subarray(0, 20), () => response.destroy());
    });
    expect(page).toMatchObject({ ok: false, reason: 'cut' });
  });

  test('a server that never answers is a timeout', async () => {
    expect(await fetched(() => {}, { timeout_seconds: 0.2 })).toEqual({
      ok: false,
      reason: 'timeout',
      detail: 'no complete answer within 0.2 s',
    });
  });

  test('a slow drip is a timeout although bytes keep coming', async () => {
    let drips = 0;
    const page = await fetched(
      (_, response) => {
        const drip = setInterval(() => response.write(`drip ${++drips}\n`), 20);
        response.on('close', () => clearInterval(drip));
      },
      { timeout_seconds: 0.5 },
    );
    expect(page).toMatchObject({ ok: false, reason: 'timeout' });
    expect(drips).toBeGreaterThan(1);
  });

  test('the caller may give up', async () => {
    const { url } = await started(serveHttp(() => {}));
    const stop = new AbortController();
    const page = fetchPage(url, endpointFor(), LIMITS, stop.signal);
    stop.abort();
    expect(await page).toEqual({ ok: false, reason: 'timeout', detail: 'given up by the caller' });
    expect(await fetchPage(url, endpointFor(), LIMITS, AbortSignal.abort())).toMatchObject({
      reason: 'timeout',
    });
  });
});

describe('answers that are no page', () => {
  test.each([
    [401, 'Unauthorized\n', 'answered 401 (who asks is not known; set auth): Unauthorized'],
    [404, '<html>nginx</html>', 'answered 404 (no such page; is the path right?)'],
    [500, '', 'answered 500'],
    [204, '', 'answered 204'],
    [
      400,
      'Client sent an HTTP request to an HTTPS server.\n',
      'answered 400: the server speaks TLS on this port; the url must start with https://',
    ],
  ])('status %d', async (status, text, detail) => {
    const page = await fetched((_, response) => {
      response.statusCode = status;
      response.end(text);
    });
    expect(page).toEqual({ ok: false, reason: 'http_status', detail, status });
  });

  test('a redirect is named, not followed', async () => {
    let requests = 0;
    const page = await fetched((_, response) => {
      requests += 1;
      response.writeHead(302, { location: 'https://login.example/start?token=abc' });
      response.end();
    });
    expect(page).toEqual({
      ok: false,
      reason: 'http_status',
      detail:
        'answered 302: it sends on to https://login.example/start; redirects are not followed, set the url to that',
      status: 302,
    });
    expect(requests).toBe(1);
  });

  test('an endless error page is read only a little', async () => {
    const page = await fetched((_, response) => {
      response.writeHead(500);
      const flood = () => {
        while (response.write('z'.repeat(4096)));
        response.once('drain', flood);
      };
      flood();
    });
    expect(page).toMatchObject({ ok: false, reason: 'http_status', status: 500 });
  });

  test('a server that echoes the credentials does not bring them into the detail', async () => {
    const { url } = await started(
      serveHttp((request, response) => {
        response.statusCode = 403;
        response.end(
          `no entry for ${request.headers.authorization} and ${String(request.headers['x-api-key'])}`,
        );
      }),
    );
    const endpoint = endpointFor(
      httpSettings({ bearer_token: 'top-secret', headers: { 'x-api-key': 'also-secret' } }),
    );
    expect(await fetchPage(url, endpoint, LIMITS)).toMatchObject({
      detail: 'answered 403 (who asks may not read this): no entry for Bearer *** and ***',
    });
  });

  test('what is no url at all is a value too', async () => {
    expect(await fetchPage('not a url', endpointFor(), LIMITS)).toMatchObject({ ok: false });
  });
});

describe('connections', () => {
  test('are kept between requests by default, and not kept when asked', async () => {
    const server = await started(serveHttp((_, response) => response.end('hello')));
    const kept = endpointFor();
    for (let i = 0; i < 3; i++) {
      expect(await fetchPage(server.url, kept, LIMITS)).toMatchObject({ ok: true });
      // undici counts a connection as free a moment after the body's end.
      await new Promise((later) => setTimeout(later, 20));
    }
    expect(server.connections).toHaveLength(1);

    const fresh = endpointFor(httpSettings(), { keep_alive: false });
    for (let i = 0; i < 3; i++)
      expect(await fetchPage(server.url, fresh, LIMITS)).toMatchObject({ ok: true });
    expect(server.connections).toHaveLength(4);
  });

  test('many at once need not wait for each other', async () => {
    const waiting: ServerResponse[] = [];
    const server = await started(
      serveHttp((_, response) => {
        waiting.push(response);
        if (waiting.length === 20) for (const each of waiting) each.end('all here');
      }),
    );
    const endpoint = endpointFor(httpSettings(), { keep_alive: false });
    const pages = await Promise.all(
      Array.from({ length: 20 }, () => fetchPage(server.url, endpoint, LIMITS)),
    );
    expect(pages.every((page) => page.ok)).toBe(true);
    expect(server.connections).toHaveLength(20);
  });

  test('a kept connection that the server has closed meanwhile costs no failure', async () => {
    // Answers one request on each connection as if it would keep it, and hangs up at the second.
    const server = await started(
      serveRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        socket.once('data', () => socket.destroy());
      }),
    );
    const endpoint = endpointFor();
    expect(await fetchPage(server.url, endpoint, LIMITS)).toMatchObject({ ok: true });
    expect(await fetchPage(server.url, endpoint, LIMITS)).toMatchObject({ ok: true });
    expect(server.connections).toHaveLength(2);
  });

  test('a server that always hangs up is tried twice, not for ever', async () => {
    const server = await started(serveRaw((socket) => socket.destroy()));
    expect(await fetchPage(server.url, endpointFor(), LIMITS)).toMatchObject({ ok: false, reason: 'cut' });
    expect(server.connections).toHaveLength(2);
  });
});
