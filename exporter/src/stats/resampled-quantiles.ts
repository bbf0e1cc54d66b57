/**
 * Quantiles of a resample that is never built: the values of a series are sorted once, a resample is a multiplicity per
 * cluster, and the wanted order statistics are met by adding up multiplicities along the sorted values:
 *
 *     sorted value    12   15   15   21   30        cluster         0 1 2
 *     cluster          1    0    2    1    0        multiplicity    0 2 1      (drawn: 1, 1, 2)
 *     running count    2    2    3    5    5        so the resample is 12 12 15 21 21
 *
 * The walk need not begin at an end. A resampled quantile lies near the quantile of the whole, where the running count is the
 * sum over clusters of (values up to that place) x (multiplicity): one short product instead of a long walk. The products of
 * all quantiles are taken at once, several in one number: a double holds whole numbers of up to 53 bits exactly, and a running
 * count needs but a few of them.
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

/** As many places are put in order by insertion before merging begins. */
const RUN = 8;

/** The places of values in ascending order. A merge sort, as typed arrays sort by a function several times slower. */
export function ascendingOrder(values: ArrayLike<number>): Uint32Array {
  let from = new Uint32Array(values.length);
  for (let start = 0; start < values.length; start += RUN) insertionSort(from, values, start);
  let to = new Uint32Array(values.length);
  for (let width = RUN; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      mergeRuns(from, to, values, start, middle, Math.min(start + 2 * width, values.length));
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Puts the places `start`, `start + 1`, ... of one run into `order`, in the order of their values. */
function insertionSort(order: Uint32Array, values: ArrayLike<number>, start: number): void {
  const end = Math.min(start + RUN, values.length);
  for (let next = start; next < end; next += 1) {
    const value = values[next] as number;
    let hole = next;
    while (hole > start && (values[order[hole - 1] as number] as number) > value) {
      order[hole] = order[hole - 1] as number;
      hole -= 1;
    }
    order[hole] = next;
  }
}

/** Merges the runs `start..middle` and `middle..end` of `from` into the same places of `to`; equal values keep their order. */
function mergeRuns(
  from: Uint32Array,
  to: Uint32Array,
  values: ArrayLike<number>,
  start: number,
  middle: number,
  end: number,
): void {
  let [left, right, place] = [start, middle, start];
  while (left < middle && right < end) {
    const takeLeft = (values[from[left] as number] as number) <= (values[from[right] as number] as number);
    to[place++] = takeLeft ? (from[left++] as number) : (from[right++] as number);
  }
  while (left < middle) to[place++] = from[left++] as number;
  while (right < end) to[place++] = from[right++] as number;
}

/** Where the walks of a series begin, and the products that tell how many values of a resample lie before each beginning. */
export interface WalkPlan {
  /** Per quantile a position in the sorted values. */
  at: readonly number[];
  /**
   * Per cluster how many values it has in all, then up to and including each position of `at`: `lanes` of these in each word,
   * as the digits of a number to the base `base`, the first the lowest.
   */
  words: readonly Float64Array[];
  lanes: number;
  base: number;
  /** Where the products of a resample are put: one for all resamples, as a new one for each would take longer than they. */
  sums: Float64Array;
}

/** Whole numbers up to 2^53 are exact in a double. */
const WORD_BITS = 53;

/** Plans the walks of a series; `quantiles` ascend. */
export function walkPlan(series: ClusteredSeries, quantiles: readonly number[]): WalkPlan {
  const { values, clusters, counts } = series;
  const at = quantiles.map((q) => Math.min(values.length - 1, Math.floor(values.length * q)));
  // As many clusters are drawn as there are: no resample is longer than if all were the largest.
  const base = 1 + counts.length * counts.reduce((most, count) => Math.max(most, count), 1);
  const lanes = Math.max(1, Math.floor(WORD_BITS / Math.log2(base)));
  const words = Array.from(
    { length: Math.ceil((at.length + 1) / lanes) },
    () => new Float64Array(counts.length),
  );
  counts.forEach((count, cluster) => ((words[0] as Float64Array)[cluster] = count));
  at.forEach((end, wanted) => {
    // The next places count for this quantile and for all above it.
    const begin = wanted === 0 ? 0 : (at[wanted - 1] as number) + 1;
    words.forEach((word, index) => {
      let step = 0;
      for (let digit = index * lanes; digit < (index + 1) * lanes && digit <= at.length; digit += 1)
        if (digit > wanted) step += base ** (digit - index * lanes);
      if (step === 0) return;
      for (let place = begin; place <= end; place += 1) {
        const cluster = clusters[place] as number;
        word[cluster] = (word[cluster] as number) + step;
      }
    });
  });
  return { at, words, lanes, base, sums: new Float64Array(at.length + 1) };
}

/** Sum over clusters of count x multiplicity. Whole numbers: the order of the additions does not matter. */
function product(counts: Float64Array, multiplicities: Uint32Array): number {
  let [even, odd] = [0, 0];
  const pairs = multiplicities.length & ~1;
  for (let cluster = 0; cluster < pairs; cluster += 2) {
    even += (counts[cluster] as number) * (multiplicities[cluster] as number);
    odd += (counts[cluster + 1] as number) * (multiplicities[cluster + 1] as number);
  }
  if (pairs < multiplicities.length) even += (counts[pairs] as number) * (multiplicities[pairs] as number);
  return even + odd;
}

/** All products of a plan, in the order of its digits. */
function products({ words, lanes, base, sums }: WalkPlan, multiplicities: Uint32Array): Float64Array {
  for (let word = 0; word < words.length; word += 1) {
    let rest = product(words[word] as Float64Array, multiplicities);
    const end = Math.min(sums.length, (word + 1) * lanes);
    for (let digit = word * lanes; digit < end; digit += 1) {
      const above = Math.floor(rest / base);
      sums[digit] = rest - above * base;
      rest = above;
    }
  }
  return sums;
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
  const { values, clusters } = series;
  const sums = products(plan, multiplicities);
  const total = sums[0] as number;
  if (total === 0) {
    into.fill(NaN);
    return;
  }
  for (let wanted = 0; wanted < quantiles.length; wanted += 1) {
    const position = (total - 1) * (quantiles[wanted] as number);
    const rank = Math.floor(position);
    let at = plan.at[wanted] as number;
    // How many values of the resample lie at or before position `at` of the sorted series.
    let reached = sums[wanted + 1] as number;
    while (reached <= rank) reached += multiplicities[clusters[++at] as number] as number;
    let here = multiplicities[clusters[at] as number] as number;
    while (reached - here > rank) {
      reached -= here;
      here = multiplicities[clusters[--at] as number] as number;
    }
    const low = values[at] as number;
    const fraction = position - rank;
    if (fraction === 0 || reached > rank + 1) {
      into[wanted] = low;
      continue;
    }
    // The neighbour above is the next value that was drawn at all.
    let above = at + 1;
    while ((multiplicities[clusters[above] as number] as number) === 0) above += 1;
    into[wanted] = interpolate(low, values[above] as number, fraction);
  }
}
