/**
 * Cluster bootstrap of percentiles: conversations, not requests, are drawn with replacement, as the requests of one
 * conversation resemble each other (same document, same replica). Intervals by the percentile method, 95 %.
 *
 * No resample is ever built or sorted. The values of a series are sorted once; a resample is a multiplicity per
 * conversation, and one walk over the sorted values, adding up multiplicities, meets every wanted order statistic:
 *
 *     sorted value    12   15   15   21   30        conversation    0 1 2
 *     conversation     1    0    2    1    0        multiplicity    0 2 1      (drawn: 1, 1, 2)
 *     running count    2    2    3    5    5        so the resample is 12 12 15 21 21
 *
 * All work is done in generators that pause after each resample, so that a caller may share the thread.
 */
import { interpolate, quantile } from './quantile';
import { createRandom, type RandomSource } from './random';

/** One metric of one class of requests, ready for resampling. */
export interface ClusteredSeries {
  /** Ascending. */
  values: Float64Array;
  /** The cluster of each value, 0..clusters - 1. */
  clusters: Uint32Array;
  /** How many values each cluster has. */
  counts: Uint32Array;
}

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

/** Sorts values together with their clusters. Values that are not finite must have been left out. */
export function clusteredSeries(
  values: readonly number[],
  clusterOf: readonly number[],
  clusters: number,
): ClusteredSeries {
  const order = Uint32Array.from(values.keys()).sort(
    (left, right) => (values[left] ?? 0) - (values[right] ?? 0),
  );
  const counts = new Uint32Array(clusters);
  for (const cluster of clusterOf) counts[cluster] = (counts[cluster] ?? 0) + 1;
  return {
    values: Float64Array.from(order, (index) => values[index] ?? 0),
    clusters: Uint32Array.from(order, (index) => clusterOf[index] ?? 0),
    counts,
  };
}

/** Draws as many clusters as there are, with replacement; writes how often each was drawn. */
function drawMultiplicities(random: RandomSource, multiplicities: Uint32Array): void {
  multiplicities.fill(0);
  for (let drawn = 0; drawn < multiplicities.length; drawn += 1) {
    const cluster = random.below(multiplicities.length);
    multiplicities[cluster] = (multiplicities[cluster] ?? 0) + 1;
  }
}

function resampledCount(series: ClusteredSeries, multiplicities: Uint32Array): number {
  let total = 0;
  for (let cluster = 0; cluster < multiplicities.length; cluster += 1) {
    total += (series.counts[cluster] ?? 0) * (multiplicities[cluster] ?? 0);
  }
  return total;
}

/**
 * The type-7 quantiles of the resample that the multiplicities describe, in one walk; NaN each where it is empty.
 * `quantiles` ascend; results go to `into`.
 */
export function weightedQuantiles(
  series: ClusteredSeries,
  multiplicities: Uint32Array,
  quantiles: readonly number[],
  into: Float64Array,
): void {
  const total = resampledCount(series, multiplicities);
  if (total === 0) {
    into.fill(NaN);
    return;
  }
  const { values, clusters } = series;
  let at = 0;
  // How many values of the resample lie at or before position `at` of the sorted series.
  let reached = multiplicities[clusters[0] ?? 0] ?? 0;
  for (let wanted = 0; wanted < quantiles.length; wanted += 1) {
    const position = (total - 1) * (quantiles[wanted] ?? 0);
    const rank = Math.floor(position);
    while (reached <= rank) reached += multiplicities[clusters[++at] as number] as number;
    const low = values[at] as number;
    const fraction = position - rank;
    if (fraction === 0 || reached > rank + 1) {
      into[wanted] = low;
      continue;
    }
    // The neighbour above is the next value that was drawn at all; the walk itself stays, for the next quantile.
    let above = at + 1;
    while ((multiplicities[clusters[above] as number] as number) === 0) above += 1;
    into[wanted] = interpolate(low, values[above] as number, fraction);
  }
}

/** 95 % interval of resampled statistics; null where fewer than half of the resamples had one. */
function percentileInterval(statistics: Float64Array): Interval | null {
  const sorted = statistics.filter(Number.isFinite).sort();
  const lower = quantile(sorted, LOWER_TAIL);
  const upper = quantile(sorted, UPPER_TAIL);
  if (lower === null || upper === null || sorted.length * 2 < statistics.length) return null;
  return { lower, upper };
}

function* intervalsOf(statistics: Float64Array[]): Steps<(Interval | null)[]> {
  const intervals: (Interval | null)[] = [];
  for (const values of statistics) {
    intervals.push(percentileInterval(values));
    yield;
  }
  return intervals;
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

/** Intervals of the quantiles of each series: one row per series, one entry per quantile. */
export function* bootstrapQuantiles(arm: Arm, options: BootstrapOptions): Steps<(Interval | null)[][]> {
  const { quantiles, resamples } = options;
  const random = createRandom(options.seed);
  const multiplicities = new Uint32Array(arm.clusters);
  const found = new Float64Array(quantiles.length);
  const statistics = matrix(arm.series.length * quantiles.length, resamples);
  for (let resample = 0; resample < resamples; resample += 1) {
    drawMultiplicities(random, multiplicities);
    arm.series.forEach((series, row) => {
      weightedQuantiles(series, multiplicities, quantiles, found);
      found.forEach((value, column) => {
        (statistics[row * quantiles.length + column] as Float64Array)[resample] = value;
      });
    });
    yield;
  }
  return perSeries(yield* intervalsOf(statistics), quantiles.length);
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
): Steps<(Interval | null)[][]> {
  const { quantiles, resamples } = options;
  const baselineRandom = createRandom(options.seed);
  const candidateRandom = createRandom(options.seed, 1);
  const ofBaseline = new Uint32Array(baseline.clusters);
  const ofCandidate = paired ? ofBaseline : new Uint32Array(candidate.clusters);
  const below = new Float64Array(quantiles.length);
  const above = new Float64Array(quantiles.length);
  const statistics = matrix(baseline.series.length * quantiles.length, resamples);
  for (let resample = 0; resample < resamples; resample += 1) {
    drawMultiplicities(baselineRandom, ofBaseline);
    if (!paired) drawMultiplicities(candidateRandom, ofCandidate);
    baseline.series.forEach((series, row) => {
      weightedQuantiles(series, ofBaseline, quantiles, below);
      weightedQuantiles(candidate.series[row] as ClusteredSeries, ofCandidate, quantiles, above);
      above.forEach((value, column) => {
        (statistics[row * quantiles.length + column] as Float64Array)[resample] =
          value / (below[column] ?? NaN);
      });
    });
    yield;
  }
  return perSeries(yield* intervalsOf(statistics), quantiles.length);
}

/** Takes all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
