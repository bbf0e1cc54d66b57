/** Caveats about load: was the measuring process late, was a target driven beyond its capacity? */
import { milliseconds, percent } from '../report/format';
import { ttftTrend } from '../stats/saturation';
import { latencySeconds } from './latency';
import { aboutPair, eachTarget, nameOf } from './rule';
import { THRESHOLDS } from './thresholds';

export const clientSaturatedRule = aboutPair(({ baseline, candidate, client }) => {
  const delay = client.event_loop_delay_p99_seconds;
  if (delay === null) return null;
  const sides = [baseline, candidate].flatMap((side) => {
    const p50 = side.summary.ttft_seconds.all.p50?.estimate ?? null;
    return p50 === null ? [] : [{ name: nameOf(side), p50 }];
  });
  const quickest = sides.sort((left, right) => left.p50 - right.p50)[0];
  if (quickest === undefined || delay <= THRESHOLDS.client_saturated * quickest.p50) return null;
  return `The measuring process itself was late: its event-loop delay P99 ${milliseconds(delay)} is more than ${percent(THRESHOLDS.client_saturated)} of ${quickest.name}'s TTFT P50 ${milliseconds(quickest.p50)}`;
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
