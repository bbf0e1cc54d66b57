import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILDS, objectOf, ROOT, type KubeObject } from '../support/kustomize';
import { APPLIED, COMPARE_STACKS, objectsOf, objectsOfAll, podsOf } from './demo-builds';

/** Commands of the bash blocks of a README, one a line, without comments and with continued lines joined. */
function commandsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [...text.matchAll(/^ *```bash\n([\s\S]*?)^ *```/gm)]
    .flatMap(([, block]) => block!.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const DEMO = commandsOf('demo/README.md');
const STACKS = commandsOf('demo/compare-stacks/README.md');

/** What the two documents that the demo comes from tell people to type, as far as it is to work unchanged. */
const DOCUMENT = [
  'oc apply -k monitoring',
  'oc wait --for=condition=ready pod -l app=grafana -n llm-d-monitoring --timeout=300s',
  "export GRAFANA_URL=$(oc get route grafana-secure -n llm-d-monitoring -o jsonpath='{.spec.host}')",
  'oc apply -k vllm',
  'oc wait --for=condition=ready pod -l serving.kserve.io/inferenceservice=qwen-vllm -n demo-llm --timeout=300s',
  'oc apply -k guidellm/overlays/vllm',
  'oc logs -f job/vllm-guidellm-benchmark -n demo-llm',
  'oc apply -k benchmark-job/overlays/vllm',
  'oc logs -f job/vllm-multi-turn-benchmark -n demo-llm',
  'oc delete -k vllm',
  'oc apply -k llm-d',
  'oc wait --for=condition=ready pod -l app.kubernetes.io/name=qwen -n demo-llm --timeout=300s',
  'oc apply -k benchmark-job/overlays/llm-d',
  'oc logs -f job/llm-d-multi-turn-benchmark -n demo-llm',
];
const SECOND_DOCUMENT = [
  'kubectl create namespace llm-d-benchmark',
  'kubectl apply -f resources/sa.yaml',
  'kubectl apply -f resources/rbac.yaml',
  'kubectl apply -f ./compare-stacks/benchmark-job.yaml',
  'kubectl logs -f job/standalone-benchmark-run -n llm-d-benchmark',
  'kubectl logs -f job/llm-d-benchmark-run -n llm-d-benchmark',
  'kubectl apply -f ./compare-stacks/compare-analysis-job.yaml',
  'kubectl get job compare-benchmark-analysis -n llm-d-benchmark -w',
  'kubectl logs -f job/compare-benchmark-analysis -n llm-d-benchmark',
  'kubectl apply -f ./compare-stacks/retrieve-compare.yaml',
  'kubectl wait --for=condition=Ready pod/results-retriever -n llm-d-benchmark --timeout=60s',
  'mkdir -p compare-results',
  'kubectl cp llm-d-benchmark/results-retriever:/requests/ ./compare-results/',
  'kubectl delete pod results-retriever -n llm-d-benchmark',
  'ls -la ./compare-results/llm-d/analysis/plots/',
  'kubectl delete -f ./compare-stacks/benchmark-job.yaml',
  'kubectl delete -f ./compare-stacks/compare-analysis-job.yaml',
];

test.each([
  ['the demo', DOCUMENT, DEMO],
  ['the comparison', SECOND_DOCUMENT, STACKS],
])('the walk of %s has the commands of its document, in their order', (_name, document, commands) => {
  const positions = document.map((command) => commands.indexOf(command));
  expect(document.filter((_, index) => positions[index] === -1)).toEqual([]);
  expect(positions).toEqual([...positions].sort((left, right) => left - right));
});

test('nothing that was measured is deleted between the steps: Prometheus, results and Jobs stay', () => {
  const cleanup = DEMO.findIndex((command) => command.includes('pvc benchmark-results'));
  const deleting = DEMO.slice(0, cleanup).filter((command) => command.startsWith('oc delete'));
  const walk = deleting.slice(
    0,
    deleting.findIndex((command) => command.includes('delete job')),
  );
  expect(walk).toEqual(['oc delete -k vllm', 'oc delete pod benchmark-results -n demo-llm']);
  expect(DEMO.join('\n')).not.toMatch(/delete .*(prometheus|llm-d-monitoring)/);
});

describe.each([
  ['demo', DEMO, APPLIED.filter((name) => !COMPARE_STACKS.includes(name)), 'demo-llm'],
  ['demo/compare-stacks', STACKS, COMPARE_STACKS, 'llm-d-benchmark'],
])('%s/README.md', (folder, commands, applied, namespace) => {
  const objects = objectsOfAll(applied);

  test('folders and files of commands are those of the manifests', () => {
    const named = commands.flatMap(
      (command) => /(?:apply|delete) -[kf] (?:\.\/)?(\S+)/.exec(command)?.[1] ?? [],
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !applied.includes(name) && !BUILDS.includes(name))).toEqual([]);
  });

  test('Jobs and pods of commands exist under these names', () => {
    const names = (kind: string) =>
      objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
    const one = commands.flatMap((command) => [...command.matchAll(/\s(job|pod)\/([a-z-]+)/g)]);
    const several = commands.flatMap((command) => {
      const [, kind, list] = /(?:delete|get) (job|pod) ([a-z][a-z -]*?) -/.exec(command) ?? [];
      return kind === undefined ? [] : list!.split(' ').map((name) => ['', kind, name]);
    });
    const told = [...one, ...several].map(
      ([, kind, name]) => [kind === 'job' ? 'Job' : 'Pod', name!] as const,
    );
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter(([kind, name]) => !names(kind).includes(name))).toEqual([]);
  });

  test('namespaces of commands are the right ones', () => {
    const told = commands.flatMap((command) => / -n ([a-z-]+)/.exec(command)?.[1] ?? []);
    expect([...new Set(told)].filter((name) => name !== 'llm-d-monitoring')).toEqual([namespace]);
  });

  test('links and files in the text exist', () => {
    const text = readFileSync(join(ROOT, folder, 'README.md'), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link!);
    const missing = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(ROOT, folder, link)));
    expect(missing).toEqual([]);
  });
});

