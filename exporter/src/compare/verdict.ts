/** Ratios and their verdicts, and the list of what got worse. */
import {
  QUANTILE_NAMES,
  QUANTILES,
  type LatencyMetric,
  type PairComparison,
  type RatioEstimate,
  type Verdict,
} from '../model/comparison';
import type { Arm, ClusteredSeries, Interval } from '../stats/bootstrap';
import { minimumSamples } from '../stats/enough';
import { quantile } from '../stats/quantile';
import { SERIES_KEYS } from './latency';
import { failedShare, type TargetFindings } from './target-summary';
import { THRESHOLDS } from './thresholds';

export interface VerdictRules {
  min_effect: number;
  /** A blocking caveat holds. */
  blocked: boolean;
  /** `faster` (`slower`) would reward the candidate (the baseline) for failing more often. */
  no_claim: 'faster' | 'slower' | null;
  /** Metrics that mean different things on the two sides. */
  unlike: readonly LatencyMetric[];
}

/**
 * Which claim the failures forbid. A target that fails or sheds more requests looks quick in those that it answers, so a gap
 * of more than two points takes the claim away from the side that fails more; it does not excuse that side where it is slow.
 */
export function forbiddenClaim(
  baseline: TargetFindings,
  candidate: TargetFindings,
): VerdictRules['no_claim'] {
  const gap = (failedShare(candidate.summary) ?? 0) - (failedShare(baseline.summary) ?? 0);
  if (Math.abs(gap) <= THRESHOLDS.error_rate_differs) return null;
  return gap > 0 ? 'faster' : 'slower';
}

/** All ratios of a pair, one per metric, class and quantile; `intervals` has one row per series of the arms. */
export function ratioEstimates(
  baseline: Arm,
  candidate: Arm,
  intervals: readonly (readonly (Interval | null)[])[],
  rules: VerdictRules,
): RatioEstimate[] {
  const clusters = Math.min(baseline.clusters, candidate.clusters);
  return SERIES_KEYS.flatMap(({ metric, turn }, row) => {
    const [below, above] = [baseline.series[row], candidate.series[row]];
    if (below === undefined || above === undefined) return [];
    return QUANTILE_NAMES.map((name, column) => {
      const interval = intervals[row]?.[column] ?? null;
      const estimate = quantileRatio(below, above, QUANTILES[name]);
      const enough =
        clusters >= THRESHOLDS.least_clusters &&
        Math.min(below.values.length, above.values.length) >= minimumSamples(QUANTILES[name]);
      const blocked = rules.blocked || rules.unlike.includes(metric);
      const verdict = verdictOf(estimate, interval, enough, { ...rules, blocked });
      return {
        metric,
        turn,
        quantile: name,
        estimate,
        lower: estimate === null ? null : (interval?.lower ?? null),
        upper: estimate === null ? null : (interval?.upper ?? null),
        verdict,
      };
    });
  });
}

/** Null where a side has no value, or where the baseline's is zero (a gap of 0 ms between chunks). */
function quantileRatio(baseline: ClusteredSeries, candidate: ClusteredSeries, q: number): number | null {
  const [below, above] = [quantile(baseline.values, q), quantile(candidate.values, q)];
  return below === null || above === null || below <= 0 ? null : above / below;
}

/** `faster` and `slower` need the whole interval beyond 1 -+ min_effect. */
export function verdictOf(
  estimate: number | null,
  interval: Interval | null,
  enough: boolean,
  rules: Omit<VerdictRules, 'unlike'>,
): Verdict {
  if (rules.blocked) return 'not_comparable';
  if (!enough) return 'too_few';
  if (estimate === null || interval === null) return 'not_comparable';
  const claim =
    interval.upper < 1 - rules.min_effect
      ? 'faster'
      : interval.lower > 1 + rules.min_effect
        ? 'slower'
        : 'no_difference_shown';
  return claim === rules.no_claim ? 'not_comparable' : claim;
}

type Worse = PairComparison['worse'][number];

/**
 * Everything in which the candidate is worse: percentiles with the verdict `slower`; throughput below the baseline's by more
 * than the least effect; a greater share of failures; a lower hit rate.
 */
export function gotWorse(
  baseline: TargetFindings,
  candidate: TargetFindings,
  ratios: readonly RatioEstimate[],
  minEffect: number,
): Worse[] {
  const slower = ratios
    .filter((ratio) => ratio.verdict === 'slower')
    .map(({ metric, turn, quantile: name }): Worse => ({ metric, turn, quantile: name }));
  const [before, after] = [baseline.summary, candidate.summary];
  const whole = (metric: string, worse: boolean): Worse[] =>
    worse ? [{ metric, turn: null, quantile: null }] : [];
  const enough = Math.min(before.samples.all, after.samples.all) >= THRESHOLDS.throughput_samples;
  const less = (mine: number | null, theirs: number | null) =>
    enough && mine !== null && theirs !== null && mine < theirs * (1 - minEffect);
  const hits = [after.hit_rate?.measured ?? null, before.hit_rate?.measured ?? null] as const;
  return [
    ...slower,
    ...whole('requests_per_second', less(after.requests_per_second, before.requests_per_second)),
    ...whole(
      'output_tokens_per_second',
      less(after.output_tokens_per_second, before.output_tokens_per_second),
    ),
    ...whole('errors', (failedShare(after) ?? 0) > (failedShare(before) ?? 0)),
    ...whole(
      'hit_rate',
      hits[0] !== null && hits[1] !== null && hits[0] < hits[1] - THRESHOLDS.same_hit_rate,
    ),
  ];
}
