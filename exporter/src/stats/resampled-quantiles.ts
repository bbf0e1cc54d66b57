/**
 * Quantiles of a resample that is never built: the values of a series are sorted once, a resample is a multiplicity per
 * cluster, and the wanted order statistics are met by adding up multiplicities along the sorted values:
 *
 *     sorted value    12   15   15   21   30        cluster         0 1 2
 *     cluster          1    0    2    1    0        multiplicity    0 2 1      (drawn: 1, 1, 2)
 *     running count    2    2    3    5    5        so the resample is 12 12 15 21 21
 *
 * The walk need not begin at an end. A resampled quantile lies near the quantile of the whole, where the running count is the
 * sum over clusters of (values before that place) x (multiplicity): one short product instead of a long walk.
 */
import { interpolate } from './quantile';

/** One metric of one class of requests, ready for resampling. */
export interface ClusteredSeries {
  /** Ascending. */
  values: Float64Array;
  /** The cluster of each value, 0..clusters - 1. */
  clusters: Uint32Array;
  /** How many values each cluster has. */
  counts: Uint32Array;
}

/** Sorts values together with their clusters. Values that are not finite must have been left out. */
export function clusteredSeries(
  values: ArrayLike<number>,
  clusterOf: ArrayLike<number>,
  clusters: number,
): ClusteredSeries {
  return seriesInOrder(ascendingOrder(values), values, clusterOf, clusters);
}

/** The series of those values that `order` lists, ascending; others are left out. */
export function seriesInOrder(
  order: Uint32Array,
  values: ArrayLike<number>,
  clusterOf: ArrayLike<number>,
  clusters: number,
): ClusteredSeries {
  const series = {
    values: new Float64Array(order.length),
    clusters: new Uint32Array(order.length),
    counts: new Uint32Array(clusters),
  };
  for (let place = 0; place < order.length; place += 1) {
    const index = order[place] as number;
    const cluster = clusterOf[index] as number;
    series.values[place] = values[index] as number;
    series.clusters[place] = cluster;
    series.counts[cluster] = (series.counts[cluster] as number) + 1;
  }
  return series;
}

/** The places of values in ascending order. A merge sort, as typed arrays sort by a function several times slower. */
export function ascendingOrder(values: ArrayLike<number>): Uint32Array {
  let from = Uint32Array.from({ length: values.length }, (_, index) => index);
  let to = new Uint32Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let [left, right] = [start, middle];
      for (let place = start; place < end; place += 1) {
        const takeLeft =
          left < middle &&
          (right >= end ||
            (values[from[left] as number] as number) <= (values[from[right] as number] as number));
        to[place] = takeLeft ? (from[left++] as number) : (from[right++] as number);
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Where the walk to one quantile begins. */
interface Start {
  /** Position in the sorted values. */
  at: number;
  /** How many values each cluster has up to and including that position. */
  upTo: Uint32Array;
}

/** For each quantile a start of its own, or null: go on downward from the next higher one (the first: from the largest value). */
export type WalkPlan = readonly (Start | null)[];

/** A step of a product over clusters is about this much cheaper than one of a walk, which jumps through memory. */
const PRODUCT_STEP = 0.4;

/** Plans the walks of a series; `quantiles` ascend. Only the speed depends on it. */
export function walkPlan(series: ClusteredSeries, quantiles: readonly number[]): WalkPlan {
  const { values, clusters, counts } = series;
  const plan: (Start | null)[] = quantiles.map(() => null);
  let above = values.length;
  for (let wanted = quantiles.length - 1; wanted >= 0; wanted -= 1) {
    const at = Math.min(values.length - 1, Math.floor(values.length * (quantiles[wanted] ?? 0)));
    // From its own start a walk still strays by the spread of the resampled rank.
    const own = PRODUCT_STEP * counts.length + Math.sqrt(values.length * (values.length / counts.length)) / 2;
    if (at >= 0 && own < above - at) {
      const upTo = new Uint32Array(counts.length);
      for (const cluster of clusters.subarray(0, at + 1)) upTo[cluster] = (upTo[cluster] ?? 0) + 1;
      plan[wanted] = { at, upTo };
    }
    above = at;
  }
  return plan;
}

/** Sum over clusters of count x multiplicity. */
function product(counts: Uint32Array, multiplicities: Uint32Array): number {
  let total = 0;
  for (let cluster = 0; cluster < multiplicities.length; cluster += 1) {
    total += (counts[cluster] as number) * (multiplicities[cluster] as number);
  }
  return total;
}

/**
 * The type-7 quantiles of the resample that the multiplicities describe; NaN each where it is empty. `quantiles` ascend;
 * results go to `into`.
 */
export function weightedQuantiles(
  series: ClusteredSeries,
  multiplicities: Uint32Array,
  quantiles: readonly number[],
  into: Float64Array,
  plan: WalkPlan = walkPlan(series, quantiles),
): void {
  const { values, clusters, counts } = series;
  const total = product(counts, multiplicities);
  if (total === 0) {
    into.fill(NaN);
    return;
  }
  let at = values.length - 1;
  // How many values of the resample lie at or before position `at` of the sorted series.
  let reached = total;
  for (let wanted = quantiles.length - 1; wanted >= 0; wanted -= 1) {
    const position = (total - 1) * (quantiles[wanted] as number);
    const rank = Math.floor(position);
    const start = plan[wanted];
    if (start !== null && start !== undefined) {
      at = start.at;
      reached = product(start.upTo, multiplicities);
      while (reached <= rank) reached += multiplicities[clusters[++at] as number] as number;
    }
    let here = multiplicities[clusters[at] as number] as number;
    while (reached - here > rank) {
      reached -= here;
      at -= 1;
      here = multiplicities[clusters[at] as number] as number;
    }
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
