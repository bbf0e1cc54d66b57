import type { GpuReading } from '../model/reading';

/** A replica by the names that Kubernetes knows it by. */
export interface ReplicaPod {
  /** Unique over all targets. */
  key: string;
  pod: string;
  /** null: not known, any namespace fits. */
  namespace: string | null;
}

/** Why a GPU belongs to no replica; `other_pod` is ordinary where other work shares the machines. */
export type UnjoinedReason = 'no_pod_label' | 'other_pod' | 'ambiguous';

export interface GpuJoin {
  byReplica: ReadonlyMap<string, GpuReading[]>;
  unjoined: { gpu: GpuReading; reason: UnjoinedReason }[];
}

/**
 * Gives each GPU to the replica whose pod it says it serves (and namespace, where both sides know it). The machine is no
 * substitute: which of its GPUs a replica uses, no page tells.
 */
export function joinGpus(gpus: readonly GpuReading[], replicas: readonly ReplicaPod[]): GpuJoin {
  const byPod = new Map<string, ReplicaPod[]>();
  for (const replica of replicas) append(byPod, replica.pod, replica);
  const byReplica = new Map<string, GpuReading[]>();
  const unjoined: GpuJoin['unjoined'] = [];
  for (const gpu of gpus) {
    const [replica, second] = (byPod.get(gpu.pod ?? '') ?? []).filter((one) => sameNamespace(one, gpu));
    if (gpu.pod === null) unjoined.push({ gpu, reason: 'no_pod_label' });
    else if (replica === undefined) unjoined.push({ gpu, reason: 'other_pod' });
    else if (second !== undefined) unjoined.push({ gpu, reason: 'ambiguous' });
    else append(byReplica, replica.key, gpu);
  }
  return { byReplica, unjoined };
}

/** Mean utilisation of a replica's GPUs, 0..1; null where none tells. */
export function meanUtilization(gpus: readonly GpuReading[]): number | null {
  const told = gpus.map((gpu) => gpu.utilization_ratio).filter((ratio) => ratio !== null);
  return told.length === 0 ? null : told.reduce((sum, ratio) => sum + ratio, 0) / told.length;
}

function sameNamespace(replica: ReplicaPod, gpu: GpuReading): boolean {
  return replica.namespace === null || gpu.namespace === null || replica.namespace === gpu.namespace;
}

function append<Value>(groups: Map<string, Value[]>, key: string, value: Value): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
