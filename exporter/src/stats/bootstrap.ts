/**
 * Cluster bootstrap of percentiles: conversations, not requests, are drawn with replacement, as the requests of one
 * conversation resemble each other (same document, same replica). Intervals by the percentile method, 95 %.
 *
 * All work is done in generators that pause after each resample, so that a caller may share the thread.
 */
import { interpolate } from './quantile';
import { Draws } from './draws';
import { walkPlan, weightedQuantiles, type ClusteredSeries } from './resampled-quantiles';

/** Series over the same clusters, drawn together. */
export interface Arm {
  clusters: number;
  series: ClusteredSeries[];
}

export interface Interval {
  lower: number;
  upper: number;
}

export interface BootstrapOptions {
  resamples: number;
  seed: number;
  /** Ascending, each in 0..1. */
  quantiles: readonly number[];
}

/** A computation in small steps; the caller decides how many to take at once. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

const LOWER_TAIL = 0.025;
const UPPER_TAIL = 0.975;

/** 95 % interval of resampled statistics; null where fewer than half of the resamples had one. */
function percentileInterval(statistics: Float64Array): Interval | null {
  const copy = new Float64Array(statistics.length);
  let known = 0;
  for (let at = 0; at < statistics.length; at += 1) {
    const value = statistics[at] as number;
    if (Number.isFinite(value)) copy[known++] = value;
  }
  if (known === 0 || known * 2 < statistics.length) return null;
  const values = copy.subarray(0, known);
  return { lower: quantileOf(values, LOWER_TAIL), upper: quantileOf(values, UPPER_TAIL) };
}

/** A quantile of values in any order, whose order it changes. */
function quantileOf(values: Float64Array, q: number): number {
  const position = (values.length - 1) * q;
  const rank = Math.floor(position);
  const low = select(values, rank);
  if (position === rank) return low;
  let high = Infinity;
  for (let at = rank + 1; at < values.length; at += 1) high = Math.min(high, values[at] as number);
  return interpolate(low, high, position - rank);
}

/** The value of a rank (0-based), with the smaller ones moved before it and the greater ones behind (Hoare's quickselect). */
function select(values: Float64Array, rank: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = values[(left + right) >>> 1] as number;
    let [low, high] = [left, right];
    while (low <= high) {
      while ((values[low] as number) < pivot) low += 1;
      while ((values[high] as number) > pivot) high -= 1;
      if (low > high) break;
      const moved = values[low] as number;
      values[low] = values[high] as number;
      values[high] = moved;
      low += 1;
      high -= 1;
    }
    if (rank <= high) right = high;
    else if (rank >= low) left = low;
    else break;
  }
  return values[rank] as number;
}

/** Rows that are the same array have the same interval. */
function* intervalsOf(statistics: Statistics): Steps<(Interval | null)[]> {
  const known = new Map<Float64Array, Interval | null>();
  for (const values of statistics) {
    if (!known.has(values)) known.set(values, percentileInterval(values));
    yield;
  }
  return statistics.map((values) => known.get(values) ?? null);
}

function matrix(rows: number, columns: number): Float64Array[] {
  return Array.from({ length: rows }, () => new Float64Array(columns));
}

/** Splits one flat row per (series, quantile) into one row per series. */
function perSeries<T>(flat: T[], quantiles: number): T[][] {
  const rows: T[][] = [];
  for (let start = 0; start < flat.length; start += quantiles)
    rows.push(flat.slice(start, start + quantiles));
  return rows;
}

/** One cluster drawn again and again is always itself: an interval without width, which would look like certainty. */
const LEAST_CLUSTERS = 2;

const noIntervals = ({ series }: Arm, { quantiles }: BootstrapOptions): null[][] =>
  series.map(() => quantiles.map(() => null));

/** Resampled quantiles: one row of `resamples` values per series and quantile, series by series. */
type Statistics = readonly Float64Array[];

/**
 * Remembers the resampled quantiles of arms: an arm is resampled for its own intervals and again for each ratio, and with the
 * same draws these are the same numbers.
 */
export class ResampleMemo {
  /** `draws` may be shared with other memos. */
  constructor(readonly draws = new Draws()) {}

  private readonly known: { arm: Arm; stream: number; statistics: Statistics }[] = [];

