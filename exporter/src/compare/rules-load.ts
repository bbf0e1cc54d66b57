/** Caveats about load: was the measuring process late, was a target driven beyond its capacity? */
import { milliseconds, percent } from '../report/format';
import { ttftTrend } from '../stats/saturation';
import { latencySeconds } from './latency';
import { aboutPair, eachTarget, nameOf, type PairContext } from './rule';
import { THRESHOLDS } from './thresholds';

/** Delay of the measuring event loop beside the quicker side's TTFT P50; null where either is not known. */
function lateness({ baseline, candidate, client }: PairContext) {
  const delay = client.event_loop_delay_p99_seconds;
  const sides = [baseline, candidate].flatMap((side) => {
    const p50 = side.summary.ttft_seconds.all.p50?.estimate ?? null;
    return p50 === null ? [] : [{ name: nameOf(side), p50 }];
  });
  const quickest = sides.sort((left, right) => left.p50 - right.p50)[0];
  if (delay === null || quickest === undefined) return null;
  const words = (limit: number) =>
    `its event-loop delay P99 ${milliseconds(delay)} is more than ${percent(limit)} of ${quickest.name}'s TTFT P50 ${milliseconds(quickest.p50)}`;
  return { share: delay / quickest.p50, words };
}

export const clientSaturatedRule = aboutPair((context) => {
  const late = lateness(context);
  if (late === null || late.share <= THRESHOLDS.client_saturated) return null;
  if (late.share > THRESHOLDS.client_overloaded) return null;
  return `The measuring process itself was late: ${late.words(THRESHOLDS.client_saturated)}`;
});

export const clientOverloadedRule = aboutPair((context) => {
  const late = lateness(context);
  if (late === null || late.share <= THRESHOLDS.client_overloaded) return null;
  return `The measuring process was too late to measure anything: ${late.words(THRESHOLDS.client_overloaded)}`;
});

export const targetSaturatedRule = eachTarget((side) => {
  const values = side.records.flatMap((record) => {
    const value = latencySeconds(record, 'ttft');
    return value === null ? [] : [{ at: record.sent_at, turn: record.turn, value }];
  });
  const trend = ttftTrend(values);
  if (trend === null || !trend.grows) return null;
  const growth = Number.isFinite(trend.growth) ? `${trend.growth.toFixed(1)}-fold` : 'without bound';
  return `The TTFT of ${nameOf(side)} grew ${growth} through the window: the load exceeds its capacity, and the ratio depends on how long one measures`;
});
