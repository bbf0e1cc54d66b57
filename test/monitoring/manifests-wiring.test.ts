import {
  BUILDS,
  buildObjects,
  matches,
  objectOf,
  plainName,
  titleOf,
  workloadsOf,
  type Container,
  type KubeObject,
  type Volume,
  type Workload,
} from '../support/kustomize';

/** Secrets that somebody else makes, and their keys: the Job, Kubernetes, or people. */
const MADE_ELSEWHERE: Readonly<Record<string, string[]>> = {
  'grafana-admin': ['admin-user', 'admin-password'],
};

/** ConfigMaps that no pod mounts: sources of kustomize's replacements, and what the operator or a sidecar reads. */
const NOT_MOUNTED = ['taillight-names', 'taillight-gpu-pages', 'grafana-dashboards', 'grafana-thanos-ca'];
/** What code/ has for a Grafana that is not made here. */
const FOR_OTHERS: Readonly<Record<string, string[]>> = {
  'monitoring/overlays/kube-prometheus-stack': ['grafana-plugin-taillight'],
};

interface ServiceSpec {
  selector: Record<string, string>;
  ports: { name: string; port: number; targetPort: string | number }[];
}

const specOf = <Spec>(object: KubeObject) => object['spec'] as Spec;
const ofKind = (objects: readonly KubeObject[], kind: string) =>
  objects.filter((object) => object.kind === kind);

const containersOf = ({ pod }: Workload): Container[] => [...(pod.initContainers ?? []), ...pod.containers];

/** ConfigMaps and Secrets of a volume: kind, name, the keys it takes (null: all), whether it may be missing. */
function sourcesOf({ configMap, secret, projected }: Volume) {
  const parts = [
    ...(projected?.sources ?? []),
    { ...(configMap && { configMap }), ...(secret && { secret }) },
  ];
  return parts.flatMap((part) =>
    [
      { kind: 'ConfigMap', source: part.configMap },
      { kind: 'Secret', source: part.secret },
    ].flatMap(({ kind, source }) =>
      source === undefined
        ? []
        : {
            kind,
            name: source.name ?? source.secretName ?? '',
            keys: source.items?.map(({ key }) => key) ?? null,
            optional: source.optional ?? false,
          },
    ),
  );
}

/** Keys of a ConfigMap or Secret; null when nothing of that name is applied. */
function keysOf(objects: readonly KubeObject[], kind: string, name: string): string[] | null {
  const object = objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
  if (object === undefined) return kind === 'Secret' ? (MADE_ELSEWHERE[name] ?? null) : null;
  const { data = {}, binaryData = {}, stringData = {} } = object as unknown as Record<string, object>;
  return Object.keys({ ...data, ...binaryData, ...stringData });
}

