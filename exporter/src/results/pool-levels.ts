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
  made.pair.caveats.push(...ofLevels(levels, made.pair.caveats), pooledCaveat(levels));
  return made;
}

/** What the pooled comparison says for itself, or what speaks of one level alone. */
const NOT_REPEATED: readonly Caveat['reason'][] = [
  'levels_pooled',
  'definitions_differ',
  'unpaired',
  'few_conversations',
];

/**
 * What was found at single levels and is not `known` of all together: a verdict over everything rests on those levels too.
 * One caveat per reason and target. The verdicts are made by then: none is blocked by what is added here.
 */
function ofLevels(levels: readonly LevelResult[], known: readonly Caveat[]): Caveat[] {
  const key = ({ reason, target }: Caveat) => JSON.stringify([reason, target]);
  const taken = new Set(known.map(key));
  const found = new Map<string, { caveat: Caveat; texts: Set<string>; levels: LevelResult[] }>();
  for (const level of levels)
    for (const caveat of level.pair.caveats) {
      if (NOT_REPEATED.includes(caveat.reason) || taken.has(key(caveat))) continue;
      const one = found.get(key(caveat)) ?? { caveat, texts: new Set(), levels: [] };
      one.texts.add(caveat.text);
      if (one.levels.at(-1) !== level) one.levels.push(level);
      found.set(key(caveat), one);
    }
  return [...found.values()].map(({ caveat, texts, levels: own }) => {
    // The numbers in the sentence are those of one level.
    const figures = texts.size > 1 ? ` (figures of ${levelNames(own.slice(0, 1), levels)})` : '';
    return { ...caveat, text: `${placeOf(own, levels)}${figures}: ${caveat.text}` };
  });
}

function placeOf(own: readonly LevelResult[], all: readonly LevelResult[]): string {
  if (own.length === all.length) return 'At every level';
  return `${own.every(({ level }) => level !== null) ? 'At' : 'In'} ${levelNames(own, all)}`;
}

/** `1, 1.17 QPS`; `sharegpt 1, 1.17 QPS; short_input 4 QPS` where `all` are of several workloads. */
function levelNames(own: readonly LevelResult[], all: readonly LevelResult[]): string {
  const several = new Set(all.map(({ workload }) => workload)).size > 1;
  const groups = new Map<string, { before: string; values: number[]; after: string }>();
  for (const { level, workload } of own) {
    const before = several && workload !== null ? workload : level === null ? 'all requests' : '';
    const after = level === null ? '' : level.unit === 'qps' ? 'QPS' : 'at once';
    const group = groups.get(`${after} ${before}`) ?? { before, values: [], after };
    if (level !== null) group.values.push(level.value);
    groups.set(`${after} ${before}`, group);
  }
  return [...groups.values()]
    .map(({ before, values, after }) =>
      [before, values.join(', '), after].filter((part) => part !== '').join(' '),
    )
    .join('; ');
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
  const definitions = new Map(
    levels
      .flatMap(({ pair }) => pair.caveats.filter(({ reason }) => reason === 'definitions_differ'))
      .map((caveat) => [caveat.text, caveat]),
  );
  const caveats = [...ofLevels(levels, []), ...definitions.values(), pooledCaveat(levels)];
  return { targets: [before, after], pair: { ...first.pair, ratios: [], worse: [], caveats } };
}
