import type { DataFrame, Field } from '@grafana/data';
import type { ReplicaLink } from '../types';

export interface Point {
  /** Unix milliseconds; null where the frame has no time. */
  time: number | null;
  /** null is a gap. */
  value: number | null;
}

/** One time series of ours, whatever shape it arrived in. */
export interface Series {
  metric: string;
  labels: Record<string, string>;
  /** In the order of time. */
  points: Point[];
  /** Fixed colour that a field override gave. */
  color: string | null;
  /** The data link of the newest point, made on demand: filling in its template costs. */
  link: () => ReplicaLink | null;
}

const OURS = /^taillight[_:][a-zA-Z0-9_:]*$/;
const SELECTOR = /^([a-zA-Z_:][a-zA-Z0-9_:]*)?\{(.*)\}$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/gs;

const is = (field: Field, type: string) => String(field.type) === type;

/** `taillight_target_up{target="vllm"}`, as legends and column headings spell series. */
function parseSelector(text: string): Record<string, string> | null {
  if (OURS.test(text)) return { __name__: text };
  const match = SELECTOR.exec(text);
  if (match === null) return null;
  const labels: Record<string, string> = {};
  if (match[1] !== undefined) labels['__name__'] = match[1];
  for (const [, name = '', value = ''] of (match[2] ?? '').matchAll(LABEL)) {
    labels[name] = value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

/** Labels of a numeric field: its own, else those spelled in its name or in the name of its frame. */
function fieldLabels(frame: DataFrame, field: Field): Record<string, string> {
  const own: Record<string, string> = { ...field.labels };
  if (own['__name__'] !== undefined) return own;
  for (const text of [field.name, field.config?.displayNameFromDS, field.config?.displayName, frame.name]) {
    const parsed = typeof text === 'string' ? parseSelector(text) : null;
    if (parsed?.['__name__'] !== undefined) return { ...parsed, ...own };
  }
  return own;
}

function toTime(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  const parsed =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isFinite(parsed) ? parsed : null;
}

function toValue(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function linkOf(field: Field, row: number): ReplicaLink | null {
  try {
    const link = field.getLinks?.({ valueRowIndex: row })[0];
    if (link === undefined || typeof link.href !== 'string' || link.href === '') return null;
    return { href: link.href, title: link.title || 'Open', newTab: link.target === '_blank' };
  } catch {
    return null; // a template that cannot be filled in is the author's mistake, not a reason to draw nothing
  }
}

/** Results of functions have no name; the panel's own queries put one into the label `taillight`. */
function metricOf(labels: Record<string, string>): string {
  if (labels['__name__'] !== undefined) return labels['__name__'];
  return labels['taillight'] === undefined ? '' : `taillight:${labels['taillight']}`;
}

interface Columns {
  time: ArrayLike<unknown>;
  texts: Field[];
}

/** What all series of a field have in common. */
interface FieldFacts {
  labels: Record<string, string>;
  color: string | null;
}

function factsOf(frame: DataFrame, field: Field): FieldFacts {
  const color = field.config?.color;
  const fixed = color?.mode === 'fixed' && typeof color.fixedColor === 'string' ? color.fixedColor : null;
  return { labels: fieldLabels(frame, field), color: fixed };
}

function newSeries({ labels: own, color }: FieldFacts): Series {
  const metric = metricOf(own);
  const { __name__: _, ...labels } = own;
  return { metric, labels, points: [], color, link: () => null };
}

const pointAt = (time: unknown, value: unknown): Point => ({ time: toTime(time), value: toValue(value) });

/** A field without text columns is one series: the shape of range answers, of thousands of points. */
function wholeField(frame: DataFrame, field: Field, time: ArrayLike<unknown>): Series[] {
  const values: ArrayLike<unknown> = field.values ?? [];
  const series = newSeries(factsOf(frame, field));
  if (values.length === 0 || !OURS.test(series.metric)) return [];
  series.points = Array.from(values, (value, row) => pointAt(time[row], value));
  series.link = () => linkOf(field, values.length - 1);
  return [series];
}

/** One series per combination of text columns. */
function rowsOfField(frame: DataFrame, field: Field, { time, texts: columns }: Columns): Series[] {
  const facts = factsOf(frame, field);
  const found = new Map<string, Series>();
  const values: ArrayLike<unknown> = field.values ?? [];
  const textAt = ({ values: texts }: Field, row: number): string => {
    const text: unknown = texts?.[row];
    return text === null || text === undefined ? '' : String(text);
  };
  for (let row = 0; row < values.length; row++) {
    let key = '';
    for (const column of columns) key += `${textAt(column, row)}\u0000`;
    let series = found.get(key);
    if (series === undefined) {
      const labels = { ...facts.labels };
      for (const column of columns) {
        const text = textAt(column, row);
        if (text !== '') labels[column.name] = text;
      }
      series = newSeries({ ...facts, labels });
      found.set(key, series);
    }
    series.points.push(pointAt(time[row], values[row]));
    series.link = () => linkOf(field, row);
  }
  return [...found.values()].filter((series) => OURS.test(series.metric));
}

function inOrder(series: Series): Series {
  const { points } = series;
  const sorted = points.every(
    (point, i) => i === 0 || (points[i - 1]?.time ?? -Infinity) <= (point.time ?? -Infinity),
  );
  if (!sorted) points.sort((a, b) => (a.time ?? -Infinity) - (b.time ?? -Infinity));
  return series;
}

/**
 * Every series of Taillight in the frames, from instant or range queries, wide or long, in any order; recognised by
 * metric name and labels, never by refId. Whatever else the frames hold is passed over.
 */
export function recognise(frames: readonly DataFrame[]): Series[] {
  return frames.flatMap((frame) => {
    const fields = Array.isArray(frame?.fields) ? frame.fields.filter((f) => f && f.name !== undefined) : [];
    const time: ArrayLike<unknown> = fields.find((field) => is(field, 'time'))?.values ?? [];
    const texts = fields.filter((field) => is(field, 'string'));
    return fields
      .filter((field) => is(field, 'number'))
      .flatMap((field) =>
        texts.length === 0 ? wholeField(frame, field, time) : rowsOfField(frame, field, { time, texts }),
      )
      .map(inOrder);
  });
}
