import { quantile } from '../stats/quantile';

/** Error of one client at one number of streams: reported - true TTFT, in ms. */
export interface ArmResult {
  n: number;
  p50_ms: number;
  p99_ms: number;
}

export interface LevelResult {
  streams: number;
  ours: ArmResult;
  bare: ArmResult;
}

export type Judgement = 'ok' | 'too slow' | 'machine too busy to judge';

/** Ours may be this much worse than the bare client. */
export const MAX_RATIO = 1.5;

/**
 * Beyond this the bare client itself is off, so the machine is busy and the ratio says nothing about us. On a quiet
 * 2-core machine it has 0.4 ms (P50) and 2 ms (P99) at 128 streams.
 */
export const BUSY = { p50_ms: 2, p99_ms: 20 };

/** Below this a difference is the clock's and the scheduler's grain, whatever the ratio. */
const GRAIN_MS = 0.1;

/** P50 and P99 of the errors; errors are compared by size, as early is as wrong as late. */
export function armResult(errors_ms: readonly number[]): ArmResult {
  const sorted = Float64Array.from(errors_ms, Math.abs).sort();
  const at = (q: number) => quantile(sorted, q) ?? NaN;
  return { n: sorted.length, p50_ms: at(0.5), p99_ms: at(0.99) };
}

export function judge({ ours, bare }: LevelResult): Judgement {
  // Written so that a yardstick without a figure (NaN) judges nobody either.
  if (!(bare.p50_ms <= BUSY.p50_ms && bare.p99_ms <= BUSY.p99_ms)) return 'machine too busy to judge';
  const within = (mine: number, yardstick: number) => mine <= yardstick * MAX_RATIO + GRAIN_MS;
  return within(ours.p50_ms, bare.p50_ms) && within(ours.p99_ms, bare.p99_ms) ? 'ok' : 'too slow';
}
