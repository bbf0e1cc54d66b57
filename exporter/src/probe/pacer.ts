import { seededRandom } from './random';

/** What to do now: start conversation `index`, wait, or nothing ever again. */
export type Pace =
  /** `intended_seconds`: since pacing began. */
  | { kind: 'start'; index: number; intended_seconds: number }
  /** `seconds` from now; null: until a conversation ends. */
  | { kind: 'wait'; seconds: number | null }
  | { kind: 'done' };

/**
 * When conversations start. Has no clock: it is told the seconds elapsed, how many conversations it has started, and how many
 * of them are under way, and answers with what is due.
 */
export interface Pacer {
  next(elapsed_seconds: number, started: number, in_flight: number): Pace;
}

/** One of `count` machines that share a run: it plays the conversations whose number leaves `index` when divided by `count`. */
export interface Shard {
  index: number;
  count: number;
}

/** Conversations [first, end), or of these the shard's own. */
interface Range {
  first: number;
  end: number;
  shard?: Shard | undefined;
}

/** Number of the `started`-th conversation (from 0) that is played. */
function sequenceOf({ first, shard }: Range, started: number): number {
  if (shard === undefined) return first + started;
  const { index, count } = shard;
  return first + ((((index - first) % count) + count) % count) + started * count;
}

/**
 * Open loop: conversations arrive as a Poisson process, whether or not earlier ones have ended; the first at once. Arrival k
 * falls on the same instant for every pacer of the same seed and rate, so on every target and whichever shard plays it.
 */
export function openLoop(options: Range & { rate: number; seed: number }): Pacer {
  const random = seededRandom(`arrivals:${options.seed}`);
  const step = () => -Math.log(1 - random()) / options.rate;
  for (let k = 0; k < options.first; k += 1) random();
  // Only the latest arrival is kept, as `started` never goes back: live probing has no end.
  let known = { index: options.first, at: 0 };
  return {
    next(elapsed, started) {
      const index = sequenceOf(options, started);
      if (index >= options.end) return { kind: 'done' };
      while (known.index < index) known = { index: known.index + 1, at: known.at + step() };
      if (known.at > elapsed) return { kind: 'wait', seconds: known.at - elapsed };
      return { kind: 'start', index, intended_seconds: known.at };
    },
  };
}

/** Arrivals as they were recorded, in seconds from the start, ascending. */
export function recordedArrivals(options: Range & { arrivals: readonly number[] }): Pacer {
  return {
    next(elapsed, started) {
      const index = sequenceOf(options, started);
      const at = options.arrivals[index];
      if (index >= options.end || at === undefined) return { kind: 'done' };
      if (at > elapsed) return { kind: 'wait', seconds: at - elapsed };
      return { kind: 'start', index, intended_seconds: at };
    },
  };
}

/** Closed loop: as many workers as `concurrency`, each starts its next conversation when its last one has ended. */
export function closedLoop(options: Range & { concurrency: number }): Pacer {
  return {
    next(elapsed, started, in_flight) {
      const index = sequenceOf(options, started);
      if (index >= options.end) return { kind: 'done' };
      if (in_flight >= options.concurrency) return { kind: 'wait', seconds: null };
      return { kind: 'start', index, intended_seconds: elapsed };
    },
  };
}
