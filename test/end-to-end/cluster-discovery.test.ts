import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { getJson } from '../support/exporter-process';
import { until } from '../support/until';
import { Program } from './program';

/**
 * The relabelling of the Prometheus in the cluster, by a real Prometheus: which pods become targets, at which address, with
 * which labels. Debian's is built without the discovery of Kubernetes, so the pods come from a file, with the labels that
 * discovery (role: pod) is documented to give: one target for each port of each container.
 */

interface Pod {
  name: string;
  labels: Record<string, string>;
  ip: string;
  phase?: string;
  /** By container; none: a container without ports. */
  ports: (number | null)[][];
}

const metaName = (label: string) => `__meta_kubernetes_pod_label_${label.replace(/[^a-zA-Z0-9_]/g, '_')}`;

function discovered({ name, labels, ip, phase = 'Running', ports }: Pod) {
  // Before it has an address a pod is not listed.
  if (ip === '') return [];
  const pod = {
    __meta_kubernetes_namespace: 'demo-llm',
    __meta_kubernetes_pod_name: name,
    __meta_kubernetes_pod_ip: ip,
    __meta_kubernetes_pod_phase: phase,
    __meta_kubernetes_pod_node_name: `node-of-${name}`,
    __meta_kubernetes_pod_host_ip: '192.168.0.1',
    ...Object.fromEntries(Object.entries(labels).map(([label, value]) => [metaName(label), value])),
  };
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return ports.flatMap((list, index) =>
    list.map((port) => ({
      targets: [port === null ? host : `${host}:${port}`],
      labels: { ...pod, __meta_kubernetes_pod_container_name: `container-${index}` },
    })),
  );
}

const vllm: Pod = {
  name: 'qwen-vllm-predictor-1',
  labels: { 'serving.kserve.io/inferenceservice': 'qwen-vllm', app: 'isvc.qwen-vllm-predictor' },
  ip: '10.0.0.1',
  // As with a sidecar: more ports than pages.
  ports: [[8000, 8080], [null]],
};
const llmd: Pod = {
  name: 'qwen-kserve-1',
  labels: {
    'app.kubernetes.io/name': 'qwen',
    'app.kubernetes.io/part-of': 'llminferenceservice',
    'llm-d.ai/role': 'both',
  },
  ip: '10.0.0.2',
  ports: [[8000]],
};
const picker: Pod = {
  name: 'qwen-kserve-router-scheduler-1',
  labels: {
    'app.kubernetes.io/name': 'qwen',
    'app.kubernetes.io/part-of': 'llminferenceservice',
    'app.kubernetes.io/component': 'llminferenceservice-router-scheduler',
  },
  ip: '10.0.0.3',
  ports: [[9002, 9003, 9090]],
};
const pods: Pod[] = [
  vllm,
  llmd,
  picker,
  { ...vllm, name: 'qwen-vllm-predictor-6', ip: 'fd00::6' },
  { ...vllm, name: 'qwen-vllm-predictor-pending', ip: '10.0.0.7', phase: 'Pending' },
  { ...llmd, name: 'qwen-kserve-gone', ip: '10.0.0.8', phase: 'Succeeded' },
  { ...picker, name: 'qwen-kserve-router-scheduler-gone', ip: '10.0.0.4', phase: 'Failed' },
  { name: 'vllm-multi-turn-benchmark-x', labels: { app: 'benchmark' }, ip: '10.0.0.9', ports: [[8000]] },
];

let prometheus: Program;
let podsFile: string;

interface Targets {
  data: { activeTargets: { scrapeUrl: string; labels: Record<string, string> }[] };
}

async function targets(job: string) {
  const { data } = await getJson<Targets>(`${prometheus.url}/api/v1/targets?state=active`);
  return data.activeTargets
    .filter(({ labels }) => labels['job'] === job)
    .map(({ scrapeUrl, labels: { job: _job, instance: _instance, ...labels } }) => ({ scrapeUrl, labels }))
    .sort((left, right) => left.scrapeUrl.localeCompare(right.scrapeUrl));
}

/** The shipped configuration, with a file in the place of the API server. */
function withPodsFromFile(): string {
  const path = join(__dirname, '../../monitoring/base/prometheus/prometheus.yml');
  const config = parse(readFileSync(path, 'utf8')) as { scrape_configs: Record<string, unknown>[] };
  const jobs = config.scrape_configs.map(({ kubernetes_sd_configs: discovery, ...job }) =>
    discovery === undefined ? job : { ...job, file_sd_configs: [{ files: ['pods.json'] }] },
  );
  return stringify({ ...config, scrape_configs: jobs }, { aliasDuplicateObjects: false });
}

beforeAll(async () => {
  prometheus = await Program.start('prometheus', {
    files: () => ({
      'prometheus.yml': withPodsFromFile(),
      'pods.json': JSON.stringify(pods.flatMap(discovered)),
    }),
    args: (folder, address) => {
      podsFile = join(folder, 'pods.json');
      return [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
      ];
    },
  });
  await until('the pods are discovered', async () => (await targets('epp')).length > 0);
}, 90_000);

afterAll(() => prometheus?.stop());

test('replicas that run become one target each: plain vLLM by http, llm-d by https, IPv6 in brackets', async () => {
  const labels = (pod: string, service: Record<string, string>) => ({
    namespace: 'demo-llm',
    pod,
    node: `node-of-${pod}`,
    ...service,
  });
  expect(await targets('vllm')).toEqual([
    {
      scrapeUrl: 'http://[fd00::6]:8000/metrics',
      labels: labels('qwen-vllm-predictor-6', { inferenceservice: 'qwen-vllm' }),
    },
    {
      scrapeUrl: 'http://10.0.0.1:8000/metrics',
      labels: labels('qwen-vllm-predictor-1', { inferenceservice: 'qwen-vllm' }),
    },
    {
      scrapeUrl: 'https://10.0.0.2:8000/metrics',
      labels: labels('qwen-kserve-1', { llm_isvc_name: 'qwen' }),
    },
  ]);
});

test('the endpoint picker is a target of its own job, once and at its metrics port', async () => {
  expect(await targets('epp')).toEqual([
    {
      scrapeUrl: 'http://10.0.0.3:9090/metrics',
      labels: {
        namespace: 'demo-llm',
        pod: 'qwen-kserve-router-scheduler-1',
        node: 'node-of-qwen-kserve-router-scheduler-1',
        llm_isvc_name: 'qwen',
      },
    },
  ]);
});

test('a pod that is replaced by another is followed', async () => {
  const next = pods.map((pod) => (pod === llmd ? { ...llmd, name: 'qwen-kserve-2', ip: '10.0.0.12' } : pod));
  writeFileSync(podsFile, JSON.stringify(next.flatMap(discovered)));
  const urls = async () => (await targets('vllm')).map(({ scrapeUrl }) => scrapeUrl);
  await until('the new one is a target', async () =>
    (await urls()).includes('https://10.0.0.12:8000/metrics'),
  );
  expect(await urls()).not.toContain('https://10.0.0.2:8000/metrics');
}, 40_000);
