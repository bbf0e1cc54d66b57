/** What a comparison comes to, in one sentence. */
import {
  QUANTILES,
  type Comparison,
  type Estimate,
  type PairComparison,
  type QuantileName,
  type RatioEstimate,
  type TargetSummary,
} from '../model/comparison';
import { blocks } from '../model/caveat';
import type { TurnClass } from '../model/record';
import { minimumSamples } from '../stats/enough';
import { count, milliseconds, percent, ratio } from './format';

/** The percentiles that may stand for a comparison, best first. */
const HEADLINE_QUANTILES: readonly QuantileName[] = ['p95', 'p90', 'p50'];

export const TURN_WORDS: Record<TurnClass, string> = {
  first: 'first turns',
  later: 'later turns',
  all: 'all turns',
};

export const targetOf = (comparison: Comparison, name: string): TargetSummary | undefined =>
  comparison.targets.find((target) => target.name === name);

/**
 * The ratio that a headline speaks of: TTFT of later turns (first turns, in a workload of single turns; all, where turns are
 * not known), P95 where it has enough requests, else the next lower percentile that has.
 */
export function headlineRatio(
  pair: PairComparison,
  baseline: TargetSummary,
  candidate: TargetSummary,
): RatioEstimate | undefined {
  const both = (turn: TurnClass) => baseline.samples[turn] > 0 && candidate.samples[turn] > 0;
  const turn = both('later') ? 'later' : both('first') ? 'first' : 'all';
  const ttft = pair.ratios.filter((one) => one.metric === 'ttft' && one.turn === turn);
  const inOrder = HEADLINE_QUANTILES.flatMap((name) => ttft.find((one) => one.quantile === name) ?? []);
  return inOrder.find((one) => one.verdict !== 'too_few') ?? inOrder[0];
}

/**
 * `llm-d answers sooner: P95 TTFT of later turns 272 ms vs 745 ms, 64 % less (55–70 %), n = 440 + 440`, or why nothing can be
 * said. Without a full stop.
 */
export function verdictSentence(comparison: Comparison, pair: PairComparison): string {
  const baseline = targetOf(comparison, pair.baseline);
  const candidate = targetOf(comparison, pair.candidate);
  if (baseline === undefined || candidate === undefined) return 'Nothing to compare: a target is missing';
  const silent = [baseline, candidate].filter((target) => target.samples.all === 0);
  if (silent.length > 0) {
    const reasons = silent.map(({ name, up }) =>
      up ? `${name} has answered no request` : `${name} is down`,
    );
    return `Nothing to compare: ${reasons.join(', ')}`;
  }
  const headline = headlineRatio(pair, baseline, candidate);
  if (headline === undefined) return 'Nothing to compare: no TTFT was measured';
  return sentence(headline, pair, baseline, candidate);
}

function sentence(
  headline: RatioEstimate,
  pair: PairComparison,
  baseline: TargetSummary,
  candidate: TargetSummary,
): string {
  const { turn, quantile, verdict } = headline;
  const [before, after] = [baseline.ttft_seconds[turn][quantile], candidate.ttft_seconds[turn][quantile]];
  const what = `${quantile.toUpperCase()} TTFT of ${TURN_WORDS[turn]}`;
  const n = `n = ${count(after?.n ?? 0)} + ${count(before?.n ?? 0)}`;
  const both = `${milliseconds(after?.estimate ?? null)} vs ${milliseconds(before?.estimate ?? null)}`;
  const values = `${what} ${both}`;
  // The ratio is of requests that both answered. Where one side is further on, those of all its requests may say otherwise.
  const told = agrees(headline, before?.estimate ?? null, after?.estimate ?? null)
    ? `${values}, ${change(headline)}`
    : `${what} ${change(headline)} over the requests that both answered; over all of them ${both}`;
  switch (verdict) {
    case 'faster':
      return `${candidate.name} answers sooner: ${told}, ${n}`;
    case 'slower':
      return `${candidate.name} answers later: ${told}, ${n}`;
    case 'no_difference_shown':
      return `No difference shown: ${values}, ratio ${ratio(headline.estimate)} (${ratio(headline.lower)}–${ratio(headline.upper)}), ${n}`;
    case 'too_few':
      return `Too few requests for a verdict: ${what} needs ${minimumSamples(QUANTILES[quantile])} matched requests per target, ${n} in ${count(pair.conversations)} conversations`;
    case 'not_comparable':
      return `Not comparable: ${whyNot(pair, headline, silentOn(before, after, baseline, candidate))}; ${values}, ${n}`;
  }
}

/** Whether the ratio of two percentiles lies within the interval of the ratio of matched requests. */
function agrees({ lower, upper }: RatioEstimate, before: number | null, after: number | null): boolean {
  if (before === null || after === null || before <= 0 || lower === null || upper === null) return true;
  return after / before >= lower && after / before <= upper;
}

/** `64 % less (55–70 %)`, from a ratio and its interval. */
function change({ estimate, lower, upper }: RatioEstimate): string {
  if (estimate === null || lower === null || upper === null) return 'by an unknown factor';
  const sign = estimate < 1 ? -1 : 1;
  const [from, to] = [lower, upper].map((end) => sign * (end - 1)).sort((left, right) => left - right);
  const ends = `${Math.round((from ?? 0) * 100)}–${percent(to ?? 0)}`;
  return `${percent(Math.abs(estimate - 1))} ${sign < 0 ? 'less' : 'more'} (${ends})`;
}

/** The target without a value, where one has none. */
const silentOn = (
  before: Estimate | null,
  after: Estimate | null,
  baseline: TargetSummary,
  candidate: TargetSummary,
): string | null => (before === null ? baseline.name : after === null ? candidate.name : null);

/** @param silent the target that has no such value. */
function whyNot(pair: PairComparison, { metric }: RatioEstimate, silent: string | null): string {
  const unlike = (text: string) =>
    text.includes(`${metric.toUpperCase()}:`) && text.includes('not comparable');
  const cause =
    pair.caveats.find(({ reason }) => blocks(reason)) ??
    pair.caveats.find(({ reason }) => reason === 'error_rate_differs') ??
    pair.caveats.find(({ reason, text }) => reason === 'definitions_differ' && unlike(text));
  if (cause === undefined)
    return silent === null ? 'the baseline value is zero' : `${silent} has no such value`;
  // The sentence goes on here; names keep their letters.
  return cause.target !== null || /^[A-Z]{2}/.test(cause.text)
    ? cause.text
    : cause.text.charAt(0).toLowerCase() + cause.text.slice(1);
}
