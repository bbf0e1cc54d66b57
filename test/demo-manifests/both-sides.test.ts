import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../exporter/src/config/load-config';
import { PRESETS } from '../../exporter/src/probe/presets';
import { buildObjects, objectOf, ROOT, titleOf, type KubeObject } from '../support/kustomize';
import { objectsOf } from './demo-builds';

interface Container {
  name: string;
  image: string;
  args?: string[];
  env: { name: string; value: string }[];
  resources: object;
}

const specOf = <Spec>(object: KubeObject) => object['spec'] as Spec;
const fileText = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const dataOf = (objects: readonly KubeObject[], name: string) =>
  objectOf(objects, 'ConfigMap', name)['data'] as Record<string, string>;

interface Engine {
  image: string;
  model: string;
  modelName: string | undefined;
  flags: string | undefined;
  replicas: number;
  resources: object;
}

const envOf = ({ env }: Container, name: string) => env.find((one) => one.name === name)?.value;

function plainEngine(objects: readonly KubeObject[]): Engine {
  const { containers } = specOf<{ containers: [Container] }>(
    objectOf(objects, 'ServingRuntime', 'vllm-runtime'),
  );
  const { predictor } = specOf<{
    predictor: { minReplicas: number; maxReplicas: number; model: { storageUri: string; resources: object } };
  }>(objectOf(objects, 'InferenceService', 'qwen-vllm'));
  expect(predictor.minReplicas).toBe(predictor.maxReplicas);
  return {
    image: containers[0].image,
    model: predictor.model.storageUri,
    modelName: envOf(containers[0], 'MODEL_NAME'),
    flags: envOf(containers[0], 'VLLM_ADDITIONAL_ARGS'),
    replicas: predictor.minReplicas,
    resources: predictor.model.resources,
  };
}

interface LlmSpec {
  model: { uri: string; name: string };
  replicas: number;
  router: { scheduler: { config: { inline: object }; template: { containers: [Container] } } };
  template: { containers: [Container] };
}

function routedEngine(objects: readonly KubeObject[]): Engine {
  const { model, replicas, template } = specOf<LlmSpec>(objectOf(objects, 'LLMInferenceService', 'qwen'));
  const [main] = template.containers;
  return {
    image: main.image,
    model: model.uri,
    modelName: model.name,
    flags: envOf(main, 'VLLM_ADDITIONAL_ARGS'),
    replicas,
    resources: main.resources,
  };
}

