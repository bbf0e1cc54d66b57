import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { buildObjects, ROOT, type KubeObject, type PodSpec, type Volume } from '../support/kustomize';

/** Folders of demo/ that people apply with -k. */
const KUSTOMIZED = [
  'vllm',
  'llm-d',
  'llm-d/overlays/existing-gateway',
  'llm-d/overlays/scheduler-flags',
  'guidellm/overlays/vllm',
  'guidellm/overlays/llm-d',
  'benchmark-job/overlays/vllm',
  'benchmark-job/overlays/llm-d',
  'benchmark-job/overlays/vllm-sharded',
  'benchmark-job/overlays/llm-d-sharded',
  'benchmark-job/compare',
  'results/retrieve',
  'compare-stacks',
] as const;

/** Files that people apply with -f. */
const PLAIN = [
  'resources/namespace.yaml',
  'resources/sa.yaml',
  'resources/rbac.yaml',
  'compare-stacks/benchmark-job.yaml',
  'compare-stacks/compare-analysis-job.yaml',
  'compare-stacks/retrieve-compare.yaml',
] as const;

export const APPLIED: readonly string[] = [...KUSTOMIZED, ...PLAIN];

/** The objects of a folder or a file of demo/. */
export function objectsOf(applied: string): KubeObject[] {
  if (!applied.endsWith('.yaml')) return buildObjects(`demo/${applied}`);
  const text = readFileSync(join(ROOT, 'demo', applied), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

/** All objects of a document's walk, each once. */
export function objectsOfAll(applied: readonly string[]): KubeObject[] {
  const every = applied.flatMap(objectsOf);
  return [...new Map(every.map((object) => [JSON.stringify(object), object])).values()];
}

/** Everything that the second document applies; its objects know each other by name across files. */
export const COMPARE_STACKS = APPLIED.filter((name) => /^(resources|compare-stacks)/.test(name));

export interface PodOwner {
  title: string;
  labels: Record<string, string>;
  pod: PodSpec & { enableServiceLinks?: boolean; restartPolicy?: string };
}

/** Jobs and bare pods. */
export function podsOf(objects: readonly KubeObject[]): PodOwner[] {
  return objects.flatMap(({ kind, metadata, ...object }) => {
    const title = `${kind}/${metadata.name}`;
    if (kind === 'Pod') return { title, labels: metadata.labels ?? {}, pod: object['spec'] as PodSpec };
    if (kind !== 'Job') return [];
    const { template } = object['spec'] as {
      template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
    };
    return { title, labels: template.metadata.labels, pod: template.spec };
  });
}

/** Names of the ConfigMaps in a volume. */
export const configMapsOf = ({ configMap, projected }: Volume): string[] =>
  [configMap, ...(projected?.sources ?? []).map((source) => source.configMap)].flatMap(
    (source) => source?.name ?? [],
  );

/** Folders below demo/ that hold a kustomization, for a check that none is left out above. */
export function kustomizations(kind: 'Kustomization' | 'Component'): string[] {
  const root = join(ROOT, 'demo');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('kustomization.yaml'))
    .filter((path) => readFileSync(join(root, path), 'utf8').includes(`kind: ${kind}\n`))
    .map((path) => path.replace(/\/kustomization\.yaml$/, ''));
}
