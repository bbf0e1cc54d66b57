import type { Labels } from '../exposition-labels';
import type { Page } from '../exposition-page';
import { label } from './lookup';

/** One GPU (or slice) on the page of a GPU exporter. */
export interface GpuRow {
  /** The labels of its first sample that names a pod, else of its first sample. */
  labels: Labels;
  pod: string | null;
  namespace: string | null;
  /** Upstream name -> its values: several where the exporter repeats or splits it. */
  values: Map<string, number[]>;
}

/**
 * Gathers the samples of a GPU. A time-sliced GPU stands on the page once for each pod that shares it, with the same values:
 * it stays one row, and the first pod speaks for all.
 *
 * @param keyOf what makes a GPU one GPU; null leaves the sample out.
 * @param blank tells values that mean "not available".
 */
export function gpuRows(
  page: Page,
  names: readonly string[],
  keyOf: (labels: Labels) => string | null,
  blank: (value: number) => boolean,
): GpuRow[] {
  const rows = new Map<string, GpuRow>();
  for (const name of names) {
    for (const sample of page.samples(name)) {
      const key = keyOf(sample.labels);
      if (key === null) continue;
      const row = rows.get(key) ?? {
        labels: sample.labels,
        pod: null,
        namespace: null,
        values: new Map<string, number[]>(),
      };
      rows.set(key, row);
      const owner = podOf(sample.labels);
      if (row.pod === null && owner.pod !== null) Object.assign(row, owner, { labels: sample.labels });
      if (!Number.isFinite(sample.value) || blank(sample.value)) continue;
      const values = row.values.get(name);
      if (values === undefined) row.values.set(name, [sample.value]);
      else values.push(sample.value);
    }
  }
  return [...rows.values()];
}

/** Prometheus renames the exporter's `pod` to `exported_pod` and puts the exporter's own in its place. */
const EXPORTER_POD = /(^|-)(dcgm-exporter|metrics-exporter)-/;

function podOf(labels: Labels): { pod: string | null; namespace: string | null } {
  const sample = { labels };
  const pod = label(sample, 'exported_pod', 'pod_name');
  const namespace = label(sample, 'exported_namespace', 'pod_namespace');
  if (pod !== null) return { pod, namespace: namespace ?? label(sample, 'namespace') };
  const own = label(sample, 'pod');
  if (own === null || EXPORTER_POD.test(own)) return { pod: null, namespace };
  return { pod: own, namespace: namespace ?? label(sample, 'namespace') };
}