describe.each(BUILDS)('%s', (build) => {
  const objects = buildObjects(build);
  const workloads = workloadsOf(objects);
  const containers = workloads.flatMap((workload) =>
    containersOf(workload).map((container) => ({
      at: `${workload.title} ${container.name}`,
      workload,
      container,
    })),
  );

  test('each selector of pods finds its own pods and no others', () => {
    const selecting = workloads.filter(({ object }) => ['Deployment', 'StatefulSet'].includes(object.kind));
    for (const { title, object } of selecting) {
      const { selector } = specOf<{ selector: { matchLabels: Record<string, string> } }>(object);
      const found = workloads.filter(({ labels }) => matches(selector.matchLabels, labels));
      expect([title, found.map((workload) => workload.title)]).toEqual([title, [title]]);
    }
    expect(selecting.length).toBeGreaterThan(0);
  });

  test('each Service leads to a port of exactly one workload', () => {
    const services = ofKind(objects, 'Service');
    for (const service of services) {
      const { selector, ports } = specOf<ServiceSpec>(service);
      const found = workloads.filter(({ labels }) => matches(selector, labels));
      expect(found).toHaveLength(1);
      const open = found.flatMap(containersOf).flatMap((container) => container.ports ?? []);
      for (const { targetPort, port } of ports) {
        expect(open).toContainEqual({ name: targetPort, containerPort: port });
      }
    }
    expect(services.length).toBeGreaterThan(0);
  });

  test('probes ask at ports that the container has', () => {
    for (const { at, container } of containers) {
      const { startupProbe, livenessProbe, readinessProbe } = container;
      const asked = [startupProbe, livenessProbe, readinessProbe].flatMap(
        (probe) => probe?.httpGet.port ?? [],
      );
      const names = (container.ports ?? []).map(({ name }) => name);
      expect([at, asked.filter((port) => !names.includes(port))]).toEqual([at, []]);
    }
    const serving = workloads.filter(({ object }) => ['Deployment', 'StatefulSet'].includes(object.kind));
    const unprobed = serving.flatMap(containersOf).filter((one) => !one.livenessProbe || !one.readinessProbe);
    expect(unprobed).toEqual([]);
  });

  test('what is mounted is there, and every volume is mounted', () => {
    for (const { title, pod, claims } of workloads) {
      const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...claims].sort();
      const mounted = pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
      // The operator mounts the volume of Grafana's data itself.
      const known = title.startsWith('Grafana/') ? [...mounted, 'grafana-data'] : mounted;
      expect([title, [...new Set(known)].sort()]).toEqual([title, volumes]);
    }
  });

  test('ConfigMaps and Secrets of volumes exist and have the keys that are taken from them', () => {
    for (const { title, pod } of workloads) {
      for (const { kind, name, keys, optional } of (pod.volumes ?? []).flatMap(sourcesOf)) {
        if (optional) continue;
        const present = keysOf(objects, kind, name);
        expect([title, kind, name, present === null]).toEqual([title, kind, name, false]);
        expect([title, name, keys?.filter((key) => !present?.includes(key)) ?? []]).toEqual([
          title,
          name,
          [],
        ]);
      }
    }
  });

  test('single files that are mounted are keys of their ConfigMap or Secret, or paths that it makes', () => {
    for (const { at, workload, container } of containers) {
      for (const { name, subPath } of container.volumeMounts ?? []) {
        if (subPath === undefined) continue;
        const volume = workload.pod.volumes?.find((candidate) => candidate.name === name);
        const paths = sourcesOf(volume!).flatMap(({ kind, name: source, keys }) =>
          keys === null
            ? (keysOf(objects, kind, source) ?? [])
            : (volume!.configMap ?? volume!.secret)!.items!.map(({ path }) => path),
        );
        expect([
          at,
          subPath,
          paths.some((path) => path === subPath || path.startsWith(`${subPath}/`)),
        ]).toEqual([at, subPath, true]);
      }
    }
  });

  test('no path is mounted inside a folder that is read-only, where it could not be made', () => {
    for (const { at, workload, container } of containers) {
      const mounts = container.volumeMounts ?? [];
      const folders = mounts.filter(({ name, subPath }) => {
        const volume = workload.pod.volumes?.find((candidate) => candidate.name === name);
        return subPath === undefined && volume !== undefined && sourcesOf(volume).length > 0;
      });
      const inside = folders.flatMap((folder) =>
        mounts.filter(({ mountPath }) => mountPath.startsWith(`${folder.mountPath}/`)),
      );
      expect([at, inside]).toEqual([at, []]);
    }
  });

  test('variables come from ConfigMaps and Secrets that exist', () => {
    for (const { at, container } of containers) {
      for (const { valueFrom } of container.env ?? []) {
        const { secretKeyRef } = valueFrom ?? {};
        if (secretKeyRef === undefined) continue;
        expect([at, keysOf(objects, 'Secret', secretKeyRef.name)]).toEqual([
          at,
          expect.arrayContaining([secretKeyRef.key]),
        ]);
      }
      for (const { configMapRef } of container.envFrom ?? []) {
        expect([at, keysOf(objects, 'ConfigMap', configMapRef?.name ?? '')]).toEqual([
          at,
          expect.arrayContaining(['GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS']),
        ]);
      }
    }
  });

  test('claims of storage exist, and none is left over', () => {
    const claimed = workloads
      .filter(({ object }) => object.kind !== 'Grafana')
      .flatMap(({ pod }) =>
        (pod.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []),
      );
    const claims = ofKind(objects, 'PersistentVolumeClaim').map(({ metadata }) => metadata.name);
    expect(claimed.sort()).toEqual(claims.sort());
  });

  test('every ConfigMap is used', () => {
    const used = new Set([
      ...workloads.flatMap(({ pod }) => (pod.volumes ?? []).flatMap(sourcesOf).map(({ name }) => name)),
      ...containers.flatMap(({ container }) =>
        (container.envFrom ?? []).map(({ configMapRef }) => configMapRef?.name),
      ),
    ]);
    const left = ofKind(objects, 'ConfigMap').filter(({ metadata }) => !used.has(metadata.name));
    const known = [...NOT_MOUNTED, ...(FOR_OTHERS[build] ?? [])];
    expect(left.filter((object) => !known.includes(plainName(object))).map(titleOf)).toEqual([]);
  });

  test('pods of a Deployment with a volume that can be mounted once are replaced, not doubled', () => {
    const strategies = ofKind(objects, 'Deployment').map(
      (object) => specOf<{ strategy: { type: string }; replicas: number }>(object).strategy.type,
    );
    expect(strategies).toEqual(strategies.map(() => 'Recreate'));
  });
});

