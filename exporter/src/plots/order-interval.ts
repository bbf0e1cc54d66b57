/** Distribution-free interval of a median between two order statistics. */

/**
 * The 95 % interval of the median of independent values: [x(l), x(n + 1 - l)] with the largest l for which
 * P(Binomial(n, 1/2) < l) <= 0.025 (Conover, Practical Nonparametric Statistics, 3.2). Null below 6 values, where none exists.
 */
export function medianInterval(sorted: ArrayLike<number>): { lower: number; upper: number } | null {
  const rank = lowerRank(sorted.length);
  if (rank === 0) return null;
  const [lower, upper] = [sorted[rank - 1], sorted[sorted.length - rank]];
  return lower === undefined || upper === undefined ? null : { lower, upper };
}

/** The largest l (1..n/2) whose tail is at most 0.025; 0 where there is none. Sums in logarithms, as 2^-n underflows. */
function lowerRank(n: number): number {
  let logTerm = -n * Math.LN2;
  let tail = 0;
  let rank = 0;
  for (let successes = 0; successes < n / 2; successes += 1) {
    tail += Math.exp(logTerm);
    if (tail > 0.025) return rank;
    rank = successes + 1;
    logTerm += Math.log((n - successes) / (successes + 1));
  }
  return rank;
}
