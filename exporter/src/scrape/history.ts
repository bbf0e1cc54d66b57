import type { EngineReading } from '../model/reading';
import { RollingRows } from './rolling-rows';

/** Cumulative values of one engine process; tokens, events or requests. */
export const COUNTERS = [
  'prompt_tokens_total',
  'cached_prompt_tokens_total',
  'prefix_cache_queries_total',
  'prefix_cache_hits_total',
  'generation_tokens_total',
  'preemptions_total',
  'requests_finished_total',
] as const;
export type CounterName = (typeof COUNTERS)[number];

/** Momentary values; requests, or ratios 0..1. The GPU's comes from another page than the rest. */
export const GAUGES = [
  'requests_running',
  'requests_waiting',
  'kv_cache_usage_ratio',
  'gpu_utilization_ratio',
] as const;
export type GaugeName = (typeof GAUGES)[number];

/** What one replica did over a window. `null`: not told, or told fewer than twice. */
export interface ReplicaWindow {
  /** Readings inside the window (a base reading before it is not counted). */
  readings: number;
  /** Seconds that the deltas span: from the base reading to the last one; 0 where there is no pair of readings. */
  seconds: number;
  /** Restarts of the process that were seen. */
  restarts: number;
  deltas: Record<CounterName, number | null>;
  /** Plain means over the readings inside the window: the scrape clock is regular, and a gap must not be filled in. */
  means: Record<GaugeName, number | null>;
  kv_cache_usage_max: number | null;
  /** Prompt + generation tokens per second: the tokens that were served, cached ones included. */
  tokens_per_second: number | null;
  /** Prefix-cache queries / prompt tokens; null without prompt tokens. */
  queries_per_prompt_token: number | null;
  /** Our name -> upstream name, of the last reading. */
  aliases: Readonly<Record<string, string>>;
}

export interface HistorySettings {
  /** Windows up to this length can be asked for. */
  window_seconds: number;
  /** How far before its start a window may look for a reading to count from. */
  margin_seconds: number;
  /** Readings are never merged: any of them may be the edge of a window that is asked for later. Default: false. */
  every_reading?: boolean;
}

/** More rows than this in a window add nothing to it: scrapes that come closer replace the row before them. */
const ROWS_PER_WINDOW = 2048;
/** Go's client computes the start anew from the boot time at each scrape, which wobbles when the clock is adjusted. */
const START_WOBBLE_SECONDS = 2;
/** How far the server's clock may be behind ours when it says when its process started. */
const CLOCK_SKEW_SECONDS = 60;

// Columns. Up to the counters they are running totals, after them they are of the row's own readings.
const TIME = 0;
const RESTARTS = 1;
const COUNTERS_AT = 2;
const READINGS = COUNTERS_AT + 2 * COUNTERS.length;
const KV_MAX = READINGS + 1;
const GAUGES_AT = KV_MAX + 1;
const WIDTH = GAUGES_AT + 2 * GAUGES.length;

/**
 * The readings of one replica, a row each: per counter the running total of its increases and how often it was told, so that
 * a window is the difference of two rows; per gauge the sum of its values and how often it was told.
 *
 * Increases follow Prometheus' rule: the first value told is a base, not an increase; after a restart the new value counts
 * from 0. A restart is a later `process_start_time_seconds`, or a decrease of any counter (all belong to one process).
 */
export class ReplicaHistory {
  private readonly rows = new RollingRows(WIDTH);
  /** The row in the making; its running totals carry on from reading to reading. */
  private readonly next = new Float64Array(WIDTH);
  private readonly counters = new Map<CounterName, number>();
  private start: number | null = null;
  private newest: { at: number; reading: EngineReading } | null = null;

  constructor(private readonly settings: HistorySettings) {}

  /** The newest reading, whole. */
  get latest(): { at: number; reading: EngineReading } | null {
    return this.newest;
  }

  /** Restarts (or changes of process) seen so far. */
  get restarts(): number {
    return cell(this.next, RESTARTS);
  }