const WITH_OWN_STACK = BUILDS.filter((build) => !/kube-prometheus-stack|openshift-user-workload/.test(build));

describe.each(WITH_OWN_STACK)('%s as the document of the demo waits for it', (build) => {
  const objects = buildObjects(build);
  const workloads = workloadsOf(objects);

  test.each(['grafana', 'prometheus'])('pod -l app=%s is one pod that becomes ready', (app) => {
    const found = workloads.filter(({ labels }) => labels['app'] === app);
    expect(found.map(({ object }) => `${object.kind} ${object.metadata.name}`)).toEqual([
      `${app === 'grafana' ? 'Deployment' : 'StatefulSet'} ${app}`,
    ]);
    expect(specOf<{ replicas: number }>(found[0]!.object).replicas).toBe(1);
  });

  if (build !== 'monitoring/overlays/kubernetes') {
    test('route grafana-secure leads to Grafana over TLS only', () => {
      const route = objectOf(objects, 'Route', 'grafana-secure');
      expect(route['spec']).toEqual({
        to: { kind: 'Service', name: 'grafana', weight: 100 },
        port: { targetPort: 'web' },
        tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' },
        wildcardPolicy: 'None',
      });
      const { ports } = specOf<ServiceSpec>(objectOf(objects, 'Service', 'grafana'));
      expect(ports.map(({ name }) => name)).toEqual(['web']);
    });
  }

  test('the names by which Prometheus and Grafana call the others are Services with these ports', () => {
    const addresses = ofKind(objects, 'Service').flatMap((service) =>
      specOf<ServiceSpec>(service).ports.map(({ port }) => `${service.metadata.name}:${port}`),
    );
    const config = (objectOf(objects, 'ConfigMap', 'prometheus-config')['data'] as Record<string, string>)[
      'prometheus.yml'
    ]!;
    const scraped = [...config.matchAll(/targets: \[([a-z]+:\d+)\]/g)].map(([, address]) => address!);
    const urls = workloads
      .flatMap(containersOf)
      .flatMap(({ env = [] }) =>
        env.flatMap(({ value }) => /^http:\/\/(.+:\d+)$/.exec(value ?? '')?.[1] ?? []),
      );
    const own = 'localhost:9090';
    expect(
      [...scraped, ...urls].filter((address) => address !== own && !addresses.includes(address)),
    ).toEqual([]);
    expect([...new Set(scraped)].sort()).toEqual([
      'alertmanager:9093',
      'grafana:3000',
      own,
      'taillight:9108',
    ]);
  });

  test('all parts of the exporter are mounted where start.mjs stands', () => {
    if (build === 'monitoring/overlays/image') return;
    const parts = ofKind(objects, 'ConfigMap')
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.startsWith('taillight-code-'));
    const { pod } = workloads.find(({ labels }) => labels['app'] === 'taillight')!;
    const code = pod.volumes?.find(({ name }) => name === 'code');
    expect(
      sourcesOf(code!)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(parts.sort());
    expect(pod.containers[0]).toMatchObject({
      command: ['node', '/opt/taillight/start.mjs'],
      args: ['serve', '--config', '/etc/taillight/taillight.yaml'],
    });
  });
});
