import { QUANTILE_NAMES, QUANTILES, type TargetSummary } from '../model/comparison';
import { TURN_CLASSES } from '../model/record';
import type { ReferenceTarget, ReferenceTtft } from '../model/reference';
import { minimumSamples } from '../stats/enough';
import { workloadDigest } from '../store/reference';
import type { RunResult } from './run-result';

/** What later runs are held against: targets of which nothing was answered are left out. */
export function referenceOf(result: RunResult): Record<string, ReferenceTarget> {
  const { run, ended, workload, source, comparison } = result;
  const digest = source === null ? workloadDigest(workload) : `source ${source}`;
  return Object.fromEntries(
    comparison.targets
      .filter(({ samples }) => samples.all > 0)
      .map((target) => [
        target.name,
        { run, ended, model: target.model, workload: digest, ttft_seconds: ttftOf(target) },
      ]),
  );
}

function ttftOf({ ttft_seconds, samples }: TargetSummary): ReferenceTarget['ttft_seconds'] {
  const of = (turn: (typeof TURN_CLASSES)[number]): ReferenceTtft => ({
    n: samples[turn],
    quantiles: Object.fromEntries(
      QUANTILE_NAMES.map((name) => {
        const estimate = ttft_seconds[turn][name];
        const enough = estimate !== null && estimate.n >= minimumSamples(QUANTILES[name]);
        return [name, enough ? estimate.estimate : null];
      }),
    ) as ReferenceTtft['quantiles'],
  });
  return Object.fromEntries(TURN_CLASSES.map((turn) => [turn, of(turn)])) as ReferenceTarget['ttft_seconds'];
}
