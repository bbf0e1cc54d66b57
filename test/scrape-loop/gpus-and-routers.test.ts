import { listing, page, setUp, startPages, vllmPage, type Pages } from './harness';

let pages: Pages;
beforeEach(async () => {
  pages = await startPages();
});
afterEach(() => pages.close());

const at = (name: string, namespace: string) => ({ name, url: pages.url(name), pod: name, namespace });

function dcgmPage(gpus: { gpu: number; pod: string; namespace: string; active: number }[]): string {
  const lines = gpus.map(
    ({ gpu, pod, namespace, active }) =>
      `DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="${gpu}",UUID="GPU-${gpu}",modelName="NVIDIA H200",Hostname="node-1",` +
      `pod="${pod}",namespace="${namespace}",container="vllm"} ${active}`,
  );
  return ['# TYPE DCGM_FI_PROF_GR_ENGINE_ACTIVE gauge', ...lines, ''].join('\n');
}

const EPP_PAGE = [
  '# TYPE llm_d_epp_ready_endpoints gauge',
  'llm_d_epp_ready_endpoints{name="pool"} 4',
  '# TYPE llm_d_epp_request_total counter',
  'llm_d_epp_request_total{model_name="tiny",target_model_name="tiny"} 17',
  '',
].join('\n');

test('GPUs are joined to replicas by pod, their activity makes the balance, and a lost page takes them away', async () => {
  const { scraper, discovery, clock, log } = setUp({ targets: ['vllm', 'llm-d'], gpus: true });
  for (const name of ['a', 'b', 'c']) pages.handlers.set(`/${name}/metrics`, page(vllmPage({ prompt: 1 })));
  discovery['vllm']!.list = listing(at('a', 'one'), at('b', 'one'));
  discovery['llm-d']!.list = listing(at('c', 'two'));
  discovery['gpus']!.list = listing({ name: 'node-1', url: pages.url('dcgm') });
  pages.handlers.set(
    '/dcgm/metrics',
    page(
      dcgmPage([
        { gpu: 0, pod: 'a', namespace: 'one', active: 0.9 },
        { gpu: 1, pod: 'a', namespace: 'one', active: 0.7 },
        { gpu: 2, pod: 'b', namespace: 'one', active: 0.2 },
        { gpu: 3, pod: 'c', namespace: 'one', active: 0.5 },
      ]),
    ),
  );
  for (const _round of [1, 2, 3]) {
    clock.now += 5;
    await scraper.scrapeNow();
  }
  const { targets, gpu_sources, unjoined_gpus } = scraper.snapshot(clock.now);
  const [vllm, llmd] = targets;
  expect(vllm?.replicas.map(({ name, gpus }) => [name, gpus.map(({ gpu }) => gpu)])).toEqual([
    ['a', ['0', '1']],
    ['b', ['2']],
  ]);
  const utilizations = vllm?.observation.replicas.map(({ gpu_utilization }) => gpu_utilization?.toFixed(6));
  expect(utilizations).toEqual(['0.800000', '0.200000']);
  expect(vllm?.observation.balance.gpu?.cv).toBeCloseTo(0.6, 9);
  expect(vllm?.observation.gpu_model).toBe('NVIDIA H200');
  expect(llmd?.replicas[0]?.gpus).toEqual([]);
  expect(unjoined_gpus.map(({ gpu, reason }) => [gpu.gpu, reason])).toEqual([['3', 'other_pod']]);
  expect(gpu_sources).toEqual([
    { name: 'node-1', gpus: 4, scrape: expect.objectContaining({ success: true }) as unknown },
  ]);

  pages.handlers.set('/dcgm/metrics', page('# TYPE up gauge\nup 1\n'));
  await scraper.scrapeNow();
  const after = scraper.snapshot(clock.now);
  expect(after.targets[0]?.replicas.map(({ up, gpus }) => [up, gpus.length])).toEqual([
    [true, 0],
    [true, 0],
  ]);
  expect(after.gpu_sources[0]?.scrape.reason).toBe('no_gpu_metrics');
  expect(log.events('scrape failing')).toEqual([
    expect.objectContaining({ source: 'gpu', exporter: 'node-1' }),
  ]);
  await scraper.stop();
});

test('a router is read beside its replicas, and its failure is its own', async () => {
  const { scraper, discovery, clock, log } = setUp({
    targets: ['vllm', 'llm-d'],
    routers: { 'llm-d': pages.url('epp') },
  });
  pages.handlers.set('/a/metrics', page(vllmPage({ prompt: 1 })));
  pages.handlers.set('/epp/metrics', page(EPP_PAGE));
  discovery['llm-d']!.list = listing({ name: 'a', url: pages.url('a') });
  expect(scraper.snapshot(clock.now).targets[1]?.router).toBeNull();
  await scraper.scrapeNow();
  const [vllm, llmd] = scraper.snapshot(clock.now).targets;
  expect(vllm?.router).toBeNull();
  expect(llmd?.router).toMatchObject({
    reading: { ready_endpoints: 4, requests_total: 17 },
    scrape: { success: true },
  });

  pages.handlers.set('/epp/metrics', (_request, response) => void response.writeHead(401).end());
  await scraper.scrapeNow();
  await scraper.scrapeNow();
  const failed = scraper.snapshot(clock.now).targets[1];
  expect(failed?.router).toMatchObject({ reading: null, scrape: { success: false, reason: 'http_status' } });
  expect(failed?.replicas[0]?.up).toBe(true);
  expect(log.events('scrape failing')).toEqual([
    expect.objectContaining({ source: 'router', target: 'llm-d' }),
  ]);

  pages.handlers.set('/epp/metrics', page(vllmPage({ prompt: 1 })));
  await scraper.scrapeNow();
  expect(scraper.snapshot(clock.now).targets[1]?.router?.scrape.reason).toBe('no_router_metrics');
  await scraper.stop();
});
