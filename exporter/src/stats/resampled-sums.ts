/**
 * Intervals of statistics that are functions of sums over requests (a mean, a hit rate, a ratio of means): paired cluster
 * bootstrap over conversations, percentile method, 95 %, as for percentiles.
 */
import type { Interval } from './bootstrap';
import { quantile, sortedFinite } from './quantile';
import { createRandom } from './random';

/** What one conversation adds to each sum; the order of the sums is the caller's. */
export type ClusterSums = readonly number[];

export interface SumsOptions {
  resamples: number;
  seed: number;
}

export interface SumIntervals {
  baseline: Interval | null;
  candidate: Interval | null;
  /** Of candidate / baseline. */
  ratio: Interval | null;
}

/**
 * @param clusters one pair of sums per conversation that both sides have, the baseline's first; all of one length.
 * @param statistic of the total sums; NaN where it is not defined.
 * @returns null where fewer than half of the resamples have a finite value, or there are no conversations.
 */
export function bootstrapSums(
  clusters: readonly (readonly [ClusterSums, ClusterSums])[],
  statistic: (sums: readonly number[]) => number,
  { resamples, seed }: SumsOptions,
): SumIntervals {
  const random = createRandom(seed);
  const counts = new Uint32Array(clusters.length);
  const [before, after, ratios] = [[], [], []] as [number[], number[], number[]];
  for (let resample = 0; clusters.length > 0 && resample < resamples; resample += 1) {
    counts.fill(0);
    random.drawInto(counts);
    const [baseline, candidate] = [
      statistic(total(clusters, counts, 0)),
      statistic(total(clusters, counts, 1)),
    ];
    before.push(baseline);
    after.push(candidate);
    ratios.push(candidate / baseline);
  }
  return { baseline: interval(before), candidate: interval(after), ratio: interval(ratios) };
}

function total(
  clusters: readonly (readonly [ClusterSums, ClusterSums])[],
  counts: Uint32Array,
  side: 0 | 1,
): number[] {
  const sums: number[] = (clusters[0]?.[side] ?? []).map(() => 0);
  clusters.forEach((cluster, index) => {
    const times = counts[index] ?? 0;
    if (times > 0) cluster[side].forEach((value, at) => (sums[at] = (sums[at] ?? 0) + times * value));
  });
  return sums;
}

function interval(values: readonly number[]): Interval | null {
  const sorted = sortedFinite(values);
  if (sorted.length * 2 < values.length) return null;
  const [lower, upper] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  return lower === null || upper === null ? null : { lower, upper };
}
