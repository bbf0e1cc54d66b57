/** One load level of two results. */
import { compareNow } from '../compare/comparison';
import type { ComparisonInput, ComparisonOptions, TargetInput } from '../compare/input';
import { gotWorse } from '../compare/verdict';
import type { Caveat, LatencyMetric, PairComparison, TargetSummary } from '../model/comparison';
import type { Definitions, Level, ResultPart } from '../model/result';
import type { Draws } from '../stats/draws';
import { align, type Apart } from './align';
import { compareDefinitions, type DefinitionFindings } from './definitions';
import type { SideLevel } from './sides';
import { summaryCaveats } from './summary-caveats';
import { summaryRatios, summaryTarget } from './summary-target';
import { observationOf, targetInput } from './target-inputs';

/** At one level: what both sides come to, and the inputs that pooling needs. */
export interface LevelResult {
  level: Level | null;
  workload: string | null;
  targets: [TargetSummary, TargetSummary];
  pair: PairComparison;
  definitions: DefinitionFindings;
  /** Null where a side has summaries only. */
  inputs: [TargetInput, TargetInput] | null;
}

export interface Context {
  names: readonly [string, string];
  options: ComparisonOptions;
  generated: Date;
  /** More than one level is compared. */
  many: boolean;
  /** Levels are resampled alike. */
  draws: Draws;
}

/** @param index place of the level among those that are compared. */
export function compareLevel(
  baseline: SideLevel,
  candidate: SideLevel,
  context: Context,
  index: number,
): LevelResult {
  const level = baseline.level ?? candidate.level;
  const workload = baseline.workload ?? candidate.workload;
  const definitions = compareDefinitions(definitionsOf(baseline), definitionsOf(candidate), context.names);
  const place = { level, workload, definitions };
  return baseline.raw === null || candidate.raw === null
    ? { ...place, ...compareSummaries(baseline, candidate, context, definitions), inputs: null }
    : { ...place, ...compareRaw(baseline.raw, candidate.raw, context, place, index) };
}

const definitionsOf = ({ raw, summaries }: SideLevel): Definitions =>
  raw?.definitions ?? summaries[0]?.definitions ?? {};

const definitionCaveats = ({ texts }: DefinitionFindings): Caveat[] =>
  texts.map((text) => ({ reason: 'definitions_differ', target: null, text: `By ${text}` }));

function inputOf(
  targets: ComparisonInput['targets'],
  context: Context,
  unlike: LatencyMetric[],
): ComparisonInput {
  return {
    generated: context.generated,
    baseline: context.names[0],
    targets,
    // How late the other tool's own client was is not known.
    client: { event_loop_delay_p50_seconds: null, event_loop_delay_p99_seconds: null },
    options: { ...context.options, unlike_metrics: unlike },
  };
}

export function comparedInputs(
  inputs: readonly [TargetInput, TargetInput],
  context: Context,
  definitions: DefinitionFindings,
): Pick<LevelResult, 'targets' | 'pair'> {
  const { targets, comparisons } = compareNow(inputOf(inputs, context, definitions.unlike), context.draws);
  const [before, after] = targets;
  const [pair] = comparisons;
  if (before === undefined || after === undefined || pair === undefined)
    throw new Error('a comparison of two targets has two targets and a pair');
  return {
    targets: [before, after],
    pair: { ...pair, caveats: [...pair.caveats, ...definitionCaveats(definitions)] },
  };
}

/** What was seen of the servers is of the whole run, not of one of its levels. */
const withoutServers = (input: TargetInput): TargetInput => ({
  ...input,
  observation: {
    ...input.observation,
    hit_rate: null,
    balance: { gpu: null, running: null, tokens: null },
    replicas: [],
  },
});

const ALONE: Apart = { prefix: '', level: null };

/**
 * A Taillight run plays the same conversations at each of its levels: over all of them they are as many as at one. What other
 * tools call a conversation begins anew at each level.
 */
function apartFrom(
  baseline: ResultPart,
  candidate: ResultPart,
  { level, workload }: Pick<LevelResult, 'level' | 'workload'>,
  index: number,
): Apart {
  const ours = baseline.format === 'taillight-run' && candidate.format === 'taillight-run';
  return ours
    ? { prefix: workload === null ? '' : `${workload}: `, level: index }
    : { prefix: `${workload ?? ''} ${level?.value ?? ''}: `, level: null };
}

function compareRaw(
  baseline: ResultPart,
  candidate: ResultPart,
  context: Context,
  { level, workload, definitions }: Pick<LevelResult, 'level' | 'workload' | 'definitions'>,
  index: number,
): Pick<LevelResult, 'targets' | 'pair' | 'inputs'> {
  const apart = context.many ? apartFrom(baseline, candidate, { level, workload }, index) : ALONE;
  const aligned = align(baseline, candidate, apart);
  const inputs: [TargetInput, TargetInput] = [
    targetInput(context.names[0], 'baseline', baseline, aligned.baseline, aligned.workload),
    targetInput(context.names[1], 'candidate', candidate, aligned.candidate, aligned.workload),
  ];
  const ofLevel: typeof inputs = context.many
    ? [withoutServers(inputs[0]), withoutServers(inputs[1])]
    : inputs;
  return { ...comparedInputs(ofLevel, context, definitions), inputs };
}

function compareSummaries(
  baseline: SideLevel,
  candidate: SideLevel,
  context: Context,
  definitions: DefinitionFindings,
): Pick<LevelResult, 'targets' | 'pair'> {
  const sides = [baseline, candidate] as const;
  const inputs = sides.map((side, index): TargetInput => {
    const part = side.raw ?? side.summaries[0];
    if (part === undefined) throw new Error('a level has at least one part');
    const name = context.names[index] ?? '';
    const role = index === 0 ? 'baseline' : 'candidate';
    if (side.raw !== null)
      return targetInput(
        name,
        role,
        part,
        (part.records ?? []).map((one) => ({ ...one })),
        null,
      );
    return { role, observation: observationOf(name, part), records: [] };
  });
  const made = compareNow(inputOf(inputs, context, definitions.unlike), context.draws);
  const [before, after] = sides.map((side, index) => {
    const role = index === 0 ? 'baseline' : 'candidate';
    return side.raw === null
      ? summaryTarget(context.names[index] ?? '', role, side.summaries)
      : made.targets[index];
  });
  const pair = made.comparisons[0];
  if (before === undefined || after === undefined || pair === undefined)
    throw new Error('a comparison of two targets has two targets and a pair');
  const ratios = summaryRatios(before, after);
  return {
    targets: [before, after],
    pair: {
      ...pair,
      ratios,
      worse: gotWorse({ summary: before }, { summary: after }, ratios, context.options.min_effect),
      caveats: [
        ...pair.caveats.filter(({ reason }) => reason !== 'errors' && reason !== 'error_rate_differs'),
        ...summaryCaveats([before, after], [baseline.summaries, candidate.summaries]),
        ...definitionCaveats(definitions),
      ],
    },
  };
}
