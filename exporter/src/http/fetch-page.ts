import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { request, type Dispatcher } from 'undici';
import type { Endpoint, NetworkFailure } from './endpoint';
import { classifyNetworkError, oneLine } from './network-error';

export type FetchFailure = NetworkFailure | 'http_status' | 'body_too_large';

export type Page =
  | { ok: true; body: Buffer; content_type: string | null; status: number }
  | { ok: false; reason: FetchFailure; detail: string; status?: number };

export interface FetchLimits {
  /** For everything together: name lookup, connection, the last byte of the body, and the one retry. */
  timeout_seconds: number;
  /** Of the body after decompression. */
  max_body_bytes: number;
  /** Default: the Prometheus text format, and anything else after it. */
  accept?: string;
}

/** How much of an error page is read for its explanation. */
const EXCERPT_BYTES = 2048;
/** Failures of a connection that the server had closed while it was idle. */
const STALE_CODES = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * GETs a page. Everything that can go wrong is a value: a slow drip ends at the deadline, an endless body or a gzip bomb at
 * `max_body_bytes`. A request that fails before its answer began, as happens when a kept connection turns out to be closed, is
 * tried once more. `detail` is one line for people and holds none of the endpoint's secrets.
 */
export async function fetchPage(
  url: string,
  endpoint: Endpoint,
  limits: FetchLimits,
  signal?: AbortSignal,
): Promise<Page> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort('deadline'), limits.timeout_seconds * 1000);
  const givenUp = () => stop.abort('given up');
  if (signal?.aborted === true) givenUp();
  signal?.addEventListener('abort', givenUp, { once: true });
  try {
    const response = await get(url, endpoint, limits, stop.signal);
    return await readPage(response, endpoint, limits);
  } catch (error) {
    if (stop.signal.aborted) {
      const detail =
        stop.signal.reason === 'deadline'
          ? `no complete answer within ${limits.timeout_seconds} s`
          : 'given up by the caller';
      return { ok: false, reason: 'timeout', detail };
    }
    const { failure, text } = classifyNetworkError(error);
    return { ok: false, reason: failure, detail: text };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', givenUp);
  }
}

async function get(url: string, endpoint: Endpoint, limits: FetchLimits, signal: AbortSignal) {
  const once = () =>
    request(url, {
      dispatcher: endpoint.dispatcher(),
      headers: {
        accept: limits.accept ?? 'text/plain;version=0.0.4, */*;q=0.5',
        'accept-encoding': 'gzip',
        ...endpoint.headers(),
      },
      signal,
    });
  try {
    return await once();
  } catch (error) {
    if (signal.aborted || !STALE_CODES.has(String((error as NodeJS.ErrnoException).code))) throw error;
    return once();
  }
}

async function readPage(
  response: Dispatcher.ResponseData,
  endpoint: Endpoint,
  limits: FetchLimits,
): Promise<Page> {
  const { statusCode: status, headers } = response;
  if (status !== 200) {
    const excerpt = await readBody(response, EXCERPT_BYTES);
    const text = withoutSecrets(excerpt.bytes.toString('utf8'), endpoint);
    return { ok: false, reason: 'http_status', detail: explain(status, headers['location'], text), status };
  }
  const { bytes, complete } = await readBody(response, limits.max_body_bytes);
  if (!complete) {
    return {
      ok: false,
      reason: 'body_too_large',
      detail: `the page is larger than ${limits.max_body_bytes} bytes`,
      status,
    };
  }
  return { ok: true, body: bytes, content_type: header(headers['content-type']), status };
}

/** Reads at most `limit` bytes (decompressed), then drops the rest of the answer and its connection. */
async function readBody(
  { headers, body }: Dispatcher.ResponseData,
  limit: number,
): Promise<{ bytes: Buffer; complete: boolean }> {
  const zipped = /^(x-)?gzip$/i.test(header(headers['content-encoding']) ?? '');
  const chunks: Buffer[] = [];
  let length = 0;
  let complete = true;
  // Dropping the rest below may fail the stream once more, when nobody listens any longer.
  body.on('error', () => {});
  try {
    for await (const chunk of (zipped ? unzip(body) : body) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) {
        complete = false;
        break;
      }
    }
  } finally {
    body.destroy();
  }
  return { bytes: Buffer.concat(chunks, Math.min(length, limit)), complete };
}

/** `pipe` does not carry errors over: a connection that breaks would leave the reader waiting. */
function unzip(body: Readable): Readable {
  const gunzip = createGunzip();
  body.once('error', (error) => gunzip.destroy(error));
  return body.pipe(gunzip);
}

function explain(status: number, location: string | string[] | undefined, excerpt: string): string {
  if (status >= 300 && status < 400) {
    const where = header(location)?.split(/[?#]/)[0];
    return oneLine(
      `answered ${status}: it sends on to ${where ?? 'another place'}; redirects are not followed, set the url to that`,
    );
  }
  if (/HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS/i.test(excerpt)) {
    return `answered ${status}: the server speaks TLS on this port; the url must start with https://`;
  }
  const text = /^\s*</.test(excerpt) ? '' : oneLine(excerpt, 200);
  return `answered ${status}${STATUS_HINTS[status] ?? ''}${text === '' ? '' : `: ${text}`}`;
}

const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: ' (who asks is not known; set auth)',
  403: ' (who asks may not read this)',
  404: ' (no such page; is the path right?)',
};

function header(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** A server may echo what it was sent; credentials must not reach a log that way. */
function withoutSecrets(text: string, endpoint: Endpoint): string {
  let clean = text;
  for (const value of Object.values(endpoint.headers())) {
    const secret = value.replace(/^Bearer /, '');
    if (secret.length >= 4) clean = clean.replaceAll(secret, '***');
  }
  return clean;
}
