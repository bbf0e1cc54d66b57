/** The whole comparison: a pure function of plain data, in steps or at once. */
import type { Comparison, PairComparison } from '../model/comparison';
import { bootstrapRatios, finish, type Steps } from '../stats/bootstrap';
import { blocksVerdicts, findCaveats } from './caveats';
import type { ComparisonInput } from './input';
import { arm, QUANTILE_VALUES } from './latency';
import { matchRecords } from './pairing';
import { targetFindings, type TargetFindings } from './target-summary';
import { forbiddenClaim, gotWorse, ratioEstimates } from './verdict';

/** The comparison in steps of well below a millisecond for windows of some thousand requests. */
export function* comparisonSteps(input: ComparisonInput): Steps<Comparison> {
  const findings: TargetFindings[] = [];
  for (const target of input.targets) findings.push(yield* targetFindings(target, input.options));
  const baseline = findings.find((one) => one.summary.name === input.baseline);
  const comparisons: PairComparison[] = [];
  for (const candidate of findings) {
    if (baseline !== undefined && candidate !== baseline) {
      comparisons.push(yield* pairComparison(baseline, candidate, input));
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
): Steps<PairComparison> {
  const { options, client } = input;
  const matched = yield* matchRecords(baseline.records, candidate.records);
  yield;
  const caveats = yield* findCaveats({ baseline, candidate, matched, client, options });
  const below = yield* arm(matched.baseline, matched.clusters.baseline);
  const above = yield* arm(matched.candidate, matched.clusters.candidate);
  const paired = matched.method === 'paired';
  const intervals = yield* bootstrapRatios(below, above, paired, { ...options, quantiles: QUANTILE_VALUES });
  const ratios = ratioEstimates(below, above, intervals, {
    min_effect: options.min_effect,
    blocked: blocksVerdicts(caveats),
    no_claim: forbiddenClaim(baseline, candidate),
    unlike: options.unlike_metrics ?? [],
  });
  return {
    baseline: baseline.summary.name,
    candidate: candidate.summary.name,
    method: matched.method,
    conversations: Math.min(below.clusters, above.clusters),
    ratios,
    worse: gotWorse(baseline, candidate, ratios, options.min_effect),
    caveats,
  };
}

/** The comparison at once: for tests and commands that have nothing else to do. */
export const compareNow = (input: ComparisonInput): Comparison => finish(comparisonSteps(input));
