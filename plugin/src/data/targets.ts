import type { PanelOptions } from '../options';
import { TURN_CLASSES, type TargetView, type TurnClass } from '../types';
import { METRIC } from './names';
import type { Store } from './store';

/** Metrics whose `target` label proves that a target exists; routers and replicas may lag behind or be of others. */
const WITNESSES = [METRIC.ttft, METRIC.samples, METRIC.up, METRIC.info, METRIC.replicas] as const;

function namesIn(store: Store): string[] {
  const names = WITNESSES.flatMap((metric) =>
    store.all(metric).flatMap((entry) => entry.labels['target'] ?? []),
  );
  return [...new Set(names)].sort();
}

const listed = (text: string) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** The baseline by option, else by role, else the one target that no ratio or verdict is about, else the first by name. */
function baselineOf(names: string[], store: Store, wanted: string): string | undefined {
  if (names.includes(wanted)) return wanted;
  const info = store
    .all(METRIC.info)
    .find((entry) => entry.labels['role'] === 'baseline' && names.includes(entry.labels['target'] ?? ''));
  if (info !== undefined) return info.labels['target'];
  const judged = new Set(
    [METRIC.verdict, METRIC.ttftRatio].flatMap((m) => store.all(m).map((entry) => entry.labels['target'])),
  );
  if (judged.size === 0) return names[0];
  return names.find((name) => !judged.has(name)) ?? names[0];
}

function windowOf(store: Store, target: string): TargetView['window'] {
  const start = store.value(METRIC.windowStart, { target });
  const end = store.value(METRIC.windowEnd, { target });
  return start === null || end === null || end < start ? null : { start: start * 1000, end: end * 1000 };
}

function targetView(store: Store, name: string, index: number, colors: Record<string, string>): TargetView {
  const info = store.all(METRIC.info, { target: name })[0]?.labels;
  const up = store.value(METRIC.up, { target: name });
  const engine = [info?.['engine'], info?.['version']].filter((part) => part !== undefined && part !== '');
  const samples = Object.fromEntries(
    TURN_CLASSES.map((turn) => [turn, store.value(METRIC.samples, { target: name, turn })]),
  ) as Record<TurnClass, number | null>;
  return {
    name,
    role: index === 0 ? 'baseline' : 'candidate',
    index,
    color: colors[name] ?? store.colors.get(name) ?? null,
    up: up === null ? null : up > 0,
    model: info?.['model'] || null,
    engine: engine.length > 0 ? engine.join(' ') : null,
    replicas: store.value(METRIC.replicas, { target: name }),
    samples,
    window: windowOf(store, name),
  };
}

/** The targets in drawing order, baseline first. Empty when the data names none. */
export function findTargets(
  store: Store,
  options: PanelOptions,
  colors: Record<string, string>,
): TargetView[] {
  const names = namesIn(store);
  const baseline = baselineOf(names, store, options.baseline);
  if (baseline === undefined) return [];
  const wanted = listed(options.candidates);
  const others = names.filter((name) => name !== baseline && (wanted.length === 0 || wanted.includes(name)));
  if (wanted.length > 0) others.sort((a, b) => wanted.indexOf(a) - wanted.indexOf(b));
  return [baseline, ...others].map((name, index) => targetView(store, name, index, colors));
}
