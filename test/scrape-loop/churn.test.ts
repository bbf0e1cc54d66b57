import { setTimeout as sleep } from 'node:timers/promises';
import { listing, page, setUp, startPages, vllmPage, type Pages, type Setup } from './harness';

let pages: Pages;
beforeEach(async () => {
  pages = await startPages();
});
afterEach(() => pages.close());

const serve = (replica: string, values: Parameters<typeof vllmPage>[0]) =>
  pages.handlers.set(`/${replica}/metrics`, page(vllmPage(values)));
const at = (name: string) => ({ name, url: pages.url(name) });

async function round({ scraper, clock }: Setup) {
  clock.now += 5;
  await scraper.scrapeNow();
  return scraper.snapshot(clock.now).targets[0]!;
}

describe('replicas that come and go', () => {
  test('one that went away is gone at once, and stays in the sums until the window has passed it', async () => {
    const setup = setUp({ targets: ['vllm'], window_seconds: 100 });
    setup.discovery['vllm']!.list = listing(at('a'), at('b'));
    serve('a', { prompt: 0 });
    serve('b', { prompt: 0 });
    await round(setup);
    serve('a', { prompt: 1000, cached: 0 });
    serve('b', { prompt: 1000, cached: 800 });
    await round(setup);
    setup.discovery['vllm']!.list = listing(at('b'));
    serve('b', { prompt: 2000, cached: 1600 });
    const after = await round(setup);
    expect(after.replicas.map(({ name }) => name)).toEqual(['b']);
    expect(after.observation.replicas.map(({ name }) => name)).toEqual(['b']);
    expect(after.observation.replica_count).toBe(1);
    expect(after.observation.hit_rate?.value).toBeCloseTo(1600 / 3000, 12);

    setup.clock.now += 100;
    await round(setup);
    serve('b', { prompt: 3000, cached: 2400 });
    expect((await round(setup)).observation.hit_rate?.value).toBeCloseTo(0.8, 12);
    await setup.scraper.stop();
  });

  test('one that appears with a past is not credited with it', async () => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 0 });
    await round(setup);
    setup.discovery['vllm']!.list = listing(at('a'), at('b'));
    serve('a', { prompt: 100, cached: 50 });
    serve('b', { prompt: 1_000_000, cached: 999_999 });
    await round(setup);
    serve('b', { prompt: 1_000_100, cached: 999_999 });
    expect((await round(setup)).observation.hit_rate?.value).toBeCloseTo(50 / 200, 12);
    await setup.scraper.stop();
  });

  test('one that was not listed for a moment goes on where it was', async () => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 0 });
    await round(setup);
    setup.discovery['vllm']!.list = listing();
    expect(await round(setup)).toMatchObject({
      listed: 0,
      replicas: [],
      observation: { up: false, replica_count: 0 },
    });
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 400, cached: 100 });
    expect((await round(setup)).observation.hit_rate?.value).toBe(0.25);
    await setup.scraper.stop();
  });

  test('all replicas may be replaced: old and new ones are summed', async () => {
    const setup = setUp({ targets: ['vllm'] });
    for (const [generation, from] of [
      ['old', 0],
      ['new', 50_000],
    ] as const) {
      const names = [1, 2, 3].map((number) => `${generation}-${number}`);
      setup.discovery['vllm']!.list = listing(...names.map(at));
      for (const name of names) serve(name, { prompt: from });
      await round(setup);
      for (const name of names) serve(name, { prompt: from + 100, cached: generation === 'old' ? 90 : 10 });
      await round(setup);
    }
    const { replicas, observation } = setup.scraper.snapshot(setup.clock.now).targets[0]!;
    expect(replicas.map(({ name }) => name)).toEqual(['new-1', 'new-2', 'new-3']);
    expect(observation.hit_rate?.value).toBeCloseTo(0.5, 12);
    expect(setup.log.events('scrape failing')).toEqual([]);
    await setup.scraper.stop();
  });

  test('counters that are reset count from 0, and the mirrored value is the upstream one', async () => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 1000, cached: 100 });
    await round(setup);
    serve('a', { prompt: 1100, cached: 150 });
    await round(setup);
    serve('a', { prompt: 40, cached: 20, start: setup.clock.now });
    const { replicas, observation } = await round(setup);
    expect(observation.hit_rate?.value).toBeCloseTo((50 + 20) / (100 + 40), 12);
    expect(replicas[0]?.reading?.values.prompt_tokens_total).toBe(40);
    await setup.scraper.stop();
  });

  test('two of one name are told apart by where they are', async () => {
    const setup = setUp({ targets: ['vllm'] });
    const { host } = new URL(pages.url('a'));
    setup.discovery['vllm']!.list = listing(at('a'), { name: 'a', url: pages.url('b') }, at('a'));
    serve('a', { prompt: 1 });
    serve('b', { prompt: 2 });
    expect((await round(setup)).replicas.map(({ name }) => name)).toEqual(['a', `a@${host}`]);
    await setup.scraper.stop();
  });

  test('one that is not ready is down without a word, until it is ready and still fails', async () => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing({ ...at('starting'), ready: false });
    const starting = await round(setup);
    expect(starting).toMatchObject({
      listed: 1,
      observation: { replica_count: 0 },
      replicas: [{ up: false }],
    });
    expect(setup.log.events('scrape failing')).toEqual([]);
    setup.discovery['vllm']!.list = listing(at('starting'));
    await round(setup);
    expect(setup.log.events('scrape failing')).toHaveLength(1);
    await setup.scraper.stop();
  });
});

