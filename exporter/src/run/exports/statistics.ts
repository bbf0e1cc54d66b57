import { mean, quantile, sortedFinite } from '../../stats/quantile';

const PERCENTILES: readonly (readonly [string, number])[] = [
  ['p0p1', 0.001],
  ['p1', 0.01],
  ['p5', 0.05],
  ['p10', 0.1],
  ['p25', 0.25],
  ['p50', 0.5],
  ['p75', 0.75],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p99p9', 0.999],
];

/** A Benchmark Report's `Statistics` of values, in `units`; undefined for no values. */
export function statistics(
  values: readonly number[],
  units: string,
): Record<string, string | number> | undefined {
  const sorted = sortedFinite(values);
  const average = mean(sorted);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (average === null || min === undefined || max === undefined) return undefined;
  const variance = mean(sorted.map((value) => (value - average) ** 2)) ?? 0;
  return {
    units,
    mean: average,
    stddev: Math.sqrt(variance),
    min,
    ...Object.fromEntries(PERCENTILES.map(([name, q]) => [name, quantile(sorted, q) ?? average])),
    max,
  };
}