test('no pod of a benchmark has a label by which model servers are awaited, scraped or routed to', () => {
  const labels = podsOf(objectsOfAll(APPLIED)).flatMap((owner) => Object.entries(owner.labels));
  const servers = labels.filter(
    ([name, value]) =>
      name.startsWith('serving.kserve.io/') ||
      name.startsWith('llm-d.ai/') ||
      (name === 'app.kubernetes.io/name' && value === 'qwen') ||
      (name === 'app.kubernetes.io/part-of' && value === 'llminferenceservice') ||
      name === 'app',
  );
  expect(servers).toEqual([]);
});

test('models carry no labels of ours: KServe hands some of them on to pods that it selects by', () => {
  const models = ['vllm', 'llm-d']
    .flatMap(objectsOf)
    .filter(({ kind }) => /InferenceService|ServingRuntime/.test(kind));
  expect(models.map(({ metadata }) => metadata.labels)).toEqual([undefined, undefined, undefined]);
});

test('the Service leads to the pods of the InferenceService, at the port of its runtime', () => {
  const objects = objectsOf('vllm');
  const { selector, ports } = objectOf(objects, 'Service', 'qwen-vllm-lb')['spec'] as {
    selector: Record<string, string>;
    ports: { port: number; targetPort: number }[];
  };
  const isvc = objects.find(({ kind }) => kind === 'InferenceService') as KubeObject;
  // KServe labels pods of a RawDeployment like this.
  expect(selector).toEqual({ app: `isvc.${isvc.metadata.name}-predictor` });
  const { containers } = objectOf(objects, 'ServingRuntime', 'vllm-runtime')['spec'] as {
    containers: { args: string[]; ports: { containerPort: number }[] }[];
  };
  expect(ports).toMatchObject([{ port: 8000, targetPort: containers[0]!.ports[0]!.containerPort }]);
  expect(containers[0]!.args.join(' ')).toContain('--port 8000');
});

test('the figures of the demo text are those of its formulas', () => {
  const text = readFileSync(join(ROOT, 'demo/README.md'), 'utf8');
  const [replicas, turns] = [4, 10];
  const random = 1 - ((1 - (1 - 1 / replicas) ** turns) * replicas) / turns;
  expect(text).toContain(`N = 4, T = 10:   ${(random * 100).toFixed(0)} %`);
  expect(text).toMatch(new RegExp(`sticky routing .*${((turns - 1) / turns) * 100} %`));
});
