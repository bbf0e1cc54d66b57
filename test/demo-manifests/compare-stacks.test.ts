import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningFleet } from '../../demo/fleet/main';
import type { Comparison } from '../../exporter/src/model/comparison';
import { serveHttps, tlsFile, type LocalServer } from '../http/local-server';
import { startFleets } from '../support/fleets';
import { objectOf, type Container, type KubeObject, type PodSpec } from '../support/kustomize';
import { until } from '../support/until';
import { COMPARE_STACKS, objectsOfAll, podsOf } from './demo-builds';
import { EmulatedNode, jsonLines, TOKEN, type Ended } from './emulated-pod';

const LEVELS = ['0.1', '0.25', '0.5'];
const STANDALONE = 'standalone-vllm-llama-3b';
const LLMD = 'llm-d-llama-3b';

const node = new EmulatedNode();
afterAll(() => node.close());

/** Everything that is applied, and the authority that Kubernetes puts into every namespace. */
const objects: KubeObject[] = [
  ...objectsOfAll(COMPARE_STACKS),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace: 'llm-d-benchmark' },
    data: { 'ca.crt': readFileSync(tlsFile('ca.crt'), 'utf8') },
  },
];

const podOf = (name: string): PodSpec =>
  podsOf(objects).find(({ title }) => title === `Job/${name}` || title === `Pod/${name}`)!.pod;

describe('containers that wait for Jobs', () => {
  const conditions = new Map<string, string | null>();
  /** Jobs that were asked for and are not there. */
  const missed: string[] = [];
  let api: LocalServer;

  beforeAll(async () => {
    api = await serveHttps('server', (request, response) => {
      const job = /^\/apis\/batch\/v1\/namespaces\/llm-d-benchmark\/jobs\/([a-z-]+)$/.exec(
        request.url ?? '',
      )?.[1];
      const type = conditions.get(job ?? '');
      const status =
        request.headers.authorization !== `Bearer ${TOKEN}` ? 401 : type === undefined ? 404 : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      if (status === 404) missed.push(job ?? '');
      const held = type === null ? [] : [{ type, status: 'True' }];
      response.end(JSON.stringify(status === 200 ? { status: { conditions: held } } : {}));
    });
  });
  afterAll(() => api.close());
  beforeEach(() => conditions.clear());

  function wait(job: string, env: Record<string, string> = {}): Promise<Ended> {
    const pod = podOf(job);
    const [container] = pod.initContainers!;
    const access = container!.volumeMounts!.find(({ name }) => name === 'api')!.mountPath;
    expect(access).toBe('/var/run/secrets/kubernetes.io/serviceaccount');
    return node.run(pod, container!, {
      objects,
      fields: { 'metadata.namespace': 'llm-d-benchmark' },
      // The path is the script's own default, and cannot be moved there.
      env: {
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(api.port),
        API_ACCESS: access,
        ...env,
      },
    });
  }

  test('the analysis waits until both benchmarks are complete, and says what it waits for', async () => {
    conditions.set('standalone-benchmark-run', 'Complete');
    const waiting = wait('compare-benchmark-analysis');
    await until('it has asked for the second Job', () => missed.includes('llm-d-benchmark-run'));
    conditions.set('llm-d-benchmark-run', 'Complete');
    const { code, stdout, stderr } = await waiting;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'standalone-benchmark-run: complete',
      'llm-d-benchmark-run: does not exist yet; apply compare-stacks/benchmark-job.yaml',
    ]);
    expect(stdout).toMatch(/llm-d-benchmark-run: complete\n$/);
  }, 60_000);

  test('the analysis gives up as soon as a benchmark has failed', async () => {
    conditions.set('standalone-benchmark-run', 'Failed').set('llm-d-benchmark-run', null);
    const { code, stderr } = await wait('compare-benchmark-analysis');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('standalone-benchmark-run has failed') as string,
    ]);
  }, 60_000);

  test('the second benchmark begins when the first one has ended, however that was', async () => {
    conditions.set('standalone-benchmark-run', 'Failed');
    expect(await wait('llm-d-benchmark-run')).toMatchObject({ code: 0, stderr: '' });
  }, 60_000);

  test('by default the two are measured one after the other; ORDER: simultaneous does not wait', async () => {
    const workload = objectOf(objects, 'ConfigMap', 'benchmark-workload-config')['data'];
    expect(workload).toMatchObject({ ORDER: 'one-after-the-other' });
    expect(await wait('llm-d-benchmark-run', { ORDER: 'simultaneous' })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(podOf('standalone-benchmark-run').initContainers).toBeUndefined();
  }, 60_000);
});

