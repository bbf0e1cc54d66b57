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
  options: CompareOptions = {},
): Promise<CompareOutcome> {
  const { generated, ...settings } = checked(options);
  const sides = sidesOf(...(await Promise.all([chosen(baseline), chosen(candidate)])));
  if (!sides.ok) return { ...sides, unread: [] };
  return compareResults(sides.baseline, sides.candidate, settings, generated);
}

const WANTED: Record<keyof CompareOptions, [string, (value: unknown) => boolean]> = {
  min_effect: ['a number from 0 to below 1', (value) => typeof value === 'number' && value >= 0 && value < 1],
  resamples: ['a whole number from 20 to 100000', (value) => isWhole(value) && value >= 20 && value <= 1e5],
  seed: ['a whole number', (value) => isWhole(value)],
  same_model: ['true or false', (value) => typeof value === 'boolean'],
  generated: ['a Date', (value) => value instanceof Date && !Number.isNaN(value.getTime())],
};

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** The options that are given. Throws a TypeError with the name of one that cannot be. */
function checked(options: CompareOptions): CompareOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const [what, fits] = WANTED[name as keyof CompareOptions] ?? ['', () => false];
    if (what === '') throw new TypeError(`compare: "${name}" is no option`);
    if (!fits(value)) throw new TypeError(`compare: ${name} must be ${what}`);
  }
  return Object.fromEntries(given);
}

async function chosen(side: CompareSide): Promise<Chosen> {
  const { result, target, name } =
    isObject(side) && !isResult(side) && 'result' in side
      ? side
      : { result: side, target: undefined, name: undefined };
  if (typeof result !== 'string' && !isResult(result))
    throw new TypeError(
      'compare(baseline, candidate): each is a path, a result of readResults, or { result, target, name }',
    );
  const set = typeof result === 'string' ? await readResults(result) : result;
  return { set, target: target ?? null, name: name ?? null };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isResult = (value: unknown): value is ResultSet =>
  isObject(value) && Array.isArray((value as Partial<ResultSet>).parts);