describe('plain vLLM and llm-d', () => {
  test('have the same image, model, flags, KV cache, replicas and resources', () => {
    const engine = plainEngine(objectsOf('vllm'));
    expect(engine).toEqual(routedEngine(objectsOf('llm-d')));
    expect(engine.replicas).toBe(4);
    expect(engine.flags).toMatch(/--num-gpu-blocks-override=\d+/);
    expect(engine.flags).not.toMatch(/[\n']/);
  });

  test('have room for the longest conversation of the benchmark and of the second document', () => {
    const { flags } = plainEngine(objectsOf('vllm'));
    const of = (name: string) => Number(new RegExp(`--${name}=(\\d+)`).exec(flags!)![1]);
    const { turns, document_tokens, max_tokens } = PRESETS['multi-turn'];
    const question = 100;
    const longest = document_tokens.max + turns * (max_tokens + question);
    expect(of('max-model-len')).toBeGreaterThanOrEqual(Math.max(longest, 21_000 + 20 * (100 + question)));
    expect(of('num-gpu-blocks-override') * of('block-size')).toBeGreaterThanOrEqual(of('max-model-len'));
  });

  test('follow one file: another namespace, engine and number of replicas appear everywhere', () => {
    const copy = mkdtempSync(join(tmpdir(), 'taillight-demo-'));
    try {
      for (const folder of ['demo', 'monitoring/code'])
        cpSync(join(ROOT, folder), join(copy, folder), {
          recursive: true,
          filter: (path) => relative(ROOT, path) !== join('demo', 'fleet'),
        });
      const path = join(copy, 'demo/components/names/demo.yaml');
      const changed = readFileSync(path, 'utf8')
        .replace('namespace: demo-llm', 'namespace: elsewhere')
        .replace(/image: .*/, 'image: docker.io/vllm/vllm-openai:v9.9.9')
        .replace('replicas: 4', 'replicas: 2')
        .replace(/blocks-override=\d+/, 'blocks-override=4096');
      writeFileSync(path, changed);
      const built = (folder: string) => buildObjects(`demo/${folder}`, copy);
      const engine = plainEngine(built('vllm'));
      expect(engine).toMatchObject({ image: 'docker.io/vllm/vllm-openai:v9.9.9', replicas: 2 });
      expect(engine.flags).toContain('--num-gpu-blocks-override=4096');
      expect(routedEngine(built('llm-d'))).toEqual(engine);
      const folders = ['vllm', 'llm-d', 'guidellm/overlays/llm-d', 'benchmark-job/overlays/vllm-sharded'];
      const text = JSON.stringify([...folders, 'benchmark-job/compare', 'results/retrieve'].map(built));
      expect(text).not.toContain('demo-llm');
      const binding = objectOf(built('benchmark-job/overlays/llm-d'), 'RoleBinding', 'benchmark-pods');
      expect(binding['subjects']).toEqual([
        { kind: 'ServiceAccount', name: 'benchmark', namespace: 'elsewhere' },
      ]);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  test('are asked the same: Jobs of both sides differ in the name of the target and its address only', () => {
    for (const kind of ['guidellm', 'benchmark-job']) {
      const [vllm, llmd] = ['vllm', 'llm-d'].map((side) => {
        const objects = objectsOf(`${kind}/overlays/${side}`);
        const settings = objects.filter(({ metadata }) => /-(workload|config)-/.test(metadata.name));
        const job = objects.find((object) => object.kind === 'Job')!;
        const text = JSON.stringify([settings, specOf(job)]);
        return text
          .replace(`"name":"TARGET","value":"${side}"`, '"name":"TARGET"')
          .replace(/"name":"URL","value":"[^"]*"/, '"name":"URL"');
      });
      expect(vllm).toBe(llmd);
    }
  });
});

describe('the endpoint picker', () => {
  const inline = specOf<LlmSpec>(objectOf(objectsOf('llm-d'), 'LLMInferenceService', 'qwen')).router.scheduler
    .config.inline;

  test('scores queues, KV caches and prefixes, each plugin once', () => {
    const { plugins, schedulingProfiles } = inline as {
      plugins: { type: string }[];
      schedulingProfiles: { plugins: { pluginRef: string; weight?: number }[] }[];
    };
    const weights = schedulingProfiles.flatMap((profile) => profile.plugins);
    expect(weights).toEqual([
      { pluginRef: 'queue-scorer', weight: 2 },
      { pluginRef: 'kv-cache-utilization-scorer', weight: 2 },
      { pluginRef: 'prefix-cache-scorer', weight: 3 },
      { pluginRef: 'max-score-picker' },
    ]);
    const types = plugins.map(({ type }) => type);
    expect(weights.filter(({ pluginRef }) => !types.includes(pluginRef))).toEqual([]);
    expect(new Set(types).size).toBe(types.length);
  });

  test('decides the same where its flags are given as text, and can see the replicas pages', () => {
    const objects = objectsOf('llm-d/overlays/scheduler-flags');
    const { scheduler } = specOf<LlmSpec>(objectOf(objects, 'LLMInferenceService', 'qwen')).router;
    expect(Object.keys(scheduler)).toEqual(['template']);
    const args = scheduler.template.containers[0].args!;
    expect(parse(args[args.indexOf('--config-text') + 1]!)).toEqual(inline);
    expect(args).toEqual(
      expect.arrayContaining([
        '--model-server-metrics-scheme=https',
        '--model-server-metrics-https-insecure-skip-verify=true',
        '--kv-cache-usage-percentage-metric=vllm:kv_cache_usage_perc',
      ]),
    );
    // Every flag has its value: one that was put between another and its value broke the original.
    const bare = args.filter(
      (arg, index) => arg.startsWith('--') && !arg.includes('=') && args[index + 1]?.startsWith('--'),
    );
    expect(bare).toEqual(['--secure-serving']);
  });
});

describe('what monitoring/ and demo/ must say alike', () => {
  test('the demo namespace', () => {
    const settings = parse(fileText('demo/components/names/demo.yaml')) as { spec: { namespace: string } };
    const names = parse(fileText('monitoring/names/names.yaml')) as { data: Record<string, string> };
    expect(settings.spec.namespace).toBe(names.data['demo-namespace']);
  });

  test('the targets: the same addresses and the same replicas', () => {
    interface Targets {
      targets: { name: string; router?: object }[];
    }
    const targets = (text: string) =>
      (parse(text.replaceAll(/\$\{\w+\}/g, 'ns')) as Targets).targets.map(
        ({ router: _, ...target }) => target,
      );
    const run = dataOf(objectsOf('benchmark-job/overlays/vllm'), 'benchmark-config')['taillight.yaml']!;
    expect(targets(run)).toEqual(targets(fileText('monitoring/base/taillight/taillight.yaml')));
  });

  test('GuideLLM is sent to the same addresses', () => {
    const urls = ['vllm', 'llm-d'].map((side) => {
      const job = objectsOf(`guidellm/overlays/${side}`).find(({ kind }) => kind === 'Job')!;
      const { template } = specOf<{ template: { spec: { containers: [Container] } } }>(job);
      return envOf(template.spec.containers[0], 'URL')!.replace('$(NAMESPACE)', '${NAMESPACE}');
    });
    const run = dataOf(objectsOf('benchmark-job/overlays/vllm'), 'benchmark-config')['taillight.yaml']!;
    for (const url of urls) expect(run).toContain(`url: ${url.replace('.svc.cluster.local', '.svc')}/v1`);
  });

  test('the configuration of the run is one that Taillight accepts', () => {
    const text = dataOf(objectsOf('benchmark-job/overlays/llm-d'), 'benchmark-config')['taillight.yaml']!;
    const folder = mkdtempSync(join(tmpdir(), 'taillight-demo-'));
    try {
      writeFileSync(join(folder, 'taillight.yaml'), text);
      const loaded = loadConfig(join(folder, 'taillight.yaml'), { NAMESPACE: 'demo-llm' });
      expect(loaded).toMatchObject({ ok: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a run by several machines', () => {
  const job = objectsOf('benchmark-job/overlays/vllm-sharded').find(({ kind }) => kind === 'Job')!;
  const spec = specOf<{
    completionMode: string;
    completions: number;
    parallelism: number;
    template: { spec: { containers: [Container] } };
  }>(job);

  test('has as many pods at once as each of them is told of', () => {
    const told = envOf(spec.template.spec.containers[0], 'JOB_COMPLETIONS');
    expect([spec.completionMode, spec.completions, spec.parallelism, told]).toEqual(['Indexed', 4, 4, '4']);
  });

  test('writes to a volume that several nodes can mount', () => {
    const claim = objectOf(
      objectsOf('benchmark-job/overlays/vllm-sharded'),
      'PersistentVolumeClaim',
      'benchmark-results',
    );
    expect(specOf<{ accessModes: string[] }>(claim).accessModes).toEqual(['ReadWriteMany']);
  });

  test('has work for every machine', () => {
    const { CONCURRENCY, CONVERSATIONS } = dataOf(
      objectsOf('benchmark-job/overlays/vllm-sharded'),
      'benchmark-workload',
    );
    expect(Number(CONCURRENCY)).toBeGreaterThanOrEqual(spec.completions);
    expect(Number(CONVERSATIONS)).toBeGreaterThanOrEqual(spec.completions);
  });
});

test('deleting plain vLLM takes no results, no namespace and nothing of the cluster with it', () => {
  expect(objectsOf('vllm').map(titleOf).sort()).toEqual([
    'InferenceService/demo-llm/qwen-vllm',
    'Service/demo-llm/qwen-vllm-lb',
    'ServingRuntime/demo-llm/vllm-runtime',
  ]);
});
