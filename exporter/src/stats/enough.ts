/** Chance left over on each side of a two-sided 95 % interval. */
const TAIL = 0.025;

/**
 * The fewest requests for which a distribution-free 95 % interval of the quantile `q` has a finite upper end:
 * the largest of n values lies above the quantile with probability 1 - q^n, which must be at least 0.975.
 * P50 6, P90 36, P95 72, P99 368, P99.9 3688.
 */
export function minimumSamples(q: number): number {
  if (!(q > 0 && q < 1)) throw new RangeError(`A quantile lies between 0 and 1, not ${q}.`);
  return Math.ceil(Math.log(TAIL) / Math.log(q));
}
