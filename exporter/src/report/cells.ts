/** Single cells of reports: a value with its interval, its n, and a mark where n is too small. */
import { QUANTILES, type Balance, type Estimate, type HitRate, type QuantileName } from '../model/comparison';
import type { BalanceResource, TargetSummary } from '../model/comparison';
import { minimumSamples } from '../stats/enough';
import { bareMilliseconds, count, DASH, milliseconds, percent } from './format';

export const TOO_SMALL = '(n too small)';

export const isTooSmall = (name: QuantileName, n: number) => n < minimumSamples(QUANTILES[name]);

/** `272 ms (240–310), n = 440`, with `(n too small)` where the percentile has no support. */
export function estimateCell(name: QuantileName, estimate: Estimate | null): string {
  if (estimate === null) return DASH;
  const mark = isTooSmall(name, estimate.n) ? ` ${TOO_SMALL}` : '';
  return `${shortEstimate(estimate)}, n = ${count(estimate.n)}${mark}`;
}

/** `272 ms (240–310)` */
export const shortEstimate = ({ estimate, lower, upper }: Estimate) =>
  `${milliseconds(estimate)} (${bareMilliseconds(lower)}–${bareMilliseconds(upper)})`;

/** `88.0 % of probes, 87.5 % measured (prefix_cache_hits); expected 61.2 % random, 89.3 % sticky` */
export function hitRateCell(rate: HitRate | null): string {
  return rate === null ? DASH : `${percent(rate.from_probes ?? rate.measured, 1)}`;
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

/** The first resource that is known: GPU activity, else running requests, else tokens. */
export function balanceSummary(target: TargetSummary): string {
  const resource = BALANCE_ORDER.find((one) => target.balance[one] !== null);
  return resource === undefined
    ? DASH
    : `${balanceCell(target.balance[resource])} (${BALANCE_WORDS[resource]})`;
}

/** `440 ok, 2 timeout`; a dash without any request. */
export function outcomesCell(target: TargetSummary): string {
  const entries = Object.entries(target.outcomes).sort(
    ([left], [right]) => Number(right === 'ok') - Number(left === 'ok'),
  );
  return entries.length === 0 ? DASH : entries.map(([outcome, n]) => `${count(n)} ${outcome}`).join(', ');
}
