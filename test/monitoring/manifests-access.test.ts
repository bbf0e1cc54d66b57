import { BUILDS, buildObjects, objectOf, titleOf, type KubeObject } from '../support/kustomize';

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

interface Binding {
  roleRef: { kind: string; name: string };
  subjects: { kind: string; name: string; namespace: string }[];
}

const SCOPES = ['RoleBinding', 'ClusterRoleBinding'];

/** What each service account may do: `account: namespace or *: verbs on what`. */
function grants(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(({ kind }) => SCOPES.includes(kind))
    .flatMap((binding) => {
      const { roleRef, subjects } = binding as unknown as Binding;
      const where = binding.metadata.namespace ?? '*';
      const what = rulesOf(objects, roleRef, where);
      return subjects.flatMap(({ name }) => what.map((line) => `${name}: ${where}: ${line}`));
    })
    .sort();
}

/** The rules of a role in words. A ClusterRole that the platform brings is told by its name. */
function rulesOf(
  objects: readonly KubeObject[],
  { kind, name }: Binding['roleRef'],
  where: string,
): string[] {
  const role = objects.find(
    (object) =>
      object.kind === kind &&
      object.metadata.name === name &&
      (kind === 'ClusterRole' || object.metadata.namespace === where),
  );
  if (role === undefined) return [`the platform's ${kind} ${name}`];
  return (role['rules'] as Rule[]).map(({ verbs, resources = [], resourceNames, nonResourceURLs = [] }) => {
    const only = resourceNames === undefined ? '' : ` named ${resourceNames.join()}`;
    return `${verbs.join()} on ${[...resources, ...nonResourceURLs].join()}${only}`;
  });
}

const TAILLIGHT = ['taillight: *: get on /metrics', 'taillight: demo-llm: list on pods'];
const PROMETHEUS = ['prometheus: *: get on /metrics', 'prometheus: demo-llm: list,watch on pods'];
const ADMIN = [
  'grafana-admin: llm-d-monitoring: create on secrets',
  'grafana-admin: llm-d-monitoring: get on secrets named grafana-admin',
];

/** All that is allowed, to the letter; an overlay that is not listed must not give more than base. */
const ALLOWED: Readonly<Record<string, string[]>> = {
  'monitoring/overlays/demo': [...TAILLIGHT, ...PROMETHEUS, 'taillight: nvidia-gpu-operator: list on pods'],
  'monitoring/overlays/kube-prometheus-stack': TAILLIGHT,
  'monitoring/overlays/openshift-user-workload': [
    ...TAILLIGHT,
    "grafana-thanos: *: the platform's ClusterRole cluster-monitoring-view",
  ],
};

describe.each(BUILDS)('%s', (build) => {
  const objects = buildObjects(build);

  test('service accounts may do what is listed here, and nothing else', () => {
    expect(grants(objects)).toEqual((ALLOWED[build] ?? [...TAILLIGHT, ...PROMETHEUS, ...ADMIN]).sort());
  });

  test('rights are given to service accounts of this stack', () => {
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount').map(titleOf);
    const bound = objects
      .filter(({ kind }) => SCOPES.includes(kind))
      .flatMap((binding) => (binding as unknown as Binding).subjects)
      .map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`);
    expect(bound.filter((subject) => !accounts.includes(subject))).toEqual([]);
  });

  test('no role is left without a binding', () => {
    const used = objects
      .filter(({ kind }) => SCOPES.includes(kind))
      .map((binding) => (binding as unknown as Binding).roleRef.name);
    const roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    expect(roles.filter(({ metadata }) => !used.includes(metadata.name)).map(titleOf)).toEqual([]);
  });

  test('pods run as accounts that exist', () => {
    const accounts = objects
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ metadata }) => metadata.name);
    const asked = objects
      .map(
        (object) => (object['spec'] as { template?: { spec?: { serviceAccountName?: string } } })?.template,
      )
      .flatMap((template) => template?.spec?.serviceAccountName ?? []);
    expect(asked.filter((name) => !accounts.includes(name))).toEqual([]);
  });
});

test('the Job that makes the password cannot change or delete a Secret, nor read another one', () => {
  const role = objectOf(buildObjects('monitoring'), 'Role', 'grafana-admin');
  expect(role['rules']).toEqual([
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['grafana-admin'], verbs: ['get'] },
  ]);
});
