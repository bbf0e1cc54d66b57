import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One recorded scrape of one replica; `text` is absent where it failed. */
interface RecordedScrape {
  t: number;
  t_done?: number;
  text?: string;
}

export interface ReplayServer {
  replicas: { name: string; url: string }[];
  /** How many scrapes were recorded of the replica with the most. */
  steps: number;
  /** Recorded time (Unix seconds) of the step that is served at present. */
  readonly now: number;
  /** GETs of `/version` so far, over all replicas. */
  readonly versionRequests: number;
  /** From now on every replica serves its recording of this step (the last one where it has fewer). */
  seek(step: number): void;
  close(): Promise<void>;
}

const FIXTURES = join(__dirname, '../fixtures/series');

/**
 * Serves a recorded series (a folder of `test/fixtures/series`) over HTTP: `/<replica>/metrics` and `/<replica>/version`. A
 * scrape that failed when it was recorded ends as a connection without an answer.
 */
export async function startReplayServer(series: string): Promise<ReplayServer> {
  const recordings = readSeries(join(FIXTURES, series));
  const steps = Math.max(...[...recordings.values()].map((scrapes) => scrapes.length));
  let step = 0;
  let versionRequests = 0;
  const current = (name: string) => {
    const scrapes = recordings.get(name);
    return scrapes?.[Math.min(step, scrapes.length - 1)];
  };
  const server = createServer((request, response) => {
    const [, name = '', page] = (request.url ?? '').split('/');
    const scrape = current(name);
    if (page === 'version') {
      versionRequests += 1;
      response.setHeader('content-type', 'application/json').end('{"version":"0.32.0"}');
    } else if (scrape?.text === undefined) {
      request.socket.destroy();
    } else {
      response.setHeader('content-type', 'text/plain; version=1.0.0; charset=utf-8').end(scrape.text);
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const names = [...recordings.keys()];
  return {
    replicas: names.map((name) => ({ name, url: `http://127.0.0.1:${port}/${name}/metrics` })),
    steps,
    get now() {
      return Math.max(...names.map((name) => current(name)?.t_done ?? current(name)?.t ?? 0));
    },
    get versionRequests() {
      return versionRequests;
    },
    seek: (next) => (step = next),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function readSeries(folder: string): Map<string, RecordedScrape[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl.gz'));
  return new Map(
    files.sort().map((file) => [
      file.replace('.jsonl.gz', ''),
      gunzipSync(readFileSync(join(folder, file)))
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as RecordedScrape),
    ]),
  );
}
