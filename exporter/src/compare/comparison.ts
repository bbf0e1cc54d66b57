/** The whole comparison: a pure function of plain data, in steps or at once. */
import type { Comparison, PairComparison } from '../model/comparison';
import type { TimedRecord } from '../model/record';
import { bootstrapRatios, finish, ResampleMemo, type Arm, type Steps } from '../stats/bootstrap';
import { Draws } from '../stats/draws';
import { blocksVerdicts, findCaveats } from './caveats';
import type { ComparisonInput } from './input';
import { arm, IMPORTED_SERIES_KEYS, QUANTILE_VALUES, SERIES_KEYS } from './latency';
import { matchRecords } from './pairing';
import { targetFindings, type TargetFindings, type Work } from './target-summary';
import { forbiddenClaim, gotWorse, isGenerationRatio, isLatencyRatio, ratioEstimates } from './verdict';

/**
 * The comparison in steps of well below a millisecond for windows of some thousand requests. `draws` may be those of other
 * comparisons with the same seed, which are then not made again.
 */
export function* comparisonSteps(input: ComparisonInput, draws = new Draws()): Steps<Comparison> {
  const work: Work = {
    options: input.options,
    keys: input.targets.some((target) => target.imported) ? IMPORTED_SERIES_KEYS : SERIES_KEYS,
    memo: new ResampleMemo(draws),
  };
  const findings: TargetFindings[] = [];
  for (const target of input.targets) findings.push(yield* targetFindings(target, work));
  const baseline = findings.find((one) => one.summary.name === input.baseline);
  const comparisons: PairComparison[] = [];
  for (const candidate of findings) {
    if (baseline !== undefined && candidate !== baseline) {
      comparisons.push(yield* pairComparison(baseline, candidate, input, work));
    }
  }
  return {
    schema: 'taillight.comparison/1',
    generated: input.generated.toISOString(),
    baseline: input.baseline,
    targets: findings.map((one) => one.summary),
    comparisons,
  };
}

function* pairComparison(
  baseline: TargetFindings,
  candidate: TargetFindings,
  input: ComparisonInput,
  { options, keys, memo }: Work,
): Steps<PairComparison> {
  const matched = yield* matchRecords(baseline.answered, candidate.answered);
  yield;
  const caveats = yield* findCaveats({ baseline, candidate, matched, client: input.client, options });
  const { clusters, method } = matched;
  const below = yield* matchedArm(baseline, matched.baseline, clusters.baseline, { options, keys });
  const above = yield* matchedArm(candidate, matched.candidate, clusters.candidate, { options, keys });
  const bootstrap = { ...options, quantiles: QUANTILE_VALUES };
  const intervals = yield* bootstrapRatios(below, above, method === 'paired', bootstrap, memo);
  const all = ratioEstimates(below, above, intervals, keys, {
    min_effect: options.min_effect,
    blocked: blocksVerdicts(caveats),
    no_claim: forbiddenClaim(baseline, candidate),
    unlike: options.unlike_metrics ?? [],
  });
  const generation = all.filter(isGenerationRatio);
  return {
    baseline: baseline.summary.name,
    candidate: candidate.summary.name,
    method,
    conversations: Math.min(clusters.baseline.length, clusters.candidate.length),
    ratios: all.filter(isLatencyRatio),
    ...(generation.length > 0 ? { generation_ratios: generation } : {}),
    worse: gotWorse(baseline, candidate, all, options.min_effect),
    caveats,
  };
}

/** The arm of the matched requests: the target's own where all that it answered are matched. */
function* matchedArm(
  { own }: TargetFindings,
  records: readonly TimedRecord[],
  clusters: readonly string[],
  { options, keys }: Pick<Work, 'options' | 'keys'>,
): Steps<Arm> {
  const whole = records.length === own.requests && clusters.every((id, index) => id === own.clusters[index]);
  return whole && clusters.length === own.clusters.length
    ? own.arm
    : yield* arm(records, clusters, keys, options.max_clusters);
}

/** The comparison at once: for tests and commands that have nothing else to do. */
export const compareNow = (input: ComparisonInput, draws?: Draws): Comparison =>
  finish(comparisonSteps(input, draws));
