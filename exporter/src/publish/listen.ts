import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  port: number;
  /** Ends idle connections at once and gives busy ones a second. */
  close(): Promise<void>;
}

/** A reader that sends slowly or never ends may not hold the exporter. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Nor may one that takes nothing of its answer. */
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 256;

/** Listens; rejects with one line that says what is wrong with the address. */
export function listen(app: RequestListener, host: string, port: number): Promise<Listening> {
  const server: Server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 16 * 1024 }, app);
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use; choose another' : error.message;
      reject(new Error(`cannot listen on ${host}:${port}: ${reason}`));
    });
    server.listen(port, host, () => {
      resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server) });
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), 1000);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
