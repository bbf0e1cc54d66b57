import { invalidValues, isBuiltIn, typeMistakes } from '../support/kubernetes-types';
import { objectOf, plainName, titleOf, type Container, type KubeObject } from '../support/kustomize';
import { customResourceMistakes } from '../support/schemas/custom-resources';
import {
  APPLIED,
  COMPARE_STACKS,
  configMapsOf,
  kustomizations,
  objectsOf,
  objectsOfAll,
  podsOf,
} from './demo-builds';

/** Client-side apply keeps a copy of the object in an annotation, and annotations may have this many bytes together. */
const MAX_OBJECT_BYTES = 262_144;

/** Included by others; nobody applies them by themselves. */
const PARTS = [
  'benchmark-job/base',
  'compare-stacks/code',
  'compare-stacks/resources',
  'guidellm/base',
  'llm-d/base',
  'llm-d/gateway',
  'results',
];

const containersOf = ({ pod }: ReturnType<typeof podsOf>[number]): Container[] => [
  ...(pod.initContainers ?? []),
  ...pod.containers,
];

test('every kustomization of the demo is applied by people or part of one that is', () => {
  const known = [...APPLIED.filter((name) => !name.endsWith('.yaml')), ...PARTS];
  expect(kustomizations('Kustomization').sort()).toEqual(known.sort());
});

describe('objects of all folders and files against their schemas', () => {
  const every = objectsOfAll(APPLIED);

  test('values have the types, formats and choices of their kinds', () => {
    expect(every.filter(isBuiltIn).flatMap(invalidValues)).toEqual([]);
  });

  test('there is no key that a kind does not have', () => {
    expect(typeMistakes(every.filter(isBuiltIn))).toEqual([]);
  });

  test('custom resources have the keys of their documentation', () => {
    const custom = every.filter((object) => !isBuiltIn(object));
    expect([...new Set(custom.map(({ kind }) => kind))].sort()).toEqual([
      'Gateway',
      'GatewayClass',
      'InferenceService',
      'LLMInferenceService',
      'ServingRuntime',
    ]);
    expect(custom.flatMap(customResourceMistakes)).toEqual([]);
  });

  test('a key that is misspelt in the scheduler configuration is found', () => {
    const copy = structuredClone(objectOf(objectsOf('llm-d'), 'LLMInferenceService', 'qwen'));
    const { router } = copy['spec'] as { router: { scheduler: { config: { inline: object } } } };
    Object.assign(router.scheduler.config.inline, { schedulingProfile: [] });
    expect(customResourceMistakes(copy)).toEqual([expect.stringContaining('schedulingProfile') as string]);
  });
});

