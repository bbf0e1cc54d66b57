import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import type { HttpSettings } from '../../exporter/src/model/config';

export const TLS_DIR = join(__dirname, '../fixtures/tls');
export const tlsFile = (name: string) => join(TLS_DIR, name);

/** A server on a free local port, with every connection it ever had. */
export interface LocalServer {
  url: string;
  port: number;
  connections: Socket[];
  close(): Promise<void>;
}

export function serveHttp(answer: RequestListener): Promise<LocalServer> {
  return listen(http.createServer(answer), 'http');
}

/** `certificate`: the name of a pair in test/fixtures/tls. */
export function serveHttps(
  certificate: string,
  answer: RequestListener,
  options: https.ServerOptions = {},
): Promise<LocalServer> {
  const cert = readFileSync(tlsFile(`${certificate}.crt`));
  const key = readFileSync(tlsFile(`${certificate}.key`));
  return listen(https.createServer({ cert, key, ...options }, answer), 'https');
}

/** Answers whatever it is sent with `talk`, below HTTP. */
export function serveRaw(talk: (socket: Socket) => void): Promise<LocalServer> {
  return listen(
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => talk(socket));
    }),
    'http',
  );
}

async function listen(server: net.Server, scheme: string): Promise<LocalServer> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    connections,
    close: () => {
      for (const socket of connections) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

export function httpSettings(
  settings: Partial<Omit<HttpSettings, 'tls'>> & { tls?: Partial<HttpSettings['tls']> } = {},
) {
  return {
    bearer_token_file: null,
    bearer_token: null,
    headers: {},
    ...settings,
    tls: {
      ca_file: null,
      cert_file: null,
      key_file: null,
      server_name: null,
      insecure_skip_verify: false,
      ...settings.tls,
    },
  } satisfies HttpSettings;
}
