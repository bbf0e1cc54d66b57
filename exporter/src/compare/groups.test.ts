import { input, records } from '../../../test/stats/workload';
import { compareNow } from './comparison';

/** Many conversations of one turn, as an imported result has them. */
const options = { min_effect: 0.05, resamples: 1000, seed: 5 };

function intervals(max_clusters?: number) {
  const shape = { conversations: 3000, turns: 1 };
  const job = input(
    { records: records('vllm', shape) },
    { records: records('llm-d', { ...shape, first_ms: 500 }) },
    { options: max_clusters === undefined ? options : { ...options, max_clusters } },
  );
  const [pair] = compareNow(job).comparisons;
  const ttft = pair!.ratios.filter(({ metric, turn }) => metric === 'ttft' && turn === 'all');
  return { conversations: pair!.conversations, ttft };
}

test('drawn in groups, many conversations give the same estimates and intervals of about the same width', () => {
  const [single, grouped] = [intervals(), intervals(256)];
  expect([single.conversations, grouped.conversations]).toEqual([3000, 3000]);
  for (const [index, one] of single.ttft.entries()) {
    const other = grouped.ttft[index]!;
    expect(other.estimate).toBe(one.estimate);
    expect(other.verdict).toBe(one.verdict);
    const width = ({ lower, upper }: typeof one) => Math.log(upper! / lower!);
    expect(width(other) / width(one)).toBeGreaterThan(0.8);
    expect(width(other) / width(one)).toBeLessThan(1.25);
  }
});
