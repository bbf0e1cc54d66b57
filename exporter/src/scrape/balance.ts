import type { Balance } from '../model/comparison';

/**
 * How evenly work lies on the replicas of a target: coefficient of variation (population) and largest / mean.
 * `work` holds one non-negative number per replica, idle ones as 0. Null for fewer than two replicas, and where none has
 * any work (0/0 is neither even nor uneven).
 */
export function balance(work: readonly number[]): Balance | null {
  if (work.length < 2 || !work.every(Number.isFinite)) return null;
  const mean = work.reduce((sum, value) => sum + value, 0) / work.length;
  if (mean <= 0) return null;
  const variance = work.reduce((sum, value) => sum + (value - mean) ** 2, 0) / work.length;
  const largest = work.reduce((max, value) => Math.max(max, value), 0);
  return { cv: Math.sqrt(variance) / mean, max_to_mean: largest / mean };
}
