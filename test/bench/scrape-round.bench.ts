import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { configFromTargets } from '../../exporter/src/config/load-config';
import { createDiscovery } from '../../exporter/src/discovery/discover';
import { fetchPage } from '../../exporter/src/http/fetch-page';
import { openEndpoint } from '../../exporter/src/http/open-endpoint';
import { silentLogger } from '../../exporter/src/log';
import { Scraper } from '../../exporter/src/scrape/scraper';
import { firstMessage, startScript } from '../../exporter/src/selftest/measure';

export interface ScrapeRoundBench {
  replicas: number;
  page_bytes: number;
  interval_seconds: number;
  /** CPU of the whole exporting process, as a share of one core. */
  cpu_share: number;
  scraped: number;
}

const REPLICAS = 500;
const INTERVAL_SECONDS = 5;
const ROUNDS = 5;
const PAGE = 'test/fixtures/pages/vllm-0.32-busy.prom';

/** Inner process: serves one page on every path, with one number that changes as in a working server. */
export async function servePages(): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  let served = 0;
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('/metrics')) return void response.writeHead(404).end();
    served += 1;
    response.setHeader('content-type', 'text/plain; version=1.0.0; charset=utf-8');
    response.end(page.replace('} 260782.0', `} ${260_782 + served}.0`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.send?.({ port: (server.address() as AddressInfo).port });
  process.once('disconnect', () => process.exit(0));
}

/** A whole scrape round of 500 replicas every 5 s: discovery, HTTP, reading, histories. */
export async function benchScrapeRound(script: string): Promise<ScrapeRoundBench> {
  const server = startScript(script)(['serve-pages']);
  const { port } = await firstMessage<{ port: number }>(server);
  const loaded = configFromTargets(['a=http://127.0.0.1:1/v1', 'b=http://127.0.0.1:1/v1']);
  if (!loaded.ok) throw new Error(loaded.mistakes.join('; '));
  const { config } = loaded;
  const endpoints = Array.from({ length: REPLICAS }, (_, index) => ({
    name: `replica-${index}`,
    url: `http://127.0.0.1:${port}/${index}/metrics`,
  }));
  const targets = config.targets.map((target, index) =>
    index === 0
      ? { ...target, replicas: { discovery: { kind: 'static' as const, endpoints }, http: target.http } }
      : target,
  );
  const scraper = new Scraper(
    { ...config, targets, scrape: { ...config.scrape, interval_seconds: INTERVAL_SECONDS } },
    { logger: silentLogger, now: () => Date.now() / 1000, openEndpoint, createDiscovery, fetchPage },
  );
  // Two rounds belong to connecting and compiling.
  await scraper.scrapeNow();
  await scraper.scrapeNow();
  const before = process.cpuUsage();
  const begun = performance.now();
  scraper.start();
  await sleep(ROUNDS * INTERVAL_SECONDS * 1000 - 500);
  const { user, system } = process.cpuUsage(before);
  const wall_us = (performance.now() - begun) * 1000;
  const replicas = scraper.snapshot(Date.now() / 1000).targets[0]?.replicas ?? [];
  await scraper.stop();
  server.disconnect();
  return {
    replicas: REPLICAS,
    page_bytes: readFileSync(PAGE).length,
    interval_seconds: INTERVAL_SECONDS,
    cpu_share: (user + system) / wall_us,
    scraped: replicas.filter(({ up }) => up).length,
  };
}
