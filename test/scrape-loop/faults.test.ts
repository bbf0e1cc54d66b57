import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fetchPage } from '../../exporter/src/http/fetch-page';
import { listing, page, setUp, startPages, vllmPage, type Handler, type Pages } from './harness';

let pages: Pages;
beforeEach(async () => {
  pages = await startPages();
});
afterEach(() => pages.close());

const MEBIBYTE = 'x'.repeat(1024 * 1024);

/** Writes for ever, as fast as the other side takes it. */
function endless(chunk: string): Handler {
  return (_request, response) => {
    response.on('error', () => {});
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
}

const slowDrip: Handler = (_request, response) => {
  const timer = setInterval(() => response.write('# drip\n'), 50);
  response.on('close', () => clearInterval(timer));
};

const cutMidway: Handler = (request, response) => {
  response.writeHead(200, { 'content-length': '5000' });
  response.write('# TYPE vllm:prompt_tokens_total counter\n');
  setTimeout(() => request.socket.destroy(), 20);
};

const refuse =
  (status: number): Handler =>
  (_request, response) =>
    void response.writeHead(status).end('not now');

const FAULTS: [name: string, handler: Handler, reason: string][] = [
  ['hangs', () => {}, 'timeout'],
  ['drips slowly', slowDrip, 'timeout'],
  ['answers 503', refuse(503), 'http_status'],
  ['answers 401', refuse(401), 'http_status'],
  ['hangs up midway', cutMidway, 'cut'],
  ['writes garbage', page('\u0000\u0001 this is {{{ not metrics\n'.repeat(50)), 'bad_syntax'],
  ['answers HTML', page('<!doctype html><title>Hello</title>'), 'not_metrics'],
  ['writes one endless line', endless(MEBIBYTE), 'body_too_large'],
  ['writes an endless page', endless('# comment\n'.repeat(1000)), 'body_too_large'],
  ['writes a line that is too long', page(`# HELP x ${'y'.repeat(20_000)}\n`), 'line_too_long'],
  ['is not a model server', page('# TYPE up gauge\nup 1\n'), 'no_engine_metrics'],
];

test.each(FAULTS)(
  'a replica that %s is down with a reason, and nothing else is touched',
  async (_name, fault, reason) => {
    const { scraper, discovery, log, clock } = setUp({ targets: ['vllm'], scrape: { timeout_seconds: 2 } });
    discovery['vllm']!.list = listing(
      { name: 'good', url: pages.url('good') },
      { name: 'bad', url: pages.url('bad') },
    );
    for (const round of [1, 2]) {
      pages.handlers.set('/good/metrics', page(vllmPage({ prompt: 1000 * round, cached: 400 * round })));
      pages.handlers.set('/bad/metrics', fault);
      clock.now += 5;
      await scraper.scrapeNow();
    }
    const [target] = scraper.snapshot(clock.now).targets;
    const [good, bad] = target!.replicas;
    expect(good).toMatchObject({ name: 'good', up: true, scrape: { success: true, reason: null } });
    expect(good?.reading?.values.prompt_tokens_total).toBe(2000);
    expect(bad).toMatchObject({ name: 'bad', up: false, reading: null, scrape: { success: false, reason } });
    expect(bad?.scrape.detail).toMatch(/\w/);
    expect(target?.observation).toMatchObject({ up: true, replica_count: 2, hit_rate: { value: 0.4 } });
    expect(log.events('scrape failing')).toEqual([
      expect.objectContaining({ target: 'vllm', replica: 'bad', reason }),
    ]);

    pages.handlers.set('/bad/metrics', page(vllmPage({ prompt: 7 })));
    await scraper.scrapeNow();
    expect(scraper.snapshot(clock.now).targets[0]?.replicas[1]).toMatchObject({
      up: true,
      scrape: { reason: null },
    });
    expect(log.events('scrape failing')).toHaveLength(1);
    expect(log.events('scrape recovered')).toEqual([expect.objectContaining({ replica: 'bad' })]);
    await scraper.stop();
  },
);

test('a replica whose port is closed is down with a reason, and up when somebody listens again', async () => {
  const closed = createServer();
  await new Promise<void>((listening) => closed.listen(0, '127.0.0.1', listening));
  const { port } = closed.address() as AddressInfo;
  await new Promise((done) => closed.close(done));
  const { scraper, discovery, log, clock } = setUp({ targets: ['vllm'] });
  discovery['vllm']!.list = listing({ name: 'gone', url: `http://127.0.0.1:${port}/metrics` });
  await scraper.scrapeNow();
  await scraper.scrapeNow();
  expect(scraper.snapshot(clock.now).targets[0]).toMatchObject({
    observation: { up: false, replica_count: 1, hit_rate: null },
    replicas: [{ up: false, scrape: { reason: 'connect_error' } }],
  });
  expect(log.events('scrape failing')).toHaveLength(1);
  await scraper.stop();
});

test('a mistake of our own in one page is a failure of that page only', async () => {
  const { scraper, discovery, clock } = setUp({
    targets: ['vllm'],
    tools: {
      fetchPage: (url, ...rest) => {
        if (url === pages.url('b')) throw new TypeError('a bug');
        return fetchPage(url, ...rest);
      },
    },
  });
  pages.handlers.set('/a/metrics', page(vllmPage({ prompt: 1 })));
  discovery['vllm']!.list = listing({ name: 'a', url: pages.url('a') }, { name: 'b', url: pages.url('b') });
  await scraper.scrapeNow();
  const [a, b] = scraper.snapshot(clock.now).targets[0]!.replicas;
  expect(a?.up).toBe(true);
  expect(b?.scrape).toMatchObject({ success: false, reason: 'internal_error', detail: 'a bug' });
  await scraper.stop();
});

test('many hanging replicas do not keep the sound ones waiting: they are tried a few at a time', async () => {
  const { scraper, discovery, clock } = setUp({
    targets: ['hung', 'sound'],
    scrape: { timeout_seconds: 1, interval_seconds: 0.5, concurrency: 4 },
  });
  const names = Array.from({ length: 8 }, (_, index) => `hung-${index}`);
  for (const name of names) pages.handlers.set(`/${name}/metrics`, () => {});
  pages.handlers.set('/sound/metrics', page(vllmPage({ prompt: 5 })));
  discovery['hung']!.list = listing(...names.map((name) => ({ name, url: pages.url(name) })));
  discovery['sound']!.list = listing({ name: 'sound', url: pages.url('sound') });
  await scraper.scrapeNow();
  const tried: string[][] = [];
  for (const _round of [1, 2]) {
    pages.requests.length = 0;
    await scraper.scrapeNow();
    tried.push(pages.requests.filter((path) => path.startsWith('/hung')).sort());
    expect(pages.requests).toContain('/sound/metrics');
  }
  expect(tried[0]).toHaveLength(2);
  expect(tried[1]).toHaveLength(2);
  expect(tried[1]).not.toEqual(tried[0]);
  const [hung, sound] = scraper.snapshot(clock.now).targets;
  expect(hung?.replicas.filter(({ up }) => up)).toEqual([]);
  expect(hung?.replicas).toHaveLength(8);
  expect(sound?.replicas[0]?.up).toBe(true);
  await scraper.stop();
});
