import type { Row } from './page';

/** One value of a metric now. */
export type LiveSample = [metric: string, labels: Record<string, string>, value: number];

/** One metric over time. */
export interface LiveSeries {
  name: string;
  labels: Record<string, string>;
  /** Unix milliseconds, ascending. */
  times: number[];
  /** null where there was no value. */
  values: (number | null)[];
}

/** More points than this cannot be told apart on a screen. */
export const MAX_POINTS = 600;

/** Digits that a line on a screen can show, and some more. */
const DIGITS = 6;

interface Line {
  labels: Record<string, string>;
  /** Beside `times`. */
  values: (number | null)[];
}

const keyOf = (labels: Record<string, string>) => JSON.stringify(Object.entries(labels).sort());

const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(DIGITS)));

/**
 * The past of one metric, a point per comparison, in memory: at most the window's worth and never more than `MAX_POINTS`.
 * The newest is always there; the one before it goes when it stands closer to its own forerunner than points may.
 */
export class LiveHistory {
  private times: number[] = [];
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly metric: string,
    private readonly window_seconds: number,
  ) {}

  /** The rows of the metric at `at` (Unix milliseconds); other metrics are passed over. */
  add(at: number, rows: readonly Row[]): void {
    // A clock that was set back would leave points in the future for ever.
    this.keep((time) => time < at);
    const [before, last] = this.times.slice(-2);
    const spacing = (this.window_seconds * 1000) / MAX_POINTS;
    if (before !== undefined && last !== undefined && last - before < spacing) {
      this.keep((time) => time < last);
    }
    this.keep((time) => time >= at - this.window_seconds * 1000);
    this.append(at, rows);
  }

  get points(): number {
    return this.times.length;
  }

  /** Those whose labels are as given. */
  series(labels: Record<string, string>): LiveSeries[] {
    const wanted = Object.entries(labels);
    return [...this.lines.values()]
      .filter((line) => wanted.every(([name, value]) => line.labels[name] === value))
      .map((line) => ({
        name: this.metric,
        labels: line.labels,
        times: [...this.times],
        values: line.values.map(rounded),
      }));
  }

  private append(at: number, rows: readonly Row[]): void {
    this.times.push(at);
    for (const line of this.lines.values()) line.values.push(null);
    for (const { metric, labels, value } of rows) {
      if (metric !== this.metric) continue;
      const key = keyOf(labels);
      const line = this.lines.get(key) ?? { labels, values: this.times.map(() => null) };
      line.values[this.times.length - 1] = value;
      this.lines.set(key, line);
    }
  }

  private keep(wanted: (time: number) => boolean): void {
    const kept = this.times.map(wanted);
    if (kept.every(Boolean)) return;
    this.times = this.times.filter((_, i) => kept[i]);
    for (const [key, line] of this.lines) {
      line.values = line.values.filter((_, i) => kept[i]);
      if (line.values.every((value) => value === null)) this.lines.delete(key);
    }
  }
}
