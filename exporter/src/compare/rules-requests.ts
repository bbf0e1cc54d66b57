/** Caveats about the requests themselves: are both sides answering the same questions, and do they answer at all? */
import type { TimedRecord } from '../model/record';
import { count, percent, plural, points } from '../report/format';
import { mean } from '../stats/quantile';
import type { ImportedFacts } from './input';
import { missingRequests } from './missing';
import type { Matched } from './pairing';
import { aboutPair, eachTarget, nameOf, type PairContext } from './rule';
import { failedCount, failedShare, requestCount, type TargetFindings } from './target-summary';
import { THRESHOLDS } from './thresholds';

export const requestsMissingRule = eachTarget((side, other) => {
  const workload = side.input.imported?.workload ?? null;
  if (workload !== null) return missingOfWorkload(side, workload);
  const missing = missingRequests(side.records, other.records) + (side.input.requests_missing ?? 0);
  const whole = missing + side.records.length;
  if (missing <= THRESHOLDS.requests_missing * whole) return null;
  return `${nameOf(side)} lacks ${count(missing)} of ${plural(whole, 'request')} (${percent(missing / whole, 1)})`;
});

/** Of a result whose workload is known; the prompts that are left tell whether it lost the easy or the hard ones. */
function missingOfWorkload(
  { records, summary }: TargetFindings,
  { requests, mean_prompt_tokens: whole }: NonNullable<ImportedFacts['workload']>,
): string | null {
  if ((summary.requests_missing ?? 0) <= THRESHOLDS.requests_missing * requests) return null;
  const left = mean(records.flatMap((record) => record.prompt_tokens ?? []));
  const prompts =
    left === null || whole === null
      ? ''
      : `, mean prompt ${count(left)} against ${plural(Math.round(whole), 'token')}`;
  return `requests missing (${count(records.length)} of ${count(requests)}${prompts})`;
}

type TokenField = 'prompt_tokens' | 'completion_tokens';

function bothTell(pairs: Matched['common'], field: TokenField): (readonly [number, number])[] {
  const told: (readonly [number, number])[] = [];
  for (const [left, right] of pairs) {
    const [before, after] = [left[field], right[field]];
    if (before !== null && after !== null) told.push([before, after]);
  }
  return told;
}

function totals(pairs: readonly (readonly [number, number])[]): {
  before: number;
  after: number;
  difference: number;
} {
  const before = pairs.reduce((sum, pair) => sum + pair[0], 0);
  const after = pairs.reduce((sum, pair) => sum + pair[1], 0);
  const larger = Math.max(before, after);
  return { before, after, difference: larger === 0 ? 0 : Math.abs(before - after) / larger };
}

/**
 * First prompts are the same text on both sides, so their lengths must agree one by one; later prompts hold the true answers,
 * so only their total must. A single token is let pass: short prompts would else differ by per cents.
 */
export const promptsDifferRule = aboutPair((context) => {
  const { common } = context.matched;
  if (context.matched.method === 'unpaired') return promptsOfResults(context);
  const first = bothTell(
    common.filter(([left]) => left.turn === 1),
    'prompt_tokens',
  );
  const unlike = first.filter(
    ([before, after]) =>
      Math.abs(before - after) > Math.max(1, THRESHOLDS.prompts_differ * Math.max(before, after)),
  );
  if (unlike.length > THRESHOLDS.prompts_differ * first.length) {
    return `${count(unlike.length)} of ${count(first.length)} common first prompts differ in length by more than 2 %`;
  }
  const { before, after, difference } = totals(bothTell(common, 'prompt_tokens'));
  if (difference <= THRESHOLDS.prompts_differ) return null;
  const [baseline, candidate] = [nameOf(context.baseline), nameOf(context.candidate)];
  return `The prompts of the common requests differ: ${baseline} ${count(before)} tokens, ${candidate} ${count(after)} tokens (${percent(difference, 1)})`;
});

/**
 * Of results whose requests nobody can match: their prompts must be as long on average, within three standard errors, as
 * each side may have drawn its own. A window of our own measuring is unpaired only while it is too short to tell.
 */
function promptsOfResults({ baseline, candidate, matched }: PairContext): string | null {
  if (baseline.input.imported === undefined || candidate.input.imported === undefined) return null;
  const [before, after] = [matched.baseline, matched.candidate].map((records) =>
    meanWithError(records.flatMap((record) => record.prompt_tokens ?? [])),
  );
  if (!before || !after) return null;
  const { difference } = totals([[before.mean, after.mean]]);
  const chance = 3 * Math.hypot(before.error, after.error);
  if (difference <= THRESHOLDS.prompts_differ || Math.abs(before.mean - after.mean) <= chance) return null;
  return `The prompts differ in length: ${nameOf(baseline)} ${average(before.mean)} tokens on average, ${nameOf(candidate)} ${average(after.mean)} (${percent(difference, 1)})`;
}

