import {
  BUILDS,
  buildObjects,
  objectOf,
  titleOf,
  workloadsOf,
  type Container,
  type KubeObject,
  type PodSpec,
} from '../support/kustomize';
import { invalidValues, isBuiltIn, typeMistakes } from '../support/kubernetes-types';
import { customResourceMistakes } from '../support/schemas/custom-resources';

/** Client-side apply keeps a copy of the object in an annotation, and annotations may have this many bytes together. */
const MAX_OBJECT_BYTES = 262_144;

/** Where OpenShift does not choose user ids. */
const WITH_USER_IDS = ['monitoring/overlays/kubernetes', 'monitoring/overlays/kube-prometheus-stack'];

/** Who talks to the API server or shows its token to somebody. */
const WITH_TOKEN = ['grafana-admin', 'prometheus', 'taillight'];

const everyObject = [
  ...new Map(
    BUILDS.flatMap((build) => buildObjects(build)).map((object) => [JSON.stringify(object), object]),
  ).values(),
];

const containersOf = ({ containers, initContainers = [] }: PodSpec): Container[] => [
  ...initContainers,
  ...containers,
];

describe('objects of all builds against the schemas of Kubernetes', () => {
  const builtIn = everyObject.filter(isBuiltIn);

  test('values have the types, formats and choices of their kinds', () => {
    expect(builtIn.flatMap(invalidValues)).toEqual([]);
  });

  test('there is no key that a kind does not have', () => {
    expect(typeMistakes(builtIn)).toEqual([]);
  });

  test('custom resources have the keys of their documentation', () => {
    expect(everyObject.filter((object) => !isBuiltIn(object)).flatMap(customResourceMistakes)).toEqual([]);
  });

  test('mistakes are found, wherever they are', () => {
    const deployment = objectOf(buildObjects('monitoring'), 'Deployment', 'grafana');
    const changed = (change: (copy: KubeObject) => void): KubeObject => {
      const copy = structuredClone(deployment);
      change(copy);
      return copy;
    };
    const spec = (copy: KubeObject) => copy['spec'] as Record<string, unknown>;
    const container = (copy: KubeObject) => workloadsOf([copy])[0]!.pod.containers[0]!;
    const bad = [
      changed((copy) => (spec(copy)['replicas'] = 'two')),
      changed((copy) => (spec(copy)['replcas'] = 1)),
      changed((copy) => Object.assign(container(copy), { volumeMount: [] })),
      changed((copy) => Object.assign(container(copy).readinessProbe!, { httpGet: { path: '/' } })),
    ];
    expect(bad.map((object) => invalidValues(object).length + typeMistakes([object]).length > 0)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const route = structuredClone(objectOf(buildObjects('monitoring'), 'Route', 'grafana-secure'));
    (route['spec'] as { tls: object }).tls = {
      termination: 'edge',
      insecureEdgeTerminationPolice: 'Redirect',
    };
    expect(customResourceMistakes(route)).toEqual([
      expect.stringContaining('insecureEdgeTerminationPolice') as string,
    ]);
  });
});

describe.each(BUILDS)('%s', (build) => {
  const objects = buildObjects(build);
  const workloads = workloadsOf(objects);

  test('no object is applied twice', () => {
    const titles = objects.map((object) => `${object.apiVersion} ${titleOf(object)}`);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });

  test('every object is small enough for client-side apply', () => {
    const sizes = objects.map(
      (object) => [titleOf(object), Buffer.byteLength(JSON.stringify(object))] as const,
    );
    expect(sizes.filter(([, bytes]) => bytes >= MAX_OBJECT_BYTES)).toEqual([]);
  });

  test('everything of ours bears the label by which it is found again; the demo namespace does not', () => {
    const bearing = (object: KubeObject) =>
      object.metadata.labels?.['app.kubernetes.io/part-of'] === 'taillight';
    expect(objects.filter((object) => !bearing(object)).map(titleOf)).toEqual(['Namespace/demo-llm']);
  });

  test('images have a registry and a full version', () => {
    const images = workloads.flatMap(({ pod }) => containersOf(pod).map(({ image }) => image ?? ''));
    const pinned = /^[a-z0-9.-]+(:\d+)?\/[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z-]+)?$/;
    expect(images.filter((image) => !pinned.test(image))).toEqual([]);
  });

  test('pods fit the restricted policy of Pod Security, with a root file system that is read-only', () => {
    for (const { title, pod } of workloads) {
      expect([title, pod.securityContext]).toEqual([
        title,
        expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      ]);
      for (const { name, securityContext } of containersOf(pod)) {
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
      expect(Object.keys(pod)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^host(Network|PID|IPC)$/) as string]),
      );
    }
  });

  test(`user ids are ${WITH_USER_IDS.includes(build) ? 'numbers' : 'left to OpenShift'}`, () => {
    const ids = workloads.map(({ pod }) => ['runAsUser', 'fsGroup'].map((key) => pod.securityContext?.[key]));
    const expected = WITH_USER_IDS.includes(build) ? (expect.any(Number) as number) : undefined;
    expect(ids).toEqual(ids.map(() => [expected, expected]));
  });

  test('containers ask for what they need, and none can eat up the memory of its node', () => {
    const without = workloads.flatMap(({ title, pod }) =>
      containersOf(pod)
        .filter(
          ({ resources }) =>
            !(resources?.requests?.['cpu'] && resources.requests['memory'] && resources.limits?.['memory']),
        )
        .map(({ name }) => `${title} ${name}`),
    );
    expect(without).toEqual([]);
  });

  test('only those who need a token of the API server have one', () => {
    const ours = workloads.filter(({ object }) => object.kind !== 'Grafana');
    const mounted = ours
      .filter(({ pod }) => pod.automountServiceAccountToken !== false)
      .map(({ pod }) => pod.serviceAccountName ?? '');
    expect(mounted.filter((name) => !WITH_TOKEN.includes(name))).toEqual([]);
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount');
    expect(accounts.map((account) => account['automountServiceAccountToken'])).toEqual(
      accounts.map(() => false),
    );
  });

  test('environment variables of all Services are kept out of the pods', () => {
    const told = workloads.filter(({ object }) => object.kind !== 'Grafana');
    expect(told.map(({ pod }) => (pod as { enableServiceLinks?: boolean }).enableServiceLinks)).toEqual(
      told.map(() => false),
    );
  });
});