describe.each(APPLIED)('demo/%s', (applied) => {
  const objects = objectsOf(applied);
  const pods = podsOf(objects);

  test('no object is applied twice, and each is small enough for client-side apply', () => {
    const titles = objects.map((object) => `${object.apiVersion} ${titleOf(object)}`);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    const sizes = objects.map(
      (object) => [titleOf(object), Buffer.byteLength(JSON.stringify(object))] as const,
    );
    expect(sizes.filter(([, bytes]) => bytes >= MAX_OBJECT_BYTES)).toEqual([]);
  });

  test('every object is in the namespace of its document', () => {
    const expected = COMPARE_STACKS.includes(applied) ? 'llm-d-benchmark' : 'demo-llm';
    const elsewhere = objects.filter(({ metadata }) => metadata.namespace !== expected).map(titleOf);
    const known = [
      'Gateway/openshift-ingress/openshift-ai-inference',
      'GatewayClass/openshift-default',
      'Namespace/llm-d-benchmark',
    ];
    expect(elsewhere.filter((title) => !known.includes(title))).toEqual([]);
  });

  test('nothing is left that a component was to set', () => {
    expect(JSON.stringify(objects)).not.toMatch(/set-by/);
  });

  test('images have a registry and a full version', () => {
    const images = [...JSON.stringify(objects).matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image);
    const pinned = /^[a-z0-9.-]+\/[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z-]+)?$/;
    expect(images.filter((image) => !pinned.test(image!))).toEqual([]);
  });

  test('pods fit the restricted policy of Pod Security, with a root file system that is read-only', () => {
    for (const owner of pods) {
      const { title, pod } = owner;
      expect([title, pod.securityContext]).toEqual([
        title,
        expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      ]);
      expect([title, pod.enableServiceLinks, pod.restartPolicy]).toEqual([title, false, 'Never']);
      for (const { name, securityContext } of containersOf(owner)) {
        expect([title, name, securityContext]).toEqual([
          title,
          name,
          {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        ]);
      }
    }
  });

  test('containers ask for what they need, and none can eat up the memory of its node', () => {
    const without = pods
      .flatMap(containersOf)
      .filter(
        ({ resources }) =>
          !(resources?.requests?.['cpu'] && resources.requests['memory'] && resources.limits?.['memory']),
      );
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  test('what is mounted is there, and every volume is mounted', () => {
    for (const owner of pods) {
      const volumes = (owner.pod.volumes ?? []).map(({ name }) => name).sort();
      const mounted = containersOf(owner).flatMap((one) => (one.volumeMounts ?? []).map(({ name }) => name));
      expect([owner.title, [...new Set(mounted)].sort()]).toEqual([owner.title, volumes]);
    }
  });

  test('volumes, settings and accounts of pods are applied with them or before them', () => {
    const around = COMPARE_STACKS.includes(applied) ? objectsOfAll(COMPARE_STACKS) : objects;
    const names = (kind: string) =>
      around.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
    // Of Kubernetes; and a benchmark makes the volume that the retriever reads.
    const given = ['kube-root-ca.crt', ...(applied === 'results/retrieve' ? ['benchmark-results'] : [])];
    const missing = pods.flatMap((owner) => {
      const { volumes = [], serviceAccountName } = owner.pod;
      const containers = containersOf(owner);
      const configMaps = [
        ...volumes.flatMap(configMapsOf),
        ...containers.flatMap(({ envFrom = [] }) => envFrom.flatMap((one) => one.configMapRef?.name ?? [])),
        ...containers.flatMap(({ env = [] }) =>
          env.flatMap((one) => one.valueFrom?.['configMapKeyRef']?.name ?? []),
        ),
      ];
      const claims = volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
      return [
        ...configMaps.filter((name) => !names('ConfigMap').includes(name)),
        ...claims.filter((name) => !names('PersistentVolumeClaim').includes(name)),
        ...[serviceAccountName ?? []].flat().filter((name) => !names('ServiceAccount').includes(name)),
      ];
    });
    expect(missing.filter((name) => !given.includes(name))).toEqual([]);
  });
});

describe('rights', () => {
  const rules = (objects: readonly KubeObject[]) =>
    objects.filter(({ kind }) => kind === 'Role').flatMap((role) => role['rules'] as object[]);

  test('a benchmark may list the pods of its namespace, and nothing else', () => {
    const objects = objectsOf('benchmark-job/overlays/vllm');
    expect(rules(objects)).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
    expect(objectOf(objects, 'RoleBinding', 'benchmark-pods')['subjects']).toEqual([
      { kind: 'ServiceAccount', name: 'benchmark', namespace: 'demo-llm' },
    ]);
  });

  test('the comparison may look at its two Jobs, and nothing else', () => {
    expect(rules(objectsOf('resources/rbac.yaml'))).toEqual([
      {
        apiGroups: ['batch'],
        resources: ['jobs'],
        resourceNames: ['standalone-benchmark-run', 'llm-d-benchmark-run'],
        verbs: ['get'],
      },
    ]);
  });

  test('there is no ClusterRole, and only pods that ask the API server have a token', () => {
    const every = objectsOfAll(APPLIED);
    expect(every.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
    const withToken = podsOf(every).filter(({ pod }) => pod.automountServiceAccountToken !== false);
    expect([...new Set(withToken.map(({ title }) => title))].sort()).toEqual([
      'Job/llm-d-multi-turn-benchmark',
      'Job/vllm-multi-turn-benchmark',
    ]);
    const inOneContainer = podsOf(every).flatMap(({ title, pod }) =>
      pod.containers
        .filter(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === 'api'))
        .map(() => title),
    );
    expect(inOneContainer).toEqual([]);
  });
});

test('the code of every Job is all parts of the exporter and of the plots that monitoring/ has', () => {
  const parts = objectsOf('benchmark-job/overlays/vllm')
    .filter(({ kind }) => kind === 'ConfigMap')
    .map(plainName)
    .filter((name) => name.startsWith('taillight-code-'))
    .sort();
  const mounted = podsOf(objectsOfAll(APPLIED)).flatMap(({ title, pod }) => {
    const code = pod.volumes?.find(({ name }) => name === 'code');
    return code === undefined ? [] : [[title, configMapsOf(code).sort()] as const];
  });
  const inDemo = mounted.filter(([, names]) => names[0]?.startsWith('taillight-code-'));
  expect(inDemo.length).toBeGreaterThanOrEqual(5);
  for (const [title, names] of inDemo) {
    expect([title, names.map((name) => plainName({ metadata: { name } } as KubeObject))]).toEqual([
      title,
      parts,
    ]);
  }
  expect(parts.filter((name) => name.includes('-plots-')).length).toBeGreaterThanOrEqual(12);
  // Without the live page. The names of the plots are fixed as they are.
  const fixed = parts
    .filter((name) => !name.includes('-live-'))
    .map((name) => (name.includes('-plots-') ? name : name.replace('taillight', 'benchmark')))
    .sort();
  const inComparison = mounted.filter(([, names]) => names[0]?.startsWith('benchmark-code-'));
  expect(inComparison).toEqual(
    ['standalone-benchmark-run', 'llm-d-benchmark-run', 'compare-benchmark-analysis'].map((name) => [
      `Job/${name}`,
      fixed,
    ]),
  );
});

test('the copies of the code under fixed names are the code, byte for byte', () => {
  const contents = (objects: readonly KubeObject[], prefix: string) =>
    objects
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(prefix))
      .map((object) => [
        plainName(object).replace(prefix, ''),
        object['data'] ?? {},
        object['binaryData'] ?? {},
      ])
      .filter(([name]) => !/^(live|plots)-/.test(String(name)));
  const copied = contents(objectsOf('compare-stacks'), 'benchmark-code-');
  expect(copied).toEqual(contents(objectsOf('benchmark-job/overlays/vllm'), 'taillight-code-'));
  expect(copied.length).toBeGreaterThanOrEqual(5);
});