/** LMBenchmark's file of a level: the candidate's first tokens come in half the time. */
function lmbench(level: string, ttft: number): string {
  const rows = Array.from({ length: 90 }, (_, index) => {
    const launch = 1_750_000_000 + index / Number(level);
    const first = ttft * (1 + (index % 10) / 20);
    const cells = [21_000, 100, first, 2, index % 15, 1 + Math.floor(index / 15), launch, launch + first + 2];
    return cells.join(',');
  });
  const head =
    'prompt_tokens,generation_tokens,ttft,generation_time,user_id,question_id,launch_time,finish_time';
  return `${[head, ...rows].join('\n')}\n`;
}

/** As the benchmarks leave them: each volume has the folder of its stack at the top. */
function layOut(claim: string, stack: string, ttft: number): void {
  const folder = join(node.claim(claim), stack);
  mkdirSync(folder, { recursive: true });
  for (const level of LEVELS)
    writeFileSync(join(folder, `LMBench_long_input_output_${level}.csv`), lmbench(level, ttft));
}

describe('the analysis of files laid out as the volumes are', () => {
  let ended: Ended;
  const analysis = () => join(node.claim('llm-d-results-pvc'), 'analysis');

  beforeAll(async () => {
    layOut('standalone-results-pvc', STANDALONE, 0.8);
    layOut('llm-d-results-pvc', LLMD, 0.4);
    const pod = podOf('compare-benchmark-analysis');
    ended = await node.run(pod, pod.containers[0]!, { objects });
  }, 60_000);

  test('compares every level that both have', () => {
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const { levels } = JSON.parse(readFileSync(join(analysis(), 'comparison.json'), 'utf8')) as Comparison;
    expect(levels?.map(({ level, unit }) => [level, unit])).toEqual(
      LEVELS.map((level) => [Number(level), 'qps']),
    );
    for (const { comparisons } of levels ?? []) {
      const p95 = comparisons[0]!.ratios.find(
        ({ metric, turn, quantile }) => `${metric} ${turn} ${quantile}` === 'ttft all p95',
      );
      expect(p95?.estimate).toBeCloseTo(0.5, 6);
    }
  });

  test('draws the three plots of the document, each in its README', () => {
    const plots = join(analysis(), 'plots');
    const readme = readFileSync(join(plots, 'README.md'), 'utf8');
    expect(readme).toContain('# llm-d against standalone');
    for (const name of ['latency_comparison', 'throughput_comparison', 'qps_comparison']) {
      const png = readFileSync(join(plots, `${name}.png`));
      expect([name, png.subarray(1, 4).toString()]).toEqual([name, 'PNG']);
      // A picture of nothing is smaller.
      expect(png.length).toBeGreaterThan(10_000);
      expect(readme).toContain(`${name}.png`);
    }
  });

  test('writes into the folder of the llm-d results, where the retriever shows it', () => {
    expect(readdirSync(analysis()).sort()).toEqual(['README.md', 'comparison.json', 'plots', 'report.html']);
    const { containers, volumes } = podOf('results-retriever');
    const shown = containers[0]!.volumeMounts!.map(({ name, mountPath }) => [
      mountPath,
      volumes!.find((volume) => volume.name === name)!.persistentVolumeClaim!.claimName,
    ]);
    expect(shown).toEqual([
      ['/requests/standalone', 'standalone-results-pvc'],
      ['/requests/llm-d', 'llm-d-results-pvc'],
    ]);
  });
});