describe('a new configuration', () => {
  test.each([
    [900, 0.4],
    [300, null],
  ])(
    'with a window of %d s after one of 900 s it starts from a hit rate of %p',
    async (window_seconds, expected) => {
      const old = setUp({ targets: ['vllm'], window_seconds: 900 });
      old.discovery['vllm']!.list = listing(at('a'), at('b'));
      for (const prompt of [0, 1000]) {
        serve('a', { prompt, cached: prompt * 0.2 });
        serve('b', { prompt, cached: prompt * 0.6 });
        await round(old);
      }
      await old.scraper.stop();
      const young = setUp({ targets: ['other', 'vllm'], window_seconds, earlier: old.scraper });
      young.clock.now = old.clock.now;
      young.discovery['vllm']!.list = listing(at('a'));
      expect((await round(young)).observation.replicas).toEqual([]);
      const target = young.scraper.snapshot(young.clock.now).targets[1];
      expect(target?.observation.hit_rate?.value ?? null).toBe(expected);
      expect(target?.replicas.map(({ name }) => name)).toEqual(['a']);
      await young.scraper.stop();
    },
  );
});

describe('discovery', () => {
  test('when it fails the last good list stays in use, and this is said once', async () => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 1 });
    await round(setup);
    setup.discovery['vllm']!.list = () =>
      Promise.resolve({ ok: false, reason: 'forbidden', detail: 'pods may not be listed' });
    await round(setup);
    const failing = await round(setup);
    expect(failing.discovery).toEqual({
      success: false,
      reason: 'forbidden',
      detail: 'pods may not be listed',
    });
    expect(failing.replicas).toMatchObject([{ name: 'a', up: true }]);
    expect(setup.log.events('discovery failing')).toEqual([expect.objectContaining({ target: 'vllm' })]);
    setup.discovery['vllm']!.list = listing(at('a'));
    expect((await round(setup)).discovery).toEqual({ success: true });
    expect(setup.log.events('discovery recovered')).toHaveLength(1);
    await setup.scraper.stop();
  });

  test.each([
    ['hangs', () => new Promise<never>(() => {}), 'timeout'],
    ['throws', () => Promise.reject(new Error('a bug')), 'internal_error'],
  ])('one that %s is a failure of its own target only', async (_name, list, reason) => {
    const setup = setUp({ targets: ['broken', 'vllm'], scrape: { timeout_seconds: 1 } });
    setup.discovery['broken']!.list = list;
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 1 });
    await setup.scraper.scrapeNow();
    const [broken, vllm] = setup.scraper.snapshot(setup.clock.now).targets;
    expect(broken).toMatchObject({
      discovery: { success: false, reason },
      observation: { replica_count: null },
    });
    expect(vllm?.replicas[0]?.up).toBe(true);
    await setup.scraper.stop();
  });
});

describe('version', () => {
  test('it is asked for once per process', async () => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing(at('a'));
    const asked = () => pages.requests.filter((path) => path === '/a/version').length;
    pages.handlers.set('/a/version', page('{"version":"0.28.0"}'));
    serve('a', { prompt: 1000 });
    await round(setup);
    expect((await round(setup)).observation.engine).toEqual({ name: 'vllm', version: '0.28.0' });
    expect(asked()).toBe(1);
    pages.handlers.set('/a/version', page('{"version":"0.29.0"}'));
    serve('a', { prompt: 3, start: setup.clock.now });
    expect((await round(setup)).replicas[0]?.version).toBe('0.29.0');
    await round(setup);
    expect(asked()).toBe(2);
    await setup.scraper.stop();
  });

  test.each([
    ['has no such page', null],
    ['answers what is not JSON', 'hello'],
    ['answers JSON of another kind', '[1]'],
    ['answers a version that is no label', JSON.stringify({ version: 'x"\n'.repeat(100) })],
  ])('a server that %s has none, and is not asked again', async (_name, body) => {
    const setup = setUp({ targets: ['vllm'] });
    setup.discovery['vllm']!.list = listing(at('a'));
    serve('a', { prompt: 1 });
    if (body !== null) pages.handlers.set('/a/version', page(body));
    await round(setup);
    const second = await round(setup);
    expect(second.replicas[0]).toMatchObject({ up: true, version: null });
    expect(pages.requests.filter((path) => path === '/a/version')).toHaveLength(1);
    await setup.scraper.stop();
  });
});

describe('the loop', () => {
  test('it scrapes at once and again every interval, one round at a time, until it is stopped', async () => {
    const setup = setUp({ targets: ['vllm'], scrape: { interval_seconds: 0.02 } });
    setup.discovery['vllm']!.list = listing(at('a'));
    let open = 0;
    let most = 0;
    pages.handlers.set('/a/metrics', (_request, response) => {
      most = Math.max(most, ++open);
      response.on('finish', () => (open -= 1));
      setTimeout(() => response.end(vllmPage({ prompt: 1 })), 50);
    });
    const scrapes = () => pages.requests.filter((path) => path === '/a/metrics').length;
    setup.scraper.start();
    setup.scraper.start();
    while (scrapes() < 4) await sleep(10);
    await setup.scraper.stop();
    const count = scrapes();
    expect(most).toBe(1);
    await sleep(150);
    expect(scrapes()).toBe(count);
  });

  test('stopping gives up a page that hangs, and does not call that a failure', async () => {
    const setup = setUp({ targets: ['vllm'], scrape: { timeout_seconds: 3600 } });
    setup.discovery['vllm']!.list = listing(at('a'));
    pages.handlers.set('/a/metrics', () => {});
    setup.scraper.start();
    while (pages.requests.length === 0) await sleep(10);
    await setup.scraper.stop();
    expect(setup.log.events('scrape failing')).toEqual([]);
    expect(setup.scraper.snapshot(setup.clock.now).targets[0]?.replicas).toEqual([]);
  });
});
