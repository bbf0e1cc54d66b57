/**
 * Taillight as a library, for people who script: `import { readResults, compare } from 'taillight'`.
 *
 * ```ts
 * const compared = await compare('results/standalone', 'results/llm-d');
 * if (compared.ok) console.log(compared.comparison.comparisons[0].ratios);
 * ```
 */
import type { ComparisonOptions } from './compare/input';
import type { ResultSet } from './model/result';
import { compareResults, type CompareOutcome } from './results/compare-results';
import { readResults } from './results/read-results';
import { sidesOf, type Chosen } from './results/select-sides';

export { readResults };
export type { Caveat, Comparison, LevelComparison, PairComparison, TargetSummary } from './model/comparison';
export type { ProbeRecord, TimedRecord } from './model/record';
export type {
  Level,
  RecordSeries,
  ResultFormat,
  ResultPart,
  ResultSet,
  SummaryStatistics,
  Unread,
} from './model/result';
export type { CompareOutcome, ComparedResults } from './results/compare-results';

/** One side: a path, what `readResults` gave, or either with the target to take of it and the name to give it. */
export type CompareSide = string | ResultSet | { result: string | ResultSet; target?: string; name?: string };

export interface CompareOptions extends Partial<
  Pick<ComparisonOptions, 'min_effect' | 'resamples' | 'seed' | 'same_model'>
> {
  /** Time stamp of the comparison; now by default. With it the same input gives the same bytes. */
  generated?: Date;
}

/**
 * Compares two results of any known format: every load level that both have, and all of them together.
 *
 * @returns `{ ok: true, comparison, series, unread }` (seconds and ratios; `comparison` is `taillight.comparison/1`, `series`
 * the requests behind it), or `{ ok: false, reason, unread }` where nothing can be compared. Never rejects for what files hold.
 */
export async function compare(
  baseline: CompareSide,
  candidate: CompareSide,
  { generated, ...options }: CompareOptions = {},
): Promise<CompareOutcome> {
  const sides = sidesOf(...(await Promise.all([chosen(baseline), chosen(candidate)])));
  if (!sides.ok) return { ...sides, unread: [] };
  return compareResults(sides.baseline, sides.candidate, options, generated);
}

async function chosen(side: CompareSide): Promise<Chosen> {
  if (typeof side !== 'string' && (typeof side !== 'object' || (side as unknown) === null))
    throw new TypeError(
      'compare(baseline, candidate): each is a path, a result, or { result, target, name }',
    );
  const { result, target, name } =
    typeof side === 'string' || 'parts' in side ? { result: side, target: undefined, name: undefined } : side;
  const set = typeof result === 'string' ? await readResults(result) : result;
  return { set, target: target ?? null, name: name ?? null };
}
