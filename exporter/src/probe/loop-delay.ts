import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from './probe-thread-protocol';

const DELAY_WINDOW_MS = 5000;
const DELAY_RESOLUTION_MS = 10;

/** Calls back every 5 s with the delay of this thread's loop in that window; returns how to end it. */
export function watchLoopDelay(onDelay: (delay: LoopDelay) => void, window_ms = DELAY_WINDOW_MS): () => void {
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  // Node counts from one tick of its timer to the next, so an idle loop shows the timer's interval: that is no delay.
  const seconds = (percentile: number) =>
    Math.max(0, histogram.percentile(percentile) / 1e9 - DELAY_RESOLUTION_MS / 1e3);
  histogram.enable();
  const timer = setInterval(() => {
    if (histogram.count > 0) onDelay({ p50_seconds: seconds(50), p99_seconds: seconds(99) });
    histogram.reset();
  }, window_ms);
  return () => {
    clearInterval(timer);
    histogram.disable();
  };
}
