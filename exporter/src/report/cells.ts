/** Single cells of reports: a value with its interval, its n, and a mark where n is too small. */
import {
  QUANTILES,
  type Balance,
  type BalanceResource,
  type Caveat,
  type Estimate,
  type HitRate,
  type PairComparison,
  type QuantileName,
  type RatioEstimate,
  type TargetSummary,
} from '../model/comparison';
import { blocks } from '../model/caveat';
import { minimumSamples } from '../stats/enough';
import { bareMilliseconds, count, DASH, milliseconds, percent, ratio } from './format';

export const TOO_SMALL = '(n too small)';

export const isTooSmall = (name: QuantileName, n: number) => n < minimumSamples(QUANTILES[name]);

/** `272 ms (240–310), n = 440`, with `(n too small)` where the percentile has no support. */
export function estimateCell(name: QuantileName, estimate: Estimate | null): string {
  if (estimate === null) return DASH;
  const mark = isTooSmall(name, estimate.n) ? ` ${TOO_SMALL}` : '';
  return `${shortEstimate(estimate)}, n = ${count(estimate.n)}${mark}`;
}

/** `272 ms (240–310)`; the value alone where it has no interval. */
export const shortEstimate = ({ estimate, lower, upper }: Estimate) =>
  lower === null || upper === null
    ? milliseconds(estimate)
    : `${milliseconds(estimate)} (${bareMilliseconds(lower)}–${bareMilliseconds(upper)})`;

/** `0.36 (0.30–0.45)`; the ratio alone where it has no interval. */
export const ratioCell = ({ estimate, lower, upper }: Pick<RatioEstimate, 'estimate' | 'lower' | 'upper'>) =>
  estimate === null || lower === null || upper === null
    ? ratio(estimate)
    : `${ratio(estimate)} (${ratio(lower)}–${ratio(upper)})`;

/** The probes' own hit rate, as the expectation is of their schedule; else the fleet's. */
export function hitRateCell(rate: HitRate | null): string {
  return percent(rate?.from_probes ?? rate?.measured ?? null, 1);
}

export function boundsCell(rate: HitRate | null): string {
  if (rate === null || rate.expected_random === null || rate.expected_sticky === null) return DASH;
  return `random ${percent(rate.expected_random, 1)}, sticky ${percent(rate.expected_sticky, 1)}`;
}

export const BALANCE_ORDER: readonly BalanceResource[] = ['gpu', 'running', 'tokens'];

export const BALANCE_WORDS: Record<BalanceResource, string> = {
  gpu: 'GPU activity',
  running: 'running requests',
  tokens: 'tokens per second',
};

export const balanceCell = (balance: Balance | null) =>
  balance === null
    ? DASH
    : `variation ${balance.cv.toFixed(2)}, busiest ${balance.max_to_mean.toFixed(2)} × mean`;

const BALANCE_SHORT: Record<BalanceResource, string> = { gpu: 'GPU', running: 'running', tokens: 'tokens' };

/** `variation 0.31, 1.40 × mean (GPU)`, of the first resource that is known: GPU activity, running requests, tokens. */
export function balanceSummary({ balance }: TargetSummary): string {
  const resource = BALANCE_ORDER.find((one) => balance[one] !== null);
  const known = resource === undefined ? null : balance[resource];
  if (resource === undefined || known === null) return DASH;
  return `variation ${known.cv.toFixed(2)}, ${known.max_to_mean.toFixed(2)} × mean (${BALANCE_SHORT[resource]})`;
}

/** `440 ok, 2 timeout`; a dash without any request. */
export function outcomesCell(target: TargetSummary): string {
  const missing = target.requests_missing ?? 0;
  const outcomes = missing > 0 ? { ...target.outcomes, missing } : target.outcomes;
  const entries = Object.entries(outcomes).sort(
    ([left], [right]) => Number(right === 'ok') - Number(left === 'ok'),
  );
  return entries.length === 0 ? DASH : entries.map(([outcome, n]) => `${count(n)} ${outcome}`).join(', ');
}

/** Why a pair has no verdict at all; none where one was given, whatever was found at a single load level. */
export const blockingCaveat = ({ caveats, ratios }: PairComparison): Caveat | undefined =>
  ratios.some(({ verdict }) => verdict !== 'not_comparable')
    ? undefined
    : caveats.find(({ reason }) => blocks(reason));
