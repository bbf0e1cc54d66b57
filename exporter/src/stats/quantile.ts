/**
 * Percentiles by linear interpolation between order statistics: Hyndman & Fan (1996), type 7, the default of NumPy and R.
 * Units are those of the values.
 */

/** The values in ascending order, without those that are not finite numbers. */
export function sortedFinite(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

/**
 * Quantile `q` (0..1, clamped) of ascending values: x[k] + (h - k) (x[k+1] - x[k]) with h = (n - 1) q, k = floor(h).
 * Returns null for no values or a `q` that is not a number.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  if (sorted.length === 0 || Number.isNaN(q)) return null;
  const position = (sorted.length - 1) * Math.min(1, Math.max(0, q));
  const index = Math.floor(position);
  const low = sorted[index] ?? NaN;
  const high = sorted[Math.min(index + 1, sorted.length - 1)] ?? NaN;
  return interpolate(low, high, position - index);
}

/**
 * A point between two order statistics. Computed from the nearer end, as NumPy does, so that the result never leaves
 * [low, high] and never falls when the fraction rises.
 */
export function interpolate(low: number, high: number, fraction: number): number {
  const span = high - low;
  return fraction < 0.5 ? low + span * fraction : high - span * (1 - fraction);
}

/** Median of values in any order; null for none. */
export function median(values: Iterable<number>): number | null {
  return quantile(sortedFinite(values), 0.5);
}

/** Arithmetic mean; null for no values. */
export function mean(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}
