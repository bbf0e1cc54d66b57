/**
 * Does TTFT grow through the window? Then the offered load exceeds the capacity, and a ratio of two targets depends on how
 * long one waited before measuring.
 *
 * Mann-Kendall test on the medians of equal-count slices of time, with the Theil-Sen slope as the size of the effect. Slices,
 * because neighbouring requests share the same queue and are not independent. Each value is first divided by the median of
 * its turn number: prompts grow with the turn, so a run whose conversations march in step would look like growth.
 */
import { mean, median } from './quantile';

/** One answered request. */
export interface TimedValue {
  /** When it was sent; any unit, any origin. */
  at: number;
  turn: number;
  /** Any unit, positive. */
  value: number;
}

export interface Trend {
  /** Fitted level at the end of the window / at its start. */
  growth: number;
  /** Mann-Kendall's normal deviate. */
  z: number;
  /** Whether the growth is both beyond chance and large enough to matter. */
  grows: boolean;
}

/** A turn number with fewer values than this has no median worth dividing by. */
const LEAST_PER_TURN = 5;
const SLICES = 20;
const LEAST_PER_SLICE = 5;
/** Of 20 independent slices, one window in about 700 exceeds this by chance. */
const Z_LIMIT = 3;
/** A rise of less than this much is left to ordinary fluctuation. */
const GROWTH_LIMIT = 1.5;

/** Null where there are too few values to tell. */
export function ttftTrend(values: readonly TimedValue[]): Trend | null {
  const normal = dividedByTurnMedian(values).sort(
    (left, right) => left.at - right.at || left.value - right.value,
  );
  if (normal.length < SLICES * LEAST_PER_SLICE) return null;
  const slices = Array.from({ length: SLICES }, (_, slice) => {
    const part = normal.slice(
      Math.floor((slice * normal.length) / SLICES),
      Math.floor(((slice + 1) * normal.length) / SLICES),
    );
    return { at: mean(part.map((one) => one.at)) ?? 0, level: median(part.map((one) => one.value)) ?? 0 };
  });
  const { slope, z } = mannKendall(slices);
  const span = (slices.at(-1)?.at ?? 0) - (slices[0]?.at ?? 0);
  const middle = median(slices.map((slice) => slice.level)) ?? 0;
  const start = middle - (slope * span) / 2;
  // A line steep enough to start at or below zero has grown beyond any limit that matters.
  const growth = start > 0 ? (start + slope * span) / start : slope > 0 ? Infinity : 1;
  return { growth, z, grows: z >= Z_LIMIT && growth >= GROWTH_LIMIT };
}

function dividedByTurnMedian(values: readonly TimedValue[]): { at: number; value: number }[] {
  const byTurn = new Map<number, TimedValue[]>();
  for (const one of values) {
    const same = byTurn.get(one.turn);
    if (same === undefined) byTurn.set(one.turn, [one]);
    else same.push(one);
  }
  return [...byTurn.values()].flatMap((same) => {
    const middle = median(same.map((one) => one.value)) ?? 0;
    if (same.length < LEAST_PER_TURN || middle <= 0) return [];
    return same.map((one) => ({ at: one.at, value: one.value / middle }));
  });
}

/** Theil-Sen slope (median of pairwise slopes) and Mann-Kendall's z with continuity correction. */
function mannKendall(points: readonly { at: number; level: number }[]): { slope: number; z: number } {
  const slopes: number[] = [];
  let sum = 0;
  points.forEach((later, index) => {
    for (const earlier of points.slice(0, index)) {
      sum += Math.sign(later.level - earlier.level);
      if (later.at > earlier.at) slopes.push((later.level - earlier.level) / (later.at - earlier.at));
    }
  });
  const n = points.length;
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return {
    slope: median(slopes) ?? 0,
    z: sum === 0 ? 0 : (sum - Math.sign(sum)) / deviation,
  };
}
