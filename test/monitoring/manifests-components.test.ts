import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  buildObjects,
  copyManifests,
  objectOf,
  titleOf,
  workloadsOf,
  type KubeObject,
} from '../support/kustomize';

let copy: string;
beforeAll(() => {
  copy = copyManifests();
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** An overlay as somebody writes it: another one, and components before the one that sets names. */
function overlay(name: string, resource: string, ...components: string[]): KubeObject[] {
  const folder = join(copy, 'monitoring/overlays', name);
  mkdirSync(folder);
  const kustomization = {
    resources: [resource],
    components: [...components, 'names'].map((component) => `../../components/${component}`),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
  return buildObjects(`monitoring/overlays/${name}`, copy);
}

test('no-storage claims nothing, and every pod still has a place for its data', () => {
  const objects = overlay('no-storage', '../../base', 'no-storage');
  expect(objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(titleOf)).toEqual([]);
  const data = workloadsOf(objects)
    .filter(({ labels }) => labels['app'] !== undefined)
    .map(({ labels, pod, claims }) => [
      labels['app'],
      claims,
      pod.volumes?.filter(({ name }) => name === 'data'),
    ]);
  expect(data).toEqual(
    ['grafana', 'taillight', 'alertmanager', 'prometheus'].map((app) => [
      app,
      [],
      [{ name: 'data', emptyDir: {} }],
    ]),
  );
});

test('existing-demo-namespace leaves out that Namespace and nothing else', () => {
  const without = overlay('existing', '../../base', 'existing-demo-namespace').map(titleOf);
  const all = buildObjects('monitoring').map(titleOf);
  expect(all.filter((title) => !without.includes(title))).toEqual(['Namespace/demo-llm']);
  expect(without.length).toBe(all.length - 1);
});

test('demo-login works on plain Kubernetes too', () => {
  const objects = overlay('kubernetes-demo', '../kubernetes', 'demo-login');
  const secret = objectOf(objects, 'Secret', 'grafana-admin');
  expect([secret['stringData'], secret.metadata.namespace]).toEqual([
    { 'admin-user': 'admin', 'admin-password': 'admin' },
    'llm-d-monitoring',
  ]);
  expect(objects.filter(({ kind }) => kind === 'Job').map(titleOf)).toEqual([]);
  expect(objects.filter(({ metadata }) => metadata.name.startsWith('grafana-admin')).map(titleOf)).toEqual([
    'Secret/llm-d-monitoring/grafana-admin',
  ]);
});

test('names can be changed in an overlay, without an edit of the clone', () => {
  const folder = join(copy, 'monitoring/overlays/renamed');
  mkdirSync(join(folder, 'my-names'), { recursive: true });
  const patch = [{ op: 'replace', path: '/data/monitoring-namespace', value: 'my-monitoring' }];
  const component = {
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    patches: [{ target: { kind: 'ConfigMap', name: 'taillight-names' }, patch: stringify(patch) }],
  };
  writeFileSync(join(folder, 'my-names/kustomization.yaml'), stringify(component));
  const kustomization = { resources: ['../../base'], components: ['my-names', '../../components/names'] };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
  const namespaces = buildObjects('monitoring/overlays/renamed', copy).map(
    ({ metadata }) => metadata.namespace,
  );
  expect([...new Set(namespaces)].sort()).toEqual(['demo-llm', 'my-monitoring', undefined]);
});

test('the panel of the Helm values and of the operator is mounted as the one of base', () => {
  const [grafana] = workloadsOf([objectOf(buildObjects('monitoring'), 'Deployment', 'grafana')]);
  const { items } = grafana!.pod.volumes!.find(({ name }) => name === 'panel')!.configMap!;
  const [operated] = workloadsOf([
    objectOf(buildObjects('monitoring/overlays/openshift-user-workload'), 'Grafana', 'grafana'),
  ]);
  expect(operated!.pod.volumes!.find(({ name }) => name === 'panel')!.configMap!.items).toEqual(items);
  const values = readFileSync(join(copy, 'monitoring/overlays/kube-prometheus-stack/values.yaml'), 'utf8');
  for (const { key, path } of items!) expect(values).toContain(`- { key: ${key}, path: ${path} }`);
});
