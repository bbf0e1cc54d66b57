import type { BalanceResource, BalanceView, HitRateView, ReplicaValue, TargetView } from '../types';
import { METRIC } from './names';
import type { Entry, Store } from './store';

/** Per replica: the mean over the window where a query brings it, else the latest value. */
const SOURCES: Record<BalanceResource, readonly string[]> = {
  gpu: [METRIC.replicaGpuMean, METRIC.replicaGpu],
  running: [METRIC.replicaRunningMean, METRIC.replicaRunning],
  tokens: [METRIC.replicaTokens],
};
const RESOURCES = ['gpu', 'running', 'tokens'] as const;

const natural = new Intl.Collator('en', { numeric: true });

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

/** Values by replica; several GPUs of one replica are averaged. */
function byReplica(entries: readonly Entry[]): Map<string, number> {
  const lists = new Map<string, number[]>();
  for (const { labels, value } of entries) {
    const replica = labels['replica'];
    if (replica === undefined || replica === '') continue;
    lists.set(replica, [...(lists.get(replica) ?? []), value]);
  }
  return new Map([...lists].map(([replica, values]) => [replica, mean(values) ?? 0]));
}

/** Every replica of the target that any metric knows, in natural order of name, with its value in `values`. */
function replicaValues(store: Store, target: string, values: Map<string, number>): ReplicaValue[] {
  const ups = new Map(store.all(METRIC.replicaUp, { target }).map((e) => [e.labels['replica'] ?? '', e]));
  const names = [...new Set([...ups.keys(), ...values.keys()])].filter((name) => name !== '');
  return names.sort(natural.compare).map((replica) => {
    const up = ups.get(replica);
    return {
      replica,
      value: values.get(replica) ?? null,
      up: up === undefined ? null : up.value > 0,
      link: up?.link() ?? null,
    };
  });
}

const ratio = (value: number | null) => (value === null || value < 0 || value > 1.0001 ? null : value);

/** The probes' own hit rate over the window: cached / prompt tokens of their answers. */
function probeHitRate(store: Store, target: string): number | null {
  const of = (kind: string) =>
    store.all(METRIC.probeTokens, { target }).find((entry) => entry.labels['kind'] === kind)?.value ?? null;
  const [cached, prompt] = [of('cached'), of('prompt')];
  return cached === null || prompt === null || prompt <= 0 ? null : ratio(cached / prompt);
}

export function hitRates(store: Store, targets: readonly TargetView[]): HitRateView[] {
  return targets.map(({ name: target }) => ({
    target,
    measured: ratio(store.value(METRIC.hitRatio, { target })),
    fromProbes: probeHitRate(store, target),
    random: ratio(store.value(METRIC.expectedRatio, { target, routing: 'random' })),
    sticky: ratio(store.value(METRIC.expectedRatio, { target, routing: 'sticky' })),
    replicas: replicaValues(store, target, byReplica(store.all(METRIC.replicaHitRatio, { target }))),
  }));
}

function replicaLoad(store: Store, target: string, resource: BalanceResource): Map<string, number> {
  for (const metric of SOURCES[resource]) {
    const values = byReplica(store.all(metric, { target }));
    if (values.size > 0) return values;
  }
  return new Map();
}

/** The first resource that every target tells about, so that bars are compared like with like; else each its own. */
function resourcesOf(store: Store, targets: readonly TargetView[]): (BalanceResource | null)[] {
  const tells = (target: string, resource: BalanceResource) => replicaLoad(store, target, resource).size > 0;
  const shared = RESOURCES.find((resource) => targets.every(({ name }) => tells(name, resource)));
  return targets.map(({ name }) => shared ?? RESOURCES.find((resource) => tells(name, resource)) ?? null);
}

export function balances(store: Store, targets: readonly TargetView[]): BalanceView[] {
  const resources = resourcesOf(store, targets);
  return targets.map(({ name: target }, i) => {
    const resource = resources[i] ?? null;
    const values = resource === null ? new Map<string, number>() : replicaLoad(store, target, resource);
    const labels = resource === null ? null : { target, resource };
    return {
      target,
      resource,
      cv: labels === null ? null : store.value(METRIC.balanceCv, labels),
      maxToMean: labels === null ? null : store.value(METRIC.balanceMax, labels),
      mean: mean([...values.values()]),
      replicas: replicaValues(store, target, values),
    };
  });
}
