import { setImmediate as nextTurn } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import type { Comparison } from '../model/comparison';
import { comparisonSteps } from './comparison';
import type { ComparisonInput } from './input';

/** The event loop serves probes while a comparison is made: no slice may delay them by more than a few milliseconds. */
const SLICE_MS = 4;

/** The comparison, made in slices between which the event loop runs. The same result as `compareNow`. */
export async function buildComparison(input: ComparisonInput): Promise<Comparison> {
  const steps = comparisonSteps(input);
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await nextTurn();
  }
}
