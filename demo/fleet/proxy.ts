import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import { reply } from './http-host';

export interface ForwardOptions {
  host: string;
  port: number;
  /** The body, where the router has read it; null: pass it through as it comes. */
  body: Buffer | null;
  /** Added to every reply, also to our own about a dead replica. */
  headers: Record<string, string>;
  onHead?(status: number): void;
  onChunk?(chunk: Buffer): void;
  /** The answer ended as it should. */
  onEnd?(): void;
  /** The exchange is over, in whatever way. */
  onClose?(): void;
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'host',
  'content-length',
  'expect',
]);

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value;
  }
  return kept;
}

/** Passes one exchange to a replica, streaming. Fails as Envoy does: 503 with its sentence before the head, a cut after it. */
export function forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): void {
  const { host, port, body, headers } = options;
  const length = body === null ? request.headers['content-length'] : String(body.length);
  const upstream = httpRequest({
    host,
    port,
    agent: false,
    method: request.method,
    path: request.url,
    headers: { ...endToEnd(request.headers), ...(length === undefined ? {} : { 'content-length': length }) },
  });
  let connected = false;
  upstream.on('socket', (socket) => socket.once('connect', () => (connected = true)));
  upstream.on('response', (answer) => {
    const status = answer.statusCode ?? 502;
    const size = answer.headers['content-length'];
    response.writeHead(status, {
      ...endToEnd(answer.headers),
      ...headers,
      ...(size === undefined ? {} : { 'content-length': size }),
    });
    response.flushHeaders();
    options.onHead?.(status);
    answer.on('data', (chunk: Buffer) => {
      options.onChunk?.(chunk);
      response.write(chunk);
    });
    answer.on('end', () => {
      options.onEnd?.();
      response.end();
    });
    // What has arrived still goes out; then the connection ends without the last chunk.
    answer.on('error', () => response.socket?.destroySoon());
  });
  upstream.on('error', () => {
    if (response.headersSent || response.destroyed) return void response.destroy();
    const reason = connected ? 'connection termination' : 'remote connection failure';
    const text = `upstream connect error or disconnect/reset before headers. reset reason: ${reason}`;
    reply(response, 503, text, { 'content-type': 'text/plain', ...headers });
  });
  response.on('close', () => {
    upstream.destroy();
    options.onClose?.();
  });
  if (body === null) request.pipe(upstream);
  else upstream.end(body);
}
