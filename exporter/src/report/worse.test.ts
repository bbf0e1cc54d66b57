import type { Comparison, LevelComparison, PairComparison } from '../model/comparison';
import { compareNow } from '../compare/comparison';
import { input, records } from '../../../test/stats/workload';
import { worseNames } from './worse';

const of = (later_ms: number) => compareNow(input({}, { records: records('llm-d', { later_ms }) }));
const [same, slow] = [of(250), of(600)];

const withLevels = (whole: Comparison, levels: readonly Comparison[]): [Comparison, PairComparison] => {
  const told = levels.map(({ targets, comparisons }, index): LevelComparison => ({
    level: index + 1,
    unit: 'qps',
    targets,
    comparisons,
  }));
  return [{ ...whole, levels: told }, whole.comparisons[0]!];
};

test('the losses of a pair, in words', () => {
  expect(worseNames(slow, slow.comparisons[0]!)).toContain('TTFT later turns P95');
});

test('a loss at single loads stands in the pooled list, with the number of levels, those of most levels first', () => {
  const quiet = { ...same.comparisons[0]!, worse: [] };
  const [comparison, pair] = withLevels({ ...same, comparisons: [quiet] }, [
    slow,
    { ...slow, comparisons: [{ ...quiet, worse: [{ metric: 'errors', turn: null, quantile: null }] }] },
    slow,
  ]);
  const said = worseNames(comparison, pair);
  expect(said).toContain('TTFT later turns P95, at 2 of 3 load levels');
  expect(said).toHaveLength(9);
  expect(said.at(-1)).toBe('1 further figure at single load levels');
});

test('what the pooled pair has lost itself is said once, and of a level only its own', () => {
  const [comparison, pair] = withLevels(slow, [slow, slow]);
  expect(worseNames(comparison, pair)).toEqual(worseNames(slow, slow.comparisons[0]!));
  const [mixed] = withLevels({ ...same, comparisons: [{ ...same.comparisons[0]!, worse: [] }] }, [
    slow,
    same,
  ]);
  expect(worseNames(mixed, mixed.levels![1]!.comparisons[0]!)).toEqual(
    worseNames(same, same.comparisons[0]!),
  );
});
