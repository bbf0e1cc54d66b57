import type { WorkloadConfig } from '../model/config';
import { offeredRate, type Level } from './stage';

/** What a workload offers to each target, in words. */
export function offeredText(workload: WorkloadConfig, level: Level | null = null): string {
  const { think_time: think, concurrency } = workload;
  const rate = offeredRate(workload);
  if (rate !== null) return `${short(rate)} req/s (open loop, at most ${concurrency} conversations at once)`;
  const pause = `pause ${short(think.min_seconds)}–${short(think.max_seconds)} s`;
  if (level?.unit === 'qps') return `${short(level.level)} req/s at most (${concurrency} users, ${pause})`;
  return `${concurrency} at a time (closed loop, ${pause})`;
}

const short = (value: number) => String(Number(value.toPrecision(3)));