  /** Adds a reading made at `at` (Unix seconds). `gpuUtilization`: the mean of the replica's GPUs at that time, 0..1. */
  add(at: number, reading: EngineReading, gpuUtilization: number | null = null): void {
    this.countIncreases(reading);
    this.next.fill(0, READINGS);
    this.next[TIME] = at;
    this.next[READINGS] = 1;
    const { requests_running, requests_waiting, kv_cache_usage_ratio } = reading.values;
    this.next[KV_MAX] = told(kv_cache_usage_ratio) ?? Number.NaN;
    const gauges = [requests_running, requests_waiting, kv_cache_usage_ratio, gpuUtilization];
    gauges.map(told).forEach((value, index) => {
      if (value !== null) this.tell(GAUGES_AT + 2 * index, value);
    });
    this.append(at);
    this.newest = { at, reading };
  }

  /** What the replica did after `from` and until `to`, inclusive (Unix seconds). Pure: asking changes nothing. */
  window(from: number, to: number): ReplicaWindow {
    const last = this.rows.lastAtOrBefore(to);
    const previous = this.rows.lastAtOrBefore(from);
    if (last === previous) return emptyWindow(this.newest?.reading.aliases ?? {});
    // Counted from the last reading before the window where it is near enough, else from the first one inside.
    const near = this.rows.time(previous) >= from - this.settings.margin_seconds;
    const start = this.rows.row(near ? previous : previous + 1);
    const end = this.rows.row(last);
    const inside = this.gather(previous + 1, last);

    const seconds = cell(end, TIME) - cell(start, TIME);
    const deltas = byName(COUNTERS, (index) => increase(start, end, COUNTERS_AT + 2 * index));
    return {
      readings: cell(inside, READINGS),
      seconds,
      restarts: cell(end, RESTARTS) - cell(start, RESTARTS),
      deltas,
      means: byName(GAUGES, (index) => mean(inside, GAUGES_AT + 2 * index)),
      kv_cache_usage_max: told(cell(inside, KV_MAX)),
      tokens_per_second: rate(deltas.prompt_tokens_total, deltas.generation_tokens_total, seconds),
      queries_per_prompt_token: quotient(deltas.prefix_cache_queries_total, deltas.prompt_tokens_total),
      aliases: this.newest?.reading.aliases ?? {},
    };
  }

  private countIncreases(reading: EngineReading): void {
    const change = this.processChange(reading);
    if (change !== 'same') this.next[RESTARTS] = this.restarts + 1;
    if (change === 'restart') for (const name of this.counters.keys()) this.counters.set(name, 0);
    if (change === 'other') this.counters.clear();
    COUNTERS.forEach((name, index) => {
      const value = told(reading.values[name]);
      if (value === null) return;
      this.tell(COUNTERS_AT + 2 * index, value - (this.counters.get(name) ?? value));
      this.counters.set(name, value);
    });
    this.start = told(reading.process_start_time_seconds) ?? this.start;
  }

  /**
   * `restart`: the process is new and began after the last reading of the old one, so all it tells is new. `other`: it was
   * running already, so another server answers under this address (a Service with several pods behind it): a new base.
   */
  private processChange(reading: EngineReading): 'same' | 'restart' | 'other' {
    const start = told(reading.process_start_time_seconds);
    if (start !== null && this.start !== null && Math.abs(start - this.start) > START_WOBBLE_SECONDS) {
      return start >= (this.newest?.at ?? 0) - CLOCK_SKEW_SECONDS ? 'restart' : 'other';
    }
    const decreased = COUNTERS.some((name) => {
      const value = told(reading.values[name]);
      return value !== null && value < (this.counters.get(name) ?? 0);
    });
    return decreased ? 'restart' : 'same';
  }

  /** Adds to a pair of columns: the sum, and how often it was told. */
  private tell(column: number, amount: number): void {
    this.next[column] = cell(this.next, column) + amount;
    this.next[column + 1] = cell(this.next, column + 1) + 1;
  }

  private append(at: number): void {
    // A clock that was set back: what it called the future is given up as an edge of windows, not as work done.
    while (this.rows.time(this.rows.length - 1) >= at) this.rows.dropLast();
    const { window_seconds, margin_seconds, every_reading = false } = this.settings;
    const last = this.rows.length - 1;
    if (!every_reading && at - this.rows.time(last - 1) < window_seconds / ROWS_PER_WINDOW) {
      merge(this.next, this.rows, last);
      this.rows.dropLast();
    }
    this.rows.push(this.next);
    // One row before the horizon stays: it is what the oldest window counts from.
    while (this.rows.time(1) <= at - window_seconds - margin_seconds) this.rows.dropFirst();
  }