describe('both benchmarks against local fleets, and the analysis of what they leave', () => {
  // At the levels of the document the first of 15 users asks after a quarter of a minute, so these are faster.
  const FAST = { QPS_VALUES: '7.5,15', STOP_AFTER: '5s' };
  const cluster = new EmulatedNode();
  let fleet: RunningFleet;
  let benchmarks: Ended[];
  const folders = () => [
    join(cluster.claim('standalone-results-pvc'), STANDALONE),
    join(cluster.claim('llm-d-results-pvc'), LLMD),
  ];

  function runJob(job: string, env: Record<string, string> = {}): Promise<Ended> {
    const pod = podOf(job);
    return cluster.run(pod, pod.containers[0]!, { objects, env });
  }

  beforeAll(async () => {
    fleet = await startFleets({ replicas: 2, speed: 50 });
    const { baseline, candidate } = fleet;
    benchmarks = await Promise.all([
      runJob('standalone-benchmark-run', { ...FAST, LLMDBENCH_HARNESS_ENDPOINT_URL: baseline.url }),
      runJob('llm-d-benchmark-run', { ...FAST, LLMDBENCH_HARNESS_ENDPOINT_URL: candidate.url }),
    ]);
  }, 240_000);
  afterAll(async () => {
    await cluster.close();
    await fleet.stop();
  });

  test('each leaves the files that the document lists, and the report of its run with plots', () => {
    expect(benchmarks.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    for (const folder of folders()) {
      expect(readdirSync(folder).sort()).toEqual([
        'LMBench_long_input_output_15.csv',
        'LMBench_long_input_output_7.5.csv',
        'complete.json',
        'observations.json',
        'plots',
        'report.html',
        'report.md',
        'run.jsonl',
        'summary.json',
      ]);
    }
  });

  test('the analysis counts each request once, though run.jsonl and the CSV files both have it', async () => {
    const { code, stderr } = await runJob('compare-benchmark-analysis');
    expect([code, stderr]).toEqual([0, '']);
    const analysis = join(cluster.claim('llm-d-results-pvc'), 'analysis');
    const { levels } = JSON.parse(readFileSync(join(analysis, 'comparison.json'), 'utf8')) as Comparison;
    const counted = levels?.map(({ level, targets }) => [level, targets.map(({ samples }) => samples.all)]);
    const rowsOf = (level: number) =>
      folders().map((folder) => {
        const csv = readFileSync(join(folder, `LMBench_long_input_output_${level}.csv`), 'utf8');
        return csv.trimEnd().split('\n').length - 1;
      });
    expect(counted).toEqual([7.5, 15].map((level) => [level, rowsOf(level)]));
    expect(Math.min(...rowsOf(7.5), ...rowsOf(15))).toBeGreaterThan(5);
    const answered = folders().map(
      (folder) => jsonLines(join(folder, 'run.jsonl')).filter(({ outcome }) => outcome === 'ok').length,
    );
    expect(answered).toEqual([0, 1].map((side) => rowsOf(7.5)[side]! + rowsOf(15)[side]!));
    expect(readdirSync(join(analysis, 'plots'))).toContain('latency_comparison.png');
  }, 60_000);

  test('a benchmark that is started again does not measure again', async () => {
    const { code, stdout } = await runJob('llm-d-benchmark-run', FAST);
    expect([code, stdout]).toEqual([0, expect.stringContaining('it is not repeated')]);
  }, 60_000);
});

describe('the benchmarks as manifests', () => {
  const argsOf = (name: string): [Container, string] => {
    const [container] = podOf(name).containers;
    return [container!, JSON.stringify(container!.args)];
  };

  test('differ in their deployment and their volume only', () => {
    const [standalone, llmd] = ['standalone-benchmark-run', 'llm-d-benchmark-run'].map((name) => {
      const { containers } = podOf(name);
      return JSON.stringify(containers).replace(/(standalone|llm-d)-benchmark-env/, 'benchmark-env');
    });
    expect(standalone).toBe(llmd);
    expect(argsOf('standalone-benchmark-run')[1]).toContain(
      '--out=/requests/$(LLMDBENCH_HARNESS_STACK_NAME)',
    );
  });

  test('have the names of the document for their results', () => {
    const stacks = ['standalone', 'llm-d'].map(
      (side) =>
        (objectOf(objects, 'ConfigMap', `${side}-benchmark-env`)['data'] as Record<string, string>)[
          'LLMDBENCH_HARNESS_STACK_NAME'
        ],
    );
    expect(stacks).toEqual([STANDALONE, LLMD]);
    const { QPS_VALUES } = objectOf(objects, 'ConfigMap', 'benchmark-workload-config')['data'] as {
      QPS_VALUES: string;
    };
    expect(QPS_VALUES.split(',')).toEqual(LEVELS);
  });
});
