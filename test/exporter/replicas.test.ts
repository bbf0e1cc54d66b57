import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplicaAddress, RunningFleet } from '../../demo/fleet/main';
import { serveHttp, type LocalServer } from '../http/local-server';
import { ExporterBench, LIVELY, type ExporterProcess } from '../support/exporter-process';
import { fault, startFleets } from '../support/fleets';
import { ApiServer, pod } from '../support/kubernetes-api';
import { until } from '../support/until';

/** Replicas that come, go and restart under a real exporter, listed by an API server. */

const bench = new ExporterBench();
let fleet: RunningFleet;
let api: ApiServer;
let server: LocalServer;
let exporter: ExporterProcess;

/** The replica as a pod: on this machine they differ by port, so that each has it under the same name. */
const podOf = ({ name, url }: ReplicaAddress, as = name) =>
  pod(as, { ip: '127.0.0.1', ports: [{ name: 'metrics', containerPort: Number(new URL(url).port) }] });

const list = (...pods: ReturnType<typeof pod>[]) => (api.pods = pods);
const page = () => exporter.page();
/** Names of the metrics that have a series of the replica, in either format. */
async function traces(replica: string): Promise<string[]> {
  const pages = [await exporter.page('text'), await exporter.page('openmetrics')];
  return pages.flatMap((read) => read.names.filter((name) => read.series(name, { replica }).length > 0));
}

beforeAll(async () => {
  fleet = await startFleets({ replicas: 3 });
  api = new ApiServer();
  server = await serveHttp(api.answer);
  const folder = bench.folder();
  writeFileSync(join(folder, 'token'), api.token);
  list(...fleet.baseline.replicas.map((replica) => podOf(replica)));
  exporter = await bench.serve(
    {
      ...LIVELY,
      targets: [
        {
          name: 'vllm',
          url: fleet.baseline.url,
          replicas: {
            kubernetes: {
              namespace: 'demo-llm',
              selector: 'app=vllm',
              port: 'metrics',
              api_server: server.url,
              token_file: join(folder, 'token'),
            },
          },
        },
        { name: 'llm-d', url: fleet.candidate.url },
      ],
      probe: { ...LIVELY.probe, max_tokens: 32 },
    },
    {},
    folder,
  );
  await until('all three are scraped', async () => (await page()).sum('taillight_replica_up') === 3);
}, 60_000);
afterAll(async () => {
  await bench.stopAll();
  await Promise.all([fleet.stop(), server.close()]);
});

test('a pod that is killed and listed no more takes every one of its series with it', async () => {
  expect(await traces('vllm-2')).toContain('taillight_replica_generation_tokens_total');
  await fault(fleet, { fleet: 'baseline', replica: 'vllm-2', fault: 'kill' });
  list(...fleet.baseline.replicas.slice(0, 2).map((replica) => podOf(replica)));
  await until('it is gone', async () => (await page()).value('taillight_target_replicas') === 2);
  expect(await traces('vllm-2')).toEqual([]);
  expect((await page()).sum('taillight_replica_up')).toBe(2);
  await until('the comparison forgets it too', async () => {
    const names = (await exporter.comparison()).targets[0]?.replicas.map(({ name }) => name);
    return names?.join() === 'vllm-0,vllm-1';
  });
  const said = exporter.events('discovered').filter(({ gone }) => gone === 1);
  expect(said).toEqual([expect.objectContaining({ target: 'vllm', count: 2 })]);
});

test('all replicas may be replaced at once: only the new ones are on the page, and the sums stay sound', async () => {
  const [first, second] = fleet.baseline.replicas;
  list(podOf(first!, 'new-0'), podOf(second!, 'new-1'));
  await until('the new ones are scraped', async () => {
    const replicas = (await page()).series('taillight_replica_up').map(({ labels }) => labels['replica']);
    return replicas.sort().join() === 'new-0,new-1';
  });
  expect([...(await traces('vllm-0')), ...(await traces('vllm-1'))]).toEqual([]);
  const read = await until('they have hits', async () => {
    const now = await page();
    return (now.value('taillight_target_prefix_cache_hit_ratio') ?? 0) > 0 ? now : null;
  });
  expect(read.value('taillight_target_prefix_cache_hit_ratio')).toBeLessThan(1);
  expect(read.value('taillight_probe_traffic_share_ratio', { target: 'vllm' })).toBeLessThanOrEqual(1);
});

test('a restarted replica counts from 0 upstream, and no rate is the worse for it', async () => {
  const [first] = fleet.baseline.replicas;
  const tokens = async () =>
    (await page()).value('taillight_replica_generation_tokens_total', { replica: 'new-0' });
  const before = await until('it has a past', async () => {
    const now = await tokens();
    return (now ?? 0) > 1000 ? now : null;
  });
  await fault(fleet, { fleet: 'baseline', replica: first!.name, fault: 'restart', seconds: 1.5 });
  await until(
    'it is down',
    async () => (await page()).value('taillight_replica_up', { replica: 'new-0' }) === 0,
  );
  expect(await tokens()).toBeNull();
  await until(
    'it is back',
    async () => (await page()).value('taillight_replica_up', { replica: 'new-0' }) === 1,
  );
  expect(await tokens()).toBeLessThan(before);
  const told = (event: string) => exporter.events(event).filter(({ replica }) => replica === 'new-0');
  expect(told('scrape failing')).toEqual([expect.objectContaining({ reason: 'connect_error' })]);
  expect(told('scrape recovered')).toHaveLength(1);
  await until('it works again', async () => ((await tokens()) ?? 0) > 0);
  const read = await page();
  const rate = read.value('taillight_target_prefix_cache_hit_ratio', { target: 'vllm' })!;
  expect(rate).toBeGreaterThanOrEqual(0);
  expect(rate).toBeLessThanOrEqual(1);
});

test('an API server that fails is told of by a metric and one line, and the last list stays in use', async () => {
  api.forbidden = true;
  const success = async () =>
    (await page()).value('taillight_discovery_success', { target: 'vllm', source: 'replicas' });
  await until('the failure is published', async () => (await success()) === 0);
  expect((await page()).sum('taillight_replica_up')).toBe(2);
  expect(exporter.events('discovery failing')).toEqual([
    expect.objectContaining({
      target: 'vllm',
      detail: expect.stringContaining('may not list pods') as string,
    }),
  ]);
  api.forbidden = false;
  await until('it is well again', async () => (await success()) === 1);
});
