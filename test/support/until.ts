import { setTimeout as sleep } from 'node:timers/promises';

/** How long a condition may take on a machine that is busy with other tests. */
export const PATIENCE_MS = 30_000;

/**
 * Asks again and again until the answer is neither false, null nor undefined, and gives it. Fails with `what` in words when
 * patience ends; an error while asking counts as "not yet".
 */
export async function until<Value>(
  what: string,
  ask: () => Value | Promise<Value>,
  patience_ms = PATIENCE_MS,
): Promise<NonNullable<Value>> {
  let error: unknown = null;
  for (const deadline = Date.now() + patience_ms; Date.now() < deadline; await sleep(50)) {
    try {
      const value = await ask();
      if (value !== false && value !== null && value !== undefined) return value;
      error = null;
    } catch (thrown) {
      error = thrown;
    }
  }
  const why = error === null ? '' : `: ${(error as Error).message}`;
  throw new Error(`${what}: not so within ${patience_ms / 1000} s${why}`);
}
