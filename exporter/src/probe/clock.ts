/** Milliseconds on a clock that never jumps. */
export type Clock = () => number;

/**
 * CLOCK_MONOTONIC as Node gives it, in ms with nanosecond steps. Its zero is the same in every thread and process of a machine
 * (unlike that of `performance.now()`), so times of the probing thread, of its host and of a local test server compare.
 */
export const monotonicMs: Clock = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * Resolves at `at` (by `now`), never before it: Node's timers count whole milliseconds and may fire a fraction early.
 * An aborted signal resolves it at once.
 */
export async function sleepUntil(at: number, signal: AbortSignal, now: Clock): Promise<void> {
  for (let left = at - now(); left > 0 && !signal.aborted; left = at - now())
    await sleep(Math.ceil(left), signal);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    // Longer waits than setTimeout can count end early; the caller looks at the clock again.
    const timer = setTimeout(finish, Math.min(ms, 0x7fffffff));
    signal.addEventListener('abort', finish, { once: true });
  });
}
