import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Comparison } from '../../exporter/src/model/comparison';
import type { RunningFleet } from '../../demo/fleet/main';
import { fleetTargets, startFleets } from '../support/fleets';
import { objectsOf, podsOf } from './demo-builds';
import { EmulatedNode, jsonLines, type Ended } from './emulated-pod';

/** Fewer and shorter than in the cluster, by the same variables that a user would change. */
const SHORT = { CONVERSATIONS: '4', TURNS: '2', CONCURRENCY: '4', MAX_TOKENS: '4' };

let fleet: RunningFleet;
const node = new EmulatedNode();
const results = node.claim('benchmark-results');

beforeAll(async () => {
  fleet = await startFleets({ replicas: 2, speed: 50 });
});
afterAll(async () => {
  await node.close();
  await fleet.stop();
});

/** The addresses of the cluster become those of the fleets: the one thing that is not as written. */
function withFleets(_path: string, text: string): string {
  const config = parse(text) as { targets: { name: string; url: string; replicas: unknown }[] };
  expect(config.targets.map(({ url }) => url)).toEqual([
    'http://qwen-vllm-lb.${NAMESPACE}.svc:8000/v1',
    'http://openshift-ai-inference-openshift-default.openshift-ingress.svc/${NAMESPACE}/qwen/v1',
  ]);
  const local = fleetTargets(fleet);
  config.targets = config.targets.map((target) => {
    const { url, replicas } = local.find(({ name }) => name === target.name)!;
    return { name: target.name, url, replicas };
  });
  return stringify(config);
}

function runJob(folder: string, uid: string, env: Record<string, string> = {}): Promise<Ended> {
  const objects = objectsOf(folder);
  const [job, ...others] = podsOf(objects);
  expect(others).toEqual([]);
  const fields = {
    'metadata.namespace': 'demo-llm',
    "metadata.labels['batch.kubernetes.io/controller-uid']": uid,
  };
  // Port 9108 may be taken here, and several pods of a Job have an address each there.
  const { pod } = structuredClone(job!);
  const [container] = pod.containers;
  container!.args = container!.args!.map((arg) =>
    arg === '--listen=0.0.0.0:9108' ? '--listen=127.0.0.1:0' : arg,
  );
  return node.run(pod, container!, {
    objects,
    fields,
    env: { ...SHORT, ...env },
    adapt: withFleets,
  });
}

const recordsOf = (folder: string) => jsonLines(join(results, folder, 'run.jsonl')).slice(1);
const UID = '0b6f0a52-7b5e-4a3c-9a59-1c6d6a8f1d11';

describe('oc apply -k benchmark-job/overlays/vllm, then llm-d', () => {
  test.each(['vllm', 'llm-d'])(
    'the Job for %s measures it, prints the report and leaves a complete run on the volume',
    async (side) => {
      const ended = await runJob(`benchmark-job/overlays/${side}`, UID);
      expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('error')]);
      expect(ended.stdout).toContain('BENCHMARK SUMMARY');
      expect(ended.stdout).toContain('First Turn vs Subsequent Turns (Prefix Caching Indicator)');
      expect(ended.stderr).toMatch(/Metrics while it runs: http:\/\/127\.0\.0\.1:\d+\/metrics/);
      const folder = `${side}/${side}-${UID}`;
      expect(readdirSync(join(results, folder))).toEqual(
        expect.arrayContaining([
          'complete.json',
          'observations.json',
          'plots',
          'report.html',
          'report.md',
          'run.jsonl',
          'summary.json',
        ]),
      );
      const records = recordsOf(folder);
      expect(records).toHaveLength(8);
      expect(new Set(records.map(({ target }) => target))).toEqual(new Set([side]));
      expect(records.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    },
    120_000,
  );

  test('both asked the same conversations, so that they are paired', () => {
    const [vllm, llmd] = ['vllm', 'llm-d'].map((side) =>
      recordsOf(`${side}/${side}-${UID}`)
        .map(({ conversation, turn }) => `${String(conversation)} ${String(turn)}`)
        .sort(),
    );
    expect(vllm).toEqual(llmd);
  });

  test('a pod that is started again after the end does not measure again', async () => {
    const before = readFileSync(join(results, `vllm/vllm-${UID}/run.jsonl`), 'utf8');
    const ended = await runJob('benchmark-job/overlays/vllm', UID);
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('it is not repeated')]);
    expect(readFileSync(join(results, `vllm/vllm-${UID}/run.jsonl`), 'utf8')).toBe(before);
  }, 60_000);

  test('the comparison Job pairs them, and leaves the comparison with its plots beside them', async () => {
    const objects = objectsOf('benchmark-job/compare');
    const { pod } = podsOf(objects)[0]!;
    const ended = await node.run(pod, pod.containers[0]!, { objects });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const { schema, baseline, comparisons } = JSON.parse(
      readFileSync(join(results, 'comparison/comparison.json'), 'utf8'),
    ) as Comparison;
    expect([schema, baseline]).toEqual(['taillight.comparison/1', 'vllm']);
    expect(comparisons).toMatchObject([{ candidate: 'llm-d', method: 'paired', conversations: 4 }]);
    expect(readdirSync(join(results, 'comparison')).sort()).toEqual([
      'README.md',
      'comparison.json',
      'plots',
      'report.html',
    ]);
    expect(readdirSync(join(results, 'comparison/plots'))).toContain('ttft_by_turn.png');
  }, 60_000);
});

test('the four pods of an Indexed Job play each conversation once between them, into folders side by side', async () => {
  const uid = '4c1d2f58-0000-4000-8000-aaaaaaaaaaaa';
  const env = { CONVERSATIONS: '6', CONCURRENCY: '4' };
  const pods = await Promise.all(
    [0, 1, 2, 3].map((index) =>
      runJob('benchmark-job/overlays/llm-d-sharded', uid, { ...env, JOB_COMPLETION_INDEX: String(index) }),
    ),
  );
  expect(pods.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual(pods.map(() => [0, '']));
  const run = `llm-d/llm-d-${uid}`;
  const shards = readdirSync(join(results, run)).sort();
  expect(shards).toEqual([0, 1, 2, 3].map((index) => `shard-${index}-of-4`));
  const played = shards.flatMap((shard) => [
    ...new Set(recordsOf(`${run}/${shard}`).map(({ conversation }) => String(conversation))),
  ]);
  expect(new Set(played).size).toBe(6);
  expect(played).toHaveLength(6);
}, 180_000);
