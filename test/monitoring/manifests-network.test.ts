import { buildObjects, matches, workloadsOf, type KubeObject } from '../support/kustomize';

interface Peer {
  podSelector?: { matchLabels?: Record<string, string> };
  namespaceSelector?: { matchLabels?: Record<string, string> };
}

interface Policy {
  podSelector: { matchLabels?: Record<string, string> };
  policyTypes: string[];
  ingress?: { from?: Peer[]; ports?: { port: string | number }[] }[];
}

/** Who asks: labels of the pod and of its namespace. */
interface Client {
  pod: Record<string, string>;
  namespace: Record<string, string>;
}

const OWN = { 'kubernetes.io/metadata.name': 'llm-d-monitoring' };
const own = (app: string): Client => ({ pod: { app }, namespace: OWN });
const CLIENTS: Readonly<Record<string, Client>> = {
  grafana: own('grafana'),
  prometheus: own('prometheus'),
  alertmanager: own('alertmanager'),
  taillight: own('taillight'),
  router: {
    pod: {},
    namespace: {
      'policy-group.network.openshift.io/ingress': '',
      'kubernetes.io/metadata.name': 'openshift-ingress',
    },
  },
  stranger: { pod: { app: 'prometheus' }, namespace: { 'kubernetes.io/metadata.name': 'other' } },
  'user-workload Prometheus': {
    pod: { 'app.kubernetes.io/name': 'prometheus' },
    namespace: { 'kubernetes.io/metadata.name': 'openshift-user-workload-monitoring' },
  },
};

/** A peer without a selector of namespaces means the policy's own. */
function admits({ podSelector, namespaceSelector }: Peer, client: Client): boolean {
  const home = namespaceSelector === undefined ? OWN : (namespaceSelector.matchLabels ?? {});
  return matches(home, client.namespace) && matches(podSelector?.matchLabels ?? {}, client.pod);
}

/** Whether the policies together let a client reach a port of pods: without any policy for them, everybody may. */
function reaches(
  policies: readonly Policy[],
  client: Client,
  pod: Record<string, string>,
  port: string,
): boolean {
  const applying = policies.filter(({ podSelector }) => matches(podSelector.matchLabels ?? {}, pod));
  return (
    applying.length === 0 ||
    applying.some(({ ingress = [] }) =>
      ingress.some(
        ({ from, ports }) =>
          (ports === undefined || ports.some((open) => open.port === port)) &&
          (from === undefined || from.some((peer) => admits(peer, client))),
      ),
    )
  );
}

/** Who reaches whom: `client > app`. */
function flows(objects: readonly KubeObject[]): string[] {
  const policies = objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map((object) => object['spec'] as Policy);
  expect(policies.flatMap(({ policyTypes }) => policyTypes)).toEqual(policies.map(() => 'Ingress'));
  const servers = workloadsOf(objects).filter(({ labels }) => labels['app'] !== undefined);
  return servers
    .flatMap(({ labels, pod }) => {
      const [port] = pod.containers.flatMap(({ ports = [] }) => ports);
      return Object.entries(CLIENTS)
        .filter(([name]) => name !== labels['app'])
        .filter(([, client]) => reaches(policies, client, labels, port?.name ?? ''))
        .map(([name]) => `${name} > ${labels['app'] ?? ''}`);
    })
    .sort();
}

const NEEDED = [
  'prometheus > alertmanager',
  'grafana > alertmanager',
  'router > grafana',
  'prometheus > grafana',
  'grafana > prometheus',
  'prometheus > taillight',
].sort();

test.each(['monitoring', 'monitoring/overlays/demo', 'monitoring/overlays/image'])(
  '%s: what must reach another does, and nothing else',
  (build) => {
    expect(flows(buildObjects(build))).toEqual(NEEDED);
  },
);

test('on plain Kubernetes only Grafana can be reached from other namespaces', () => {
  const crossing = flows(buildObjects('monitoring/overlays/kubernetes')).filter(
    (flow) => !NEEDED.includes(flow),
  );
  expect([...new Set(crossing.map((flow) => flow.split(' > ')[1]))]).toEqual(['grafana']);
});

test('where somebody else scrapes, only that Prometheus reaches Taillight', () => {
  const toTaillight = (build: string) =>
    flows(buildObjects(`monitoring/overlays/${build}`)).filter((flow) => flow.endsWith('> taillight'));
  expect(toTaillight('openshift-user-workload')).toEqual(['user-workload Prometheus > taillight']);
  expect(toTaillight('kube-prometheus-stack')).toEqual(['user-workload Prometheus > taillight']);
});
