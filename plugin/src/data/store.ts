import type { Point, Series } from './recognise';

/** Labels that tell series of one metric apart; all others (job, instance, pod …) say only who scraped it. */
const IDENTITY = [
  'target',
  'turn',
  'quantile',
  'bound',
  'metric',
  'verdict',
  'reason',
  'routing',
  'resource',
  'replica',
  'gpu',
  'turn_number',
  'outcome',
  'kind',
] as const;

/** A series that ended this much before its fellows is of something that went away. */
const STALE_MS = 5 * 60_000;

type Labels = Partial<Record<(typeof IDENTITY)[number], string>>;

export interface Entry extends Series {
  value: number;
  /** Of `value`; null where the frame has no time. */
  time: number | null;
}

export interface Store {
  metrics: ReadonlySet<string>;
  /** Newest values of a metric, one per identity, of series that still live. */
  all(metric: string, labels?: Labels): Entry[];
  entry(metric: string, labels: Labels): Entry | undefined;
  value(metric: string, labels: Labels): number | null;
  /** The longest history of one identity. */
  history(metric: string, labels: Labels): Point[];
  /** Targets that more than one exporter tells about, with different values. */
  contested: ReadonlySet<string>;
  /** Colours by target, of field overrides on any of its series. */
  colors: ReadonlyMap<string, string>;
}

/** "0.50" and "0.5" are one quantile. */
const normal = (name: string, value: string) =>
  name === 'quantile' && value.trim() !== '' && Number.isFinite(Number(value))
    ? String(Number(value))
    : value;

function identity(metric: string, labels: Record<string, string | undefined>): string {
  let key = metric;
  for (const name of IDENTITY) {
    const value = labels[name];
    if (value !== undefined) key += `|${name}=${name === 'quantile' ? normal(name, value) : value}`;
  }
  return key;
}

function toEntry(series: Series): Entry | null {
  for (let i = series.points.length - 1; i >= 0; i--) {
    const point = series.points[i];
    if (point !== undefined && point.value !== null)
      return { ...series, value: point.value, time: point.time };
  }
  return null;
}

const newer = (a: Entry, b: Entry) => (a.time ?? -Infinity) > (b.time ?? -Infinity);

function newestOf(entries: Entry[]): number | null {
  const times = entries.flatMap((entry) => (entry.time === null ? [] : [entry.time]));
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
}

/** Indexes series for lookup: the newest value wins, what went away is gone, duplicates are noticed. */
export function buildStore(series: readonly Series[]): Store {
  const metrics = new Set(series.map((one) => one.metric));
  const entries = series.flatMap((one) => toEntry(one) ?? []);
  const newest = newestOf(entries);
  const live = new Map<string, Entry>();
  const longest = new Map<string, Point[]>();
  const contested = new Set<string>();
  for (const entry of entries) {
    const key = identity(entry.metric, entry.labels);
    if (entry.points.length > (longest.get(key)?.length ?? 0)) longest.set(key, entry.points);
    if (newest !== null && entry.time !== null && newest - entry.time > STALE_MS) continue;
    const other = live.get(key);
    const differs = other !== undefined && other.value !== entry.value && scraper(other) !== scraper(entry);
    if (differs && entry.labels['target'] !== undefined) contested.add(entry.labels['target']);
    if (other === undefined || newer(entry, other)) live.set(key, entry);
  }
  const byMetric = new Map<string, Entry[]>();
  for (const entry of live.values()) {
    const list = byMetric.get(entry.metric);
    if (list === undefined) byMetric.set(entry.metric, [entry]);
    else list.push(entry);
  }
  return {
    metrics,
    contested,
    colors: new Map(
      series.flatMap(({ labels, color }) =>
        color === null || labels['target'] === undefined ? [] : [[labels['target'], color]],
      ),
    ),
    all: (metric, labels = {}) =>
      (byMetric.get(metric) ?? []).filter((entry) =>
        Object.entries(labels).every(
          ([name, value]) => normal(name, entry.labels[name] ?? '') === normal(name, value),
        ),
      ),
    entry: (metric, labels) => live.get(identity(metric, labels)),
    value: (metric, labels) => live.get(identity(metric, labels))?.value ?? null,
    history: (metric, labels) => longest.get(identity(metric, labels)) ?? [],
  };
}

function scraper(entry: Entry): string {
  return `${entry.labels['job'] ?? ''} ${entry.labels['instance'] ?? ''} ${entry.labels['pod'] ?? ''}`;
}
