/** How long a live comparison takes, and for how long it keeps the event loop from anything else. */
import { performance } from 'node:perf_hooks';
import { buildComparison } from '../../exporter/src/compare/build-comparison';
import { input, records } from '../stats/workload';

export interface ComparisonBench {
  conversations: number;
  turns: number;
  targets: number;
  resamples: number;
  /** From call to result, ms. */
  total_ms: number;
  /** The longest stretch between two turns of the event loop while it ran, ms. */
  longest_block_ms: number;
}

const CONVERSATIONS = 100;
const TURNS = 10;
const RESAMPLES = 2000;

/** The longest time between two callbacks of a loop that does nothing else: what a probe's timer would have waited. */
function watchLoop(): () => number {
  let longest = 0;
  let last = performance.now();
  let next = setImmediate(function tick() {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(tick);
  });
  return () => {
    clearImmediate(next);
    return longest;
  };
}

/** 100 conversations x 10 turns x 2 targets, 2 000 resamples, as the exporter does it while it probes. */
export async function benchComparison(): Promise<ComparisonBench> {
  const shape = { conversations: CONVERSATIONS, turns: TURNS, miss: 0.25 };
  const job = input(
    { records: records('vllm', shape) },
    { records: records('llm-d', shape) },
    { options: { min_effect: 0.05, resamples: RESAMPLES, seed: 1 } },
  );
  const stop = watchLoop();
  const start = performance.now();
  await buildComparison(job);
  const total_ms = performance.now() - start;
  return {
    conversations: CONVERSATIONS,
    turns: TURNS,
    targets: job.targets.length,
    resamples: RESAMPLES,
    total_ms,
    longest_block_ms: stop(),
  };
}
