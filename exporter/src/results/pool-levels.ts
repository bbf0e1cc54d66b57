/** Several load levels as one. */
import type { Caveat, TargetSummary } from '../model/comparison';
import { comparedInputs, type Context, type LevelResult } from './compare-level';
import { summaryTarget } from './summary-target';
import { pooledInput } from './target-inputs';

/** All levels as one; the level itself where there is only one. */
export function poolLevels(
  levels: readonly LevelResult[],
  context: Context,
): Pick<LevelResult, 'targets' | 'pair'> {
  const [first] = levels;
  if (first === undefined) throw new Error('there is at least one level');
  if (levels.length === 1)
    return { targets: first.targets, pair: { ...first.pair, caveats: [...first.pair.caveats] } };
  const inputs = levels.map((one) => one.inputs);
  if (inputs.some((one) => one === null)) return countsOnly(levels, first);
  const known = inputs.filter((one) => one !== null);
  const [head, ...tail] = known;
  if (head === undefined) return countsOnly(levels, first);
  const sides = ([0, 1] as const).map((side) => pooledInput([head[side], ...tail.map((one) => one[side])]));
  const [baseline, candidate] = sides;
  if (baseline === undefined || candidate === undefined) return countsOnly(levels, first);
  const definitions = {
    unlike: [...new Set(levels.flatMap((one) => one.definitions.unlike))],
    texts: [...new Set(levels.flatMap((one) => one.definitions.texts))],
  };
  const made = comparedInputs([baseline, candidate], context, definitions);
  made.pair.caveats.push(pooledCaveat(levels));
  return made;
}

function pooledCaveat(levels: readonly LevelResult[]): Caveat {
  const workloads = new Set(levels.map(({ workload }) => workload));
  const mixed = workloads.size > 1 ? ` and ${workloads.size} workloads` : '';
  const text = `The values over everything mix ${levels.length} load levels${mixed}: read the levels one by one`;
  return { reason: 'levels_pooled', target: null, text };
}

/** Percentiles of summaries cannot be put together: over all levels only counts are known. */
function countsOnly(
  levels: readonly LevelResult[],
  first: LevelResult,
): Pick<LevelResult, 'targets' | 'pair'> {
  const sum = (side: 0 | 1, read: (target: TargetSummary) => number) =>
    levels.reduce((total, { targets }) => total + read(targets[side]), 0);
  const targets = ([0, 1] as const).map((side): TargetSummary => {
    const blank = summaryTarget(first.targets[side].name, first.targets[side].role, []);
    const missing = sum(side, (target) => target.requests_missing ?? 0);
    return {
      ...blank,
      model: first.targets[side].model,
      engine: first.targets[side].engine,
      samples: { first: 0, later: 0, all: sum(side, (target) => target.samples.all) },
      outcomes: { ok: sum(side, (target) => target.outcomes.ok ?? 0) },
      ...(missing > 0 ? { requests_missing: missing } : {}),
    };
  });
  const [before, after] = targets;
  if (before === undefined || after === undefined) throw new Error('there are two sides');
  const shared = new Map(levels.flatMap(({ pair }) => pair.caveats).map((caveat) => [caveat.reason, caveat]));
  return {
    targets: [before, after],
    pair: { ...first.pair, ratios: [], worse: [], caveats: [...shared.values(), pooledCaveat(levels)] },
  };
}
