/** Caveats about load: was the measuring process late, was a target driven beyond its capacity? */
import { milliseconds, percent } from '../report/format';
import { ttftTrend } from '../stats/saturation';
import { latencySeconds } from './latency';
import { aboutPair, eachTarget, nameOf, type PairContext } from './rule';
import { THRESHOLDS } from './thresholds';

/** What is said when `delay` is more than `limit` of the quicker side's TTFT P50; null where it is not, or not known. */
function lateness({ baseline, candidate }: PairContext, delay: number | null, name: string, limit: number) {
  const sides = [baseline, candidate].flatMap((side) => {
    const p50 = side.summary.ttft_seconds.all.p50?.estimate ?? null;
    return p50 === null ? [] : [{ name: nameOf(side), p50 }];
  });
  const quickest = sides.sort((left, right) => left.p50 - right.p50)[0];
  if (delay === null || quickest === undefined || delay <= limit * quickest.p50) return null;
  return `its event-loop delay ${name} ${milliseconds(delay)} is more than ${percent(limit)} of ${quickest.name}'s TTFT P50 ${milliseconds(quickest.p50)}`;
}

export const clientSaturatedRule = aboutPair((context) => {
  const delay = context.client.event_loop_delay_p99_seconds;
  const late = lateness(context, delay, 'P99', THRESHOLDS.client_saturated);
  return late === null ? null : `The measuring process itself was late: ${late}`;
});

export const clientOverloadedRule = aboutPair((context) => {
  const delay = context.client.event_loop_delay_p50_seconds;
  const late = lateness(context, delay, 'P50', THRESHOLDS.client_overloaded);
  return late === null ? null : `The measuring process was late for most of what it measured: ${late}`;
});

export const targetSaturatedRule = eachTarget((side) => {
  if (side.input.imported?.pooled === true) return null;
  const values = side.records.flatMap((record) => {
    const value = latencySeconds(record, 'ttft');
    return value === null ? [] : [{ at: record.sent_at, turn: record.turn, value }];
  });
  const trend = ttftTrend(values);
  if (trend === null || !trend.grows) return null;
  const growth = Number.isFinite(trend.growth) ? `${trend.growth.toFixed(1)}-fold` : 'many-fold';
  return `The TTFT of ${nameOf(side)} grew ${growth} through the window: the load exceeds its capacity, and the ratio depends on how long one measures`;
});
