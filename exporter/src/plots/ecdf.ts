/** An empirical distribution as few points as the eye can tell apart, each of them exact. */

/** `answered` (0..1) of all requests had their first token within `seconds`. */
export interface EcdfPoint {
  seconds: number;
  answered: number;
}

/** Steps in the body of a curve: one per 1/400, less than a pixel. */
const BODY_STEPS = 400;
/** Steps per tenfold decrease of what is left, in the tail. */
const TAIL_STEPS = 60;

/**
 * Points of the distribution, ascending; `sorted` are the answered requests' values, `requests` counts failed ones too, which
 * are never answered: the curve ends below 1 by their share. Every point is an order statistic at its own rank k / requests;
 * the body keeps ranks at even steps, the tail at even steps of log(1 - k/n), and all ranks where there are few.
 */
export function ecdfPoints(sorted: Float64Array, requests: number): EcdfPoint[] {
  const n = sorted.length;
  const ranks = new Set<number>();
  for (let step = 1; step <= BODY_STEPS; step += 1) ranks.add(Math.ceil((n * step) / BODY_STEPS));
  for (let step = 0; ; step += 1) {
    const left = n * 10 ** (-step / TAIL_STEPS);
    ranks.add(Math.min(n, Math.max(1, n - Math.floor(left))));
    if (left < 1) break;
  }
  ranks.add(1);
  return [...ranks]
    .filter((rank) => rank >= 1 && rank <= n)
    .sort((left, right) => left - right)
    .map((rank) => ({ seconds: sorted[rank - 1] ?? NaN, answered: rank / requests }));
}
