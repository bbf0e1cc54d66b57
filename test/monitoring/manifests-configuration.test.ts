import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../exporter/src/config/load-config';
import { buildObjects, objectOf, ROOT, workloadsOf, type KubeObject } from '../support/kustomize';
import { discovered, type ListedPod } from '../support/pod-targets';
import { PrometheusProcess } from '../support/prometheus';
import { until } from '../support/until';

const installed = (program: string) => spawnSync(program, ['--version']).error === undefined;
/** `npm test` installs these on Debian; elsewhere the tests are left out, and say so. */
const withPrometheus = installed('promtool') && installed('prometheus') ? test : test.skip;
const withAlertmanager = installed('amtool') ? test : test.skip;

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const objects = buildObjects('monitoring');
const folder = mkdtempSync(join(tmpdir(), 'taillight-configuration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dataOf = (from: readonly KubeObject[], name: string) =>
  objectOf(from, 'ConfigMap', name)['data'] as Record<string, string>;
const dataText = (from: readonly KubeObject[], name: string, key: string) => dataOf(from, name)[key]!;

/** Where the token and passwords are in a pod, there is a file here. */
const token = join(folder, 'token');
writeFileSync(token, 'token');
const here = (text: string) =>
  text.replaceAll(TOKEN_FILE, token).replaceAll(/\/etc\/prometheus\/secrets\/\w+/g, token);

const prometheusYml = here(dataText(objects, 'prometheus-config', 'prometheus.yml'));

interface Jobs {
  global: { scrape_interval: string; evaluation_interval: string };
  rule_files: string[];
  alerting?: object;
  scrape_configs: {
    job_name: string;
    scrape_interval?: string;
    kubernetes_sd_configs?: { role: string; namespaces: { names: string[] } }[];
    file_sd_configs?: { files: string[] }[];
  }[];
}

/**
 * For Debian's Prometheus, which is built without Kubernetes: jobs that ask for pods read them from a file. What is to be known
 * of the request for pods is asserted, not tried.
 */
function withPodsFromFile(text: string): Jobs {
  const config = parse(text) as Jobs;
  for (const job of config.scrape_configs) {
    if (job.kubernetes_sd_configs === undefined) continue;
    expect(job.kubernetes_sd_configs).toEqual([{ role: 'pod', namespaces: { names: ['demo-llm'] } }]);
    delete job.kubernetes_sd_configs;
    job.file_sd_configs = [{ files: ['pods.json'] }];
  }
  return config;
}

const run = (program: string, ...args: string[]) => spawnSync(program, args, { encoding: 'utf8' });

/** What examples in comments become when their `#` is taken away: lines of YAML, not those of prose. */
const uncommented = (text: string) => text.replaceAll(/^( *)# (?=[a-z_-]+:|- |  )/gm, '$1');

/** A file after the comment that it begins with. */
const afterHead = (text: string) => text.slice(text.search(/^[a-z]/m));

const KSERVE = { 'app.kubernetes.io/part-of': 'llminferenceservice', 'app.kubernetes.io/name': 'qwen' };

/** Pods of a demo namespace: plain vLLM, llm-d by KServe and by Helm, and some that are not to be scraped. */
const PODS: ListedPod[] = [
  {
    name: 'qwen-vllm-a',
    ip: '10.1.0.1',
    labels: { 'serving.kserve.io/inferenceservice': 'qwen-vllm' },
    containers: [[8000, 8080], [9091]],
  },
  {
    name: 'qwen-vllm-old',
    ip: '10.1.0.2',
    labels: { 'serving.kserve.io/inferenceservice': 'qwen-vllm' },
    phase: 'Failed',
  },
  { name: 'qwen-b', ip: '10.1.0.3', labels: { ...KSERVE, 'llm-d.ai/role': 'both' }, containers: [[]] },
  { name: 'qwen-c', ip: 'fd00::4', labels: { ...KSERVE, 'llm-d.ai/role': 'prefill' } },
  { name: 'helm-d', ip: '10.1.0.5', labels: { 'llm-d.ai/role': 'decode' } },
  {
    name: 'qwen-epp',
    ip: '10.1.0.6',
    labels: { ...KSERVE, 'app.kubernetes.io/component': 'llminferenceservice-router-scheduler' },
    containers: [[9002, 9003, 9090]],
  },
  { name: 'vllm-multi-turn-benchmark', ip: '10.1.0.7' },
  {
    name: 'llm-d-multi-turn-benchmark',
    ip: '10.1.0.8',
    labels: { 'taillight/metrics': 'run' },
    containers: [[9108]],
    port: 'http',
  },
];

describe("Prometheus' configuration", () => {
  const path = join(folder, 'prometheus.yml');

  beforeAll(() => {
    mkdirSync(join(folder, 'rules'));
    for (const [name, text] of Object.entries(dataOf(objects, 'prometheus-rules'))) {
      writeFileSync(join(folder, 'rules', name), text);
    }
  });

  withPrometheus('is accepted by promtool together with every rule file', () => {
    writeFileSync(path, stringify(withPodsFromFile(prometheusYml)));
    const { status, stdout, stderr } = run('promtool', 'check', 'config', path);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('is valid prometheus config file syntax');
    const files = readdirSync(join(ROOT, 'monitoring/rules')).filter((name) => name.endsWith('.yaml'));
    const checked = [...stdout.matchAll(/Checking .*\/rules\/(.+)\n\s+SUCCESS/g)].map(([, name]) => name);
    expect(checked.sort()).toEqual(files.sort());
  });

  withPrometheus('is accepted with the example of remote write taken into use', () => {
    const [, example = ''] = prometheusYml.split(/^(?=# remote_write:)/m);
    writeFileSync(path, stringify(withPodsFromFile(`${prometheusYml}\n${uncommented(example)}`)));
    const { remote_write } = parse(readFileSync(path, 'utf8')) as { remote_write: { url: string }[] };
    expect(remote_write.map(({ url }) => url)).toEqual(['https://mimir.example.com/api/v1/push']);
    expect(run('promtool', 'check', 'config', path)).toMatchObject({ status: 0 });
  });

  test('has the same jobs, at the same intervals, as the one for other places', () => {
    const jobs = (text: string) => {
      const { global, scrape_configs } = parse(text) as Jobs;
      const each = scrape_configs.map(({ job_name, scrape_interval = null }) => [job_name, scrape_interval]);
      return { intervals: [global.scrape_interval, global.evaluation_interval], each };
    };
    const elsewhere = readFileSync(join(ROOT, 'provisioning/prometheus/prometheus.yml'), 'utf8');
    expect(jobs(prometheusYml)).toEqual(jobs(elsewhere));
  });

  withPrometheus(
    'finds the pages of model servers and endpoint pickers, each once, over the right scheme',
    async () => {
      const config = { ...withPodsFromFile(prometheusYml), rule_files: [], alerting: {} };
      const prometheus = await PrometheusProcess.start(config, { 'pods.json': PODS.flatMap(discovered) });
      try {
        const found = await until('all pages are found', async () => {
          const pages = await targetsOf(prometheus.api.url);
          return pages.length >= 6 ? pages : null;
        });
        const common = { namespace: 'demo-llm', node: 'gpu-node-1' };
        const isvc = { llm_isvc_name: 'qwen' };
        expect(found).toEqual([
          ['http://10.1.0.6:9090/metrics', { ...common, ...isvc, job: 'epp', pod: 'qwen-epp' }],
          [
            'http://10.1.0.8:9108/metrics',
            { namespace: 'demo-llm', job: 'taillight-run', pod: 'llm-d-multi-turn-benchmark' },
          ],
          [
            'http://10.1.0.1:8000/metrics',
            { ...common, job: 'vllm', pod: 'qwen-vllm-a', inferenceservice: 'qwen-vllm' },
          ],
          ['http://10.1.0.5:8000/metrics', { ...common, job: 'vllm', pod: 'helm-d' }],
          ['https://10.1.0.3:8000/metrics', { ...common, ...isvc, job: 'vllm', pod: 'qwen-b' }],
          ['https://[fd00::4]:8000/metrics', { ...common, ...isvc, job: 'vllm', pod: 'qwen-c' }],
        ]);
      } finally {
        await prometheus.stop();
      }
    },
  );

  test('cannot be changed over HTTP, and what is stored fits its volume', () => {
    const { pod, object } = workloadsOf([objectOf(objects, 'StatefulSet', 'prometheus')])[0]!;
    const args = pod.containers[0]!.args ?? [];
    expect(args.filter((arg) => /^--web\.enable|^--web\..*(admin|lifecycle)/.test(arg))).toEqual([]);
    const kept = Number(/size=(\d+)GB/.exec(args.join())?.[1]) * 1e9;
    const { volumeClaimTemplates } = object['spec'] as {
      volumeClaimTemplates: { spec: { resources: { requests: { storage: string } } } }[];
    };
    const volume = parseInt(volumeClaimTemplates[0]!.spec.resources.requests.storage) * 2 ** 30;
    expect(kept / volume).toBeGreaterThan(0.5);
    expect(kept / volume).toBeLessThan(0.8);
    expect(args).toContain('--storage.tsdb.retention.time=15d');
  });
});

interface ActiveTarget {
  scrapeUrl: string;
  labels: Record<string, string>;
}

/** Pages of the jobs that discover, sorted: URL and labels but the instance. */
async function targetsOf(url: string): Promise<[string, Record<string, string>][]> {
  const { body } = await request(`${url}/api/v1/targets?state=active`);
  const { data } = (await body.json()) as { data: { activeTargets: ActiveTarget[] } };
  return data.activeTargets
    .filter(({ labels }) => ['vllm', 'epp', 'taillight-run'].includes(labels['job'] ?? ''))
    .map(({ scrapeUrl, labels: { instance: _, ...labels } }): [string, Record<string, string>] => [
      scrapeUrl,
      labels,
    ])
    .sort(([a, { job: first = '' }], [b, { job: second = '' }]) => (first + a < second + b ? -1 : 1));
}

describe("Taillight's configuration", () => {
  const load = (from: readonly KubeObject[]) => {
    const path = join(folder, 'taillight.yaml');
    writeFileSync(path, here(dataText(from, 'taillight-config', 'taillight.yaml')));
    const { env = [] } = workloadsOf([objectOf(from, 'Deployment', 'taillight')])[0]!.pod.containers[0]!;
    const result = loadConfig(path, Object.fromEntries(env.map(({ name, value = '' }) => [name, value])));
    if (!result.ok) throw new Error(result.mistakes.join('\n'));
    return result;
  };

  test('is valid, and warns only of what a cluster cannot do better', () => {
    expect(load(objects).warnings).toEqual([
      // KServe's endpoint picker has no TLS on its port for metrics.
      expect.stringMatching(/targets\[1\]\.router\.auth: the token is sent over plain http/) as string,
      // Certificates of KServe's pods are not made out for their addresses.
      expect.stringMatching(/targets\[1\]\.replicas\.tls\.insecure_skip_verify/) as string,
    ]);
  });

  test('compares the same deployments as the example', () => {
    const example = loadConfig(join(ROOT, 'taillight.example.yaml'), {});
    if (!example.ok) throw new Error(example.mistakes.join('\n'));
    const compared = ({ config }: typeof example) =>
      config.targets.map(({ name, url, replicas }) => ({ name, url, replicas: replicas?.discovery }));
    expect(compared(load(objects))).toEqual(compared(example));
  });

  test('asks for the token of the pod only where the endpoint picker wants it', () => {
    const { config } = load(objects);
    const [, llmd] = config.targets;
    expect(llmd?.router).toMatchObject({
      url: 'http://qwen-epp-service.demo-llm.svc:9090/metrics',
      http: { bearer_token_file: token },
    });
    expect(config.targets.map(({ http }) => http.bearer_token_file)).toEqual([null, null]);
    expect(llmd?.replicas?.http.bearer_token_file).toBeNull();
  });

  test('has pages of GPUs where the component for them is included, and nowhere else', () => {
    expect(load(objects).config.gpus).toEqual([]);
    expect(
      load(buildObjects('monitoring/overlays/demo')).config.gpus.map(({ discovery }) => discovery),
    ).toEqual([
      expect.objectContaining({
        kind: 'kubernetes',
        namespace: 'nvidia-gpu-operator',
        selector: 'app=nvidia-dcgm-exporter',
        port: 9400,
      }),
    ]);
  });

  test('keeps its records on the volume', () => {
    const { pod } = workloadsOf([objectOf(objects, 'Deployment', 'taillight')])[0]!;
    const mount = pod.containers[0]?.volumeMounts?.find(({ name }) => name === 'data');
    expect(load(objects).config.data_dir).toBe(mount?.mountPath);
  });
});

describe("Alertmanager's configuration", () => {
  const secret = objectOf(objects, 'Secret', 'alertmanager-config')['data'] as Record<string, string>;
  const text = Buffer.from(secret['alertmanager.yml']!, 'base64').toString();
  const path = join(folder, 'alertmanager.yml');

  const receiversOf = (...labels: string[]) =>
    run('amtool', 'config', 'routes', 'test', `--config.file=${path}`, ...labels).stdout.trim();

  withAlertmanager('is accepted by amtool and tells nobody', () => {
    writeFileSync(path, text);
    expect(run('amtool', 'check-config', path)).toMatchObject({ status: 0 });
    expect(receiversOf('alertname=TaillightTargetDown', 'severity=critical')).toBe('page-of-alertmanager');
    expect((parse(text) as { receivers: unknown }).receivers).toEqual([{ name: 'page-of-alertmanager' }]);
  });

  withAlertmanager('is accepted with its examples taken into use, which then tell whom they say', () => {
    writeFileSync(path, uncommented(afterHead(text)));
    expect(run('amtool', 'check-config', path)).toMatchObject({ status: 0 });
    expect(receiversOf('severity=critical')).toBe('pagerduty,slack');
    expect(receiversOf('severity=warning')).toBe('slack');
    expect(receiversOf('severity=info')).toBe('page-of-alertmanager');
  });

  test('holds back what the description of the alerts says, and no more', () => {
    const described = readFileSync(join(ROOT, 'monitoring/rules/README.md'), 'utf8');
    const [, block = ''] = /```yaml\n(inhibit_rules:[^`]*)```/.exec(described) ?? [];
    const { inhibit_rules } = parse(text) as { inhibit_rules: object[] };
    expect({ inhibit_rules }).toEqual(parse(block));
    expect(inhibit_rules.length).toBeGreaterThan(3);
  });
});

test('the rules for the Prometheus operator are those of Prometheus, in the same order', () => {
  const rule = objectOf(
    buildObjects('monitoring/overlays/openshift-user-workload'),
    'PrometheusRule',
    'taillight',
  );
  const groups = Object.values(dataOf(objects, 'prometheus-rules')).flatMap(
    (text) => (parse(text) as { groups: { name: string }[] }).groups,
  );
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect((rule['spec'] as { groups: { name: string }[] }).groups.sort(byName)).toEqual(groups.sort(byName));
});