  /** The readings of several rows as one; running totals are left 0. */
  private gather(first: number, last: number): Float64Array {
    const sum = new Float64Array(WIDTH);
    sum[KV_MAX] = Number.NaN;
    for (let row = first; row <= last; row += 1) merge(sum, this.rows, row);
    return sum;
  }
}

/** Adds the readings of a row to those of another. */
function merge(into: Float64Array, rows: RollingRows, row: number): void {
  into[KV_MAX] = larger(cell(into, KV_MAX), rows.value(row, KV_MAX));
  into[READINGS] = cell(into, READINGS) + rows.value(row, READINGS);
  for (let column = GAUGES_AT; column < WIDTH; column += 1) {
    into[column] = cell(into, column) + rows.value(row, column);
  }
}

/** vLLM before 0.27 counted the lookups of waiting requests again; the first pair (0.16 and later) is free of that. */
const HIT_RATE_SOURCES: readonly (readonly [CounterName, CounterName])[] = [
  ['cached_prompt_tokens_total', 'prompt_tokens_total'],
  ['prefix_cache_hits_total', 'prefix_cache_queries_total'],
];

/**
 * Hit rate over the windows of any number of replicas, 0..1. Tokens are summed first, as a mean of ratios is not a ratio of
 * anything; a pair of counters is used only where every replica that tells a hit rate at all tells it by that pair.
 */
export function hitRate(windows: readonly ReplicaWindow[]): { value: number; source: string } | null {
  const tellers = windows.filter((window) =>
    HIT_RATE_SOURCES.some(([part, whole]) => tellsPair(window, part, whole)),
  );
  for (const [part, whole] of HIT_RATE_SOURCES) {
    const complete = tellers.every((window) => tellsPair(window, part, whole));
    const value = complete ? ratioOfSums(tellers, part, whole) : null;
    if (value !== null) {
      const names = tellers.find((window) => window.aliases[part] !== undefined)?.aliases ?? {};
      return { value, source: `${names[part] ?? part} / ${names[whole] ?? whole}` };
    }
  }
  return null;
}

/** Sum of one counter over that of another, over the replicas that tell both; null where the sum below is 0. */
export function ratioOfSums(
  windows: readonly ReplicaWindow[],
  partName: CounterName,
  wholeName: CounterName,
): number | null {
  let part = 0;
  let whole = 0;
  for (const { deltas } of windows.filter((window) => tellsPair(window, partName, wholeName))) {
    part += deltas[partName] ?? 0;
    whole += deltas[wholeName] ?? 0;
  }
  return quotient(part, whole);
}

function tellsPair({ deltas }: ReplicaWindow, part: CounterName, whole: CounterName): boolean {
  return deltas[part] !== null && deltas[whole] !== null;
}

function emptyWindow(aliases: Readonly<Record<string, string>>): ReplicaWindow {
  return {
    readings: 0,
    seconds: 0,
    restarts: 0,
    deltas: byName(COUNTERS, () => null),
    means: byName(GAUGES, () => null),
    kv_cache_usage_max: null,
    tokens_per_second: null,
    queries_per_prompt_token: null,
    aliases,
  };
}

/** NaN and infinities on a page tell nothing. */
function told(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function larger(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return b > a ? b : a;
}

function cell(row: Float64Array, column: number): number {
  return row[column] ?? 0;
}

/** Null unless the counter was told at or before `start` and again after it, or twice after it. */
function increase(start: Float64Array, end: Float64Array, column: number): number | null {
  const earlier = cell(start, column + 1);
  const later = cell(end, column + 1) - earlier;
  return later >= 2 || (later === 1 && earlier >= 1) ? cell(end, column) - cell(start, column) : null;
}

function mean(sums: Float64Array, column: number): number | null {
  const count = cell(sums, column + 1);
  return count > 0 ? cell(sums, column) / count : null;
}

function rate(prompt: number | null, generation: number | null, seconds: number): number | null {
  return prompt === null || generation === null || seconds <= 0 ? null : (prompt + generation) / seconds;
}

function quotient(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

function byName<Name extends string>(
  names: readonly Name[],
  value: (index: number) => number | null,
): Record<Name, number | null> {
  return Object.fromEntries(names.map((name, index) => [name, value(index)])) as Record<Name, number | null>;
}