const average = (tokens: number) => (tokens >= 1000 ? count(Math.round(tokens)) : tokens.toFixed(1));

/** A mean and its standard error; null for fewer than two values. */
function meanWithError(values: readonly number[]): { mean: number; error: number } | null {
  const middle = mean(values);
  if (middle === null || values.length < 2) return null;
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return { mean: middle, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** Over common requests where there are any; else the mean per request, as the number of requests may differ. */
export const outputTokensRule = aboutPair((context) => {
  const common = bothTell(context.matched.common, 'completion_tokens');
  const [baseline, candidate] = [nameOf(context.baseline), nameOf(context.candidate)];
  if (context.matched.method === 'paired') {
    const { before, after, difference } = totals(common);
    if (difference <= THRESHOLDS.output_tokens_differ) return null;
    return `The answers to the common requests differ in length: ${baseline} ${count(before)} tokens, ${candidate} ${count(after)} tokens (${percent(difference, 1)})`;
  }
  const [before, after] = [
    meanCompletion(context.matched.baseline),
    meanCompletion(context.matched.candidate),
  ];
  if (before === null || after === null) return null;
  const { difference } = totals([[before, after]]);
  if (difference <= THRESHOLDS.output_tokens_differ) return null;
  return `The answers differ in length: ${baseline} ${average(before)} tokens on average, ${candidate} ${average(after)} (${percent(difference, 1)})`;
});

function meanCompletion(records: readonly TimedRecord[]): number | null {
  const told = records.flatMap((record) => record.completion_tokens ?? []);
  return told.length === 0 ? null : told.reduce((sum, tokens) => sum + tokens, 0) / told.length;
}

const SHED = ['http_429', 'http_503'] as const;

const shedCount = (side: TargetFindings) =>
  SHED.reduce((sum, outcome) => sum + (side.summary.outcomes[outcome] ?? 0), 0);

export const errorsRule = eachTarget((side) => {
  const others = Object.entries(side.summary.outcomes).filter(
    ([outcome]) => outcome !== 'ok' && !SHED.some((shed) => shed === outcome),
  );
  const failed = others.reduce((sum, [, n]) => sum + n, 0);
  if (failed === 0) return null;
  const kinds = others.map(([outcome, n]) => `${count(n)} ${outcome}`).join(', ');
  return `${nameOf(side)}: ${count(failed)} of ${plural(requestCount(side.summary), 'request')} failed (${kinds})`;
});

export const shedLoadRule = eachTarget((side) => {
  const shed = shedCount(side);
  if (shed === 0) return null;
  const requests = requestCount(side.summary);
  return `${nameOf(side)} refused ${count(shed)} of ${plural(requests, 'request')} with 429 or 503 (${percent(shed / requests, 1)})`;
});

export const errorRateRule = aboutPair(({ baseline, candidate }) => {
  const [before, after] = [failedShare(baseline.summary), failedShare(candidate.summary)];
  if (before === null || after === null || Math.abs(after - before) <= THRESHOLDS.error_rate_differs)
    return null;
  const worse = after > before ? candidate : baseline;
  const said = [baseline, candidate].map(
    (side) =>
      `${nameOf(side)} ${percent(failedShare(side.summary), 1)} (${count(failedCount(side.summary))} of ${count(requestCount(side.summary))})`,
  );
  return `The shares of failed requests differ by ${points(after - before)}: ${said.join(', ')}; ${nameOf(worse)} is not called faster`;
});

const haveBoth = ({ baseline, candidate }: PairContext) =>
  baseline.summary.samples.all > 0 && candidate.summary.samples.all > 0;

function whyUnpaired({ baseline, candidate, matched: { clusters } }: PairContext): string {
  const imported = baseline.input.imported !== undefined || candidate.input.imported !== undefined;
  const fewest = Math.min(clusters.baseline.length, clusters.candidate.length);
  const why =
    imported && fewest >= 2
      ? 'The results do not tell which of their requests are the same'
      : 'Fewer than two conversations were answered on both targets';
  return `${why}: intervals are unpaired and wider`;
}

export const unpairedRule = aboutPair((context) =>
  context.matched.method === 'unpaired' && haveBoth(context) ? whyUnpaired(context) : null,
);

export const fewConversationsRule = aboutPair((context) => {
  const { clusters, method } = context.matched;
  const fewest = Math.min(clusters.baseline.length, clusters.candidate.length);
  if (!haveBoth(context) || fewest >= THRESHOLDS.few_conversations) return null;
  const what = plural(fewest, method === 'paired' ? 'common conversation' : 'conversation');
  return `The intervals rest on ${what}, fewer than ${THRESHOLDS.few_conversations}: they are rough`;
});
