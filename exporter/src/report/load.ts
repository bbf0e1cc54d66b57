/** What a run offered to a target, what the target took, and whether it kept up. */
import type { TargetSummary } from '../model/comparison';
import type { TimedRecord } from '../model/record';
import { quantile, sortedFinite } from '../stats/quantile';
import { ttftTrend, type Trend } from '../stats/saturation';
import { count, DASH, milliseconds } from './format';

export interface LoadFacts {
  /** In words: an open loop's rate, or a closed loop's workers. */
  offered: string;
  /** How much later than intended requests went out; null without any. */
  send_lag_p99_seconds: number | null;
  /** Conversations that ended before their last turn. */
  cut_short: number;
  /** Conversations that did not start, as the target was down, or slower than the schedule. */
  skipped_down: number;
  skipped_saturated: number;
  /** Conversations that were still to come when an absent target was given up. */
  given_up: number;
  /** Null where there are too few requests to tell; undefined where the run is a ladder of loads, along which it is to grow. */
  trend: Trend | null | undefined;
}

export function loadOf(
  records: readonly TimedRecord[],
  facts: Omit<LoadFacts, 'send_lag_p99_seconds' | 'trend'>,
): LoadFacts {
  const counted = records.filter(({ warmup }) => warmup !== true);
  const lags = sortedFinite(
    counted.map(({ sent_ms, intended_ms }) => Math.max(0, sent_ms - intended_ms) / 1000),
  );
  const values = counted.flatMap(({ outcome, ttft_ms, sent_at, turn }) =>
    outcome === 'ok' && ttft_ms !== null ? [{ at: sent_at, turn, value: ttft_ms }] : [],
  );
  return { ...facts, send_lag_p99_seconds: quantile(lags, 0.99), trend: ttftTrend(values) };
}

export function achievedCell({ requests_per_second, output_tokens_per_second }: TargetSummary): string {
  if (requests_per_second === null) return DASH;
  const tokens = output_tokens_per_second === null ? '' : `, ${output_tokens_per_second.toFixed(1)} tok/s`;
  return `${requests_per_second.toFixed(2)} req/s${tokens}`;
}

export function keptUpCell(load: LoadFacts): string {
  const parts = [
    load.cut_short > 0 ? `${count(load.cut_short)} conversations cut short` : '',
    load.skipped_down > 0 ? `${count(load.skipped_down)} not started (down)` : '',
    load.given_up > 0 ? `${count(load.given_up)} given up (down)` : '',
    load.skipped_saturated > 0 ? `${count(load.skipped_saturated)} not started (target too slow)` : '',
  ].filter(Boolean);
  return parts.length === 0 ? 'all conversations played' : parts.join(', ');
}

export const lagCell = ({ send_lag_p99_seconds: lag }: LoadFacts): string => milliseconds(lag);

export function saturationCell({ trend }: LoadFacts): string {
  if (trend === undefined) return 'see the load levels';
  if (trend === null) return 'too few requests to tell';
  if (!trend.grows) return 'no: TTFT does not grow through the run';
  const times = Number.isFinite(trend.growth) ? `${trend.growth.toFixed(1)}-fold` : 'many-fold';
  return `target saturated: TTFT grew ${times} through the run`;
}
