import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An HTTP server that can die like a process (port closed, connections reset) and come back on the same port. */
export class HttpHost {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private lastPort = 0;

  constructor(
    private readonly host: string,
    private readonly listener: RequestListener,
  ) {}

  get port(): number {
    return this.lastPort;
  }

  get listening(): boolean {
    return this.server !== null;
  }

  get url(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.lastPort}`;
  }

  /** @param port 0: any free one; when opened again without a port, the one of before. Rejects when the port is taken. */
  async open(port = this.lastPort): Promise<void> {
    if (this.server !== null) return;
    const server = createServer({ keepAliveTimeout: 30_000 }, this.listener);
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      // A client that resets its connection is not our failure.
      socket.on('error', () => socket.destroy());
    });
    this.server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, this.host, resolve);
      });
    } catch (error) {
      this.server = null;
      throw error;
    }
    this.lastPort = (server.address() as AddressInfo).port;
  }

  /** From now on connections are refused; those that exist are reset. */
  async kill(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.sockets) abandon(socket);
    this.sockets.clear();
    await closed;
  }
}

/**
 * Resets the connection, unless its end is already on the way: the system refuses to reset such a one, and Node would then
 * forget the socket without closing it, and spin for ever when the process ends.
 */
function abandon(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The whole body; null when it is longer than the limit or the client went away. */
export function readBody(request: IncomingMessage, limit = MAX_BODY_BYTES): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else {
        resolve(null);
        request.destroy();
      }
    });
    request.on('end', () => resolve(bytes <= limit ? Buffer.concat(chunks) : null));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

/** Answers with a whole body. */
export function reply(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string>,
): void {
  const payload = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, 'content-length': String(payload.length) });
  response.end(payload);
}

export function replyJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  reply(response, status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}