  find(arm: Arm, stream: number): Statistics | null {
    return this.known.find((one) => one.stream === stream && sameArm(one.arm, arm))?.statistics ?? null;
  }

  keep(arm: Arm, stream: number, statistics: Statistics): void {
    this.known.push({ arm, stream, statistics });
  }
}

const sameArm = (left: Arm, right: Arm) =>
  left === right ||
  (left.clusters === right.clusters &&
    left.series.length === right.series.length &&
    left.series.every((series, row) => sameSeries(series, right.series[row])));

function sameSeries(left: ClusteredSeries, right: ClusteredSeries | undefined): boolean {
  if (left.values.length !== right?.values.length) return false;
  for (let at = 0; at < left.values.length; at += 1) {
    if (left.values[at] !== right.values[at] || left.clusters[at] !== right.clusters[at]) return false;
  }
  return true;
}

/** Resamples an arm. Series that are equal (all turns and first turns of single requests) are resampled once. */
function* resampledQuantiles(
  arm: Arm,
  stream: number,
  { quantiles, resamples, seed }: BootstrapOptions,
  memo = new ResampleMemo(),
): Steps<Statistics> {
  const before = memo.find(arm, stream);
  if (before !== null) return before;
  const firstOf = arm.series.map((series) => arm.series.findIndex((one) => sameSeries(one, series)));
  const statistics = arm.series.map((_, row) =>
    firstOf[row] === row ? matrix(quantiles.length, resamples) : [],
  );
  // A series without values has NaN for everything, which is what `weightedQuantiles` would say each time.
  for (const [row, { values }] of arm.series.entries())
    if (values.length === 0) statistics[row]?.forEach((row) => row.fill(NaN));
  const drawn = arm.series.flatMap((series, row) =>
    firstOf[row] === row && series.values.length > 0
      ? [{ series, plan: walkPlan(series, quantiles), into: statistics[row] ?? [] }]
      : [],
  );
  const found = new Float64Array(quantiles.length);
  let resample = 0;
  for (const multiplicities of memo.draws.of({ seed, stream, clusters: arm.clusters, resamples })) {
    for (const { series, plan, into } of drawn) {
      weightedQuantiles(series, multiplicities, quantiles, found, plan);
      for (let column = 0; column < found.length; column += 1)
        (into[column] as Float64Array)[resample] = found[column] as number;
    }
    resample += 1;
    yield;
  }
  const whole = firstOf.flatMap((first) => statistics[first] ?? []);
  memo.keep(arm, stream, whole);
  return whole;
}

/** Intervals of the quantiles of each series: one row per series, one entry per quantile. */
export function* bootstrapQuantiles(
  arm: Arm,
  options: BootstrapOptions,
  memo?: ResampleMemo,
): Steps<(Interval | null)[][]> {
  if (arm.clusters < LEAST_CLUSTERS) return noIntervals(arm, options);
  const statistics = yield* resampledQuantiles(arm, 0, options, memo);
  return perSeries(yield* intervalsOf(statistics), options.quantiles.length);
}

/**
 * Intervals of candidate quantile / baseline quantile, series by series (both arms list the same series in the same order).
 * Paired: both arms are resampled with the same multiplicities, so that what conversations have in common cancels out;
 * cluster i must be the same conversation in both. Unpaired: each arm is drawn by itself.
 */
export function* bootstrapRatios(
  baseline: Arm,
  candidate: Arm,
  paired: boolean,
  options: BootstrapOptions,
  memo?: ResampleMemo,
): Steps<(Interval | null)[][]> {
  if (Math.min(baseline.clusters, candidate.clusters) < LEAST_CLUSTERS) return noIntervals(baseline, options);
  const below = yield* resampledQuantiles(baseline, 0, options, memo);
  const above = yield* resampledQuantiles(candidate, paired ? 0 : 1, options, memo);
  const ratios: Float64Array[] = [];
  above.forEach((values, row) => {
    const under = below[row] as Float64Array;
    const same = above.findIndex((one, other) => one === values && below[other] === under);
    ratios.push(
      same < row ? (ratios[same] as Float64Array) : values.map((value, at) => value / (under[at] as number)),
    );
  });
  yield;
  return perSeries(yield* intervalsOf(ratios), options.quantiles.length);
}

/** Takes all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
