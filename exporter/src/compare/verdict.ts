/** Ratios and their verdicts, and the list of what got worse. */
import {
  QUANTILE_NAMES,
  QUANTILES,
  type GenerationRatio,
  type LatencyMetric,
  type PairComparison,
  type RatioEstimate,
  type Verdict,
} from '../model/comparison';
import type { Arm, Interval } from '../stats/bootstrap';
import { minimumSamples } from '../stats/enough';
import { quantile } from '../stats/quantile';
import type { ClusteredSeries } from '../stats/resampled-quantiles';
import type { SeriesKey, SeriesMetric } from './latency';
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
  baseline: Pick<TargetFindings, 'summary'>,
  candidate: Pick<TargetFindings, 'summary'>,
): VerdictRules['no_claim'] {
  const gap = (failedShare(candidate.summary) ?? 0) - (failedShare(baseline.summary) ?? 0);
  if (Math.abs(gap) <= THRESHOLDS.error_rate_differs) return null;
  return gap > 0 ? 'faster' : 'slower';
}

/** A ratio of any series: of the latencies, or of what only imported results have. */
export type SeriesRatio = Omit<RatioEstimate, 'metric'> & { metric: SeriesMetric };

export const isLatencyRatio = (ratio: SeriesRatio): ratio is RatioEstimate =>
  ratio.metric !== 'generation' && ratio.metric !== 'token_rate';
export const isGenerationRatio = (ratio: SeriesRatio): ratio is SeriesRatio & GenerationRatio =>
  !isLatencyRatio(ratio);

/** All ratios of a pair, one per series of the arms (their order is that of `keys` and `intervals`) and quantile. */
export function ratioEstimates(
  baseline: Arm,
  candidate: Arm,
  intervals: readonly (readonly (Interval | null)[])[],
  keys: readonly SeriesKey[],
  rules: VerdictRules,
): SeriesRatio[] {
  const clusters = Math.min(baseline.clusters, candidate.clusters);
  return keys.flatMap(({ metric, turn }, row) => {
    const [below, above] = [baseline.series[row], candidate.series[row]];
    if (below === undefined || above === undefined) return [];
    return QUANTILE_NAMES.map((name, column) => {
      const interval = intervals[row]?.[column] ?? null;
      const estimate = quantileRatio(below, above, QUANTILES[name]);
      const enough =
        clusters >= THRESHOLDS.least_clusters &&
        Math.min(below.values.length, above.values.length) >= minimumSamples(QUANTILES[name]);
      const own = { ...rules, blocked: rules.blocked || isUnlike(metric, rules) };
      const verdict =
        metric === 'token_rate'
          ? verdictOf(estimate === null ? null : 1 / estimate, inverse(interval), enough, own)
          : verdictOf(estimate, interval, enough, own);
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

/** Generation begins with the first token: where that means different things, so does generation. */
const isUnlike = (metric: SeriesMetric, { unlike }: VerdictRules) =>
  unlike.includes(metric === 'generation' || metric === 'token_rate' ? 'ttft' : metric);

/** More tokens per second are what less time is elsewhere. */
const inverse = (interval: Interval | null): Interval | null =>
  interval === null ? null : { lower: 1 / interval.upper, upper: 1 / interval.lower };

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
  baseline: Pick<TargetFindings, 'summary'>,
  candidate: Pick<TargetFindings, 'summary'>,
  ratios: readonly SeriesRatio[],
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
