/** Which requests of two results are the same, and what is said where that is not known. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from '../../exporter/src/index';
import type { Comparison, PairComparison } from '../../exporter/src/model/comparison';

const FIXTURES = join(__dirname, '../fixtures/results');

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'taillight-same-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function compared(...sides: Parameters<typeof compare>) {
  const outcome = await compare(sides[0], sides[1], { resamples: 200 });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome;
}

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const level = ({ levels }: Comparison, value: number) => levels!.find((one) => one.level === value)!;

const texts = ({ caveats }: PairComparison, reason: string) =>
  caveats.filter((one) => one.reason === reason).map(({ text }) => text);

test('prompts of other lengths are not compared, though nobody knows which request is which', async () => {
  const { comparison } = await compared(join(FIXTURES, 'guidellm'), join(FIXTURES, 'inference-perf'));
  const [pair] = level(comparison, 8).comparisons;
  expect(pair!.method).toBe('unpaired');
  expect(texts(pair!, 'prompts_differ')).toEqual([
    expect.stringMatching(
      /^The prompts differ in length: guidellm 184\.3 tokens on average, inference-perf 49\.2 \(73\.3 %\)$/,
    ),
  ]);
  expect(texts(pair!, 'unpaired')).toEqual([
    'The results do not tell which of their requests are the same: intervals are unpaired and wider',
  ]);
  expect(new Set(pair!.ratios.map(({ verdict }) => verdict))).toEqual(new Set(['not_comparable']));
});

test.each(['inference-perf', 'aiperf', 'guidellm', 'vllm-bench'])(
  '%s beside itself shows no difference',
  async (tool) => {
    const path = join(FIXTURES, tool);
    const { comparison } = await compared({ result: path, name: 'a' }, { result: path, name: 'b' });
    for (const { comparisons } of comparison.levels!) {
      expect(texts(comparisons[0]!, 'prompts_differ')).toEqual([]);
      for (const { estimate, verdict } of comparisons[0]!.ratios) {
        expect([null, 1]).toContain(estimate);
        expect(['no_difference_shown', 'too_few', 'not_comparable']).toContain(verdict);
      }
    }
  },
);

test('a user whose first request is lost keeps the numbers of the others', async () => {
  const csv = await readFile(
    join(FIXTURES, 'lmbench/standalone/vllm/LMBench_long_input_output_1.csv'),
    'utf8',
  );
  const [header = '', ...rows] = csv.trimEnd().split('\n');
  const columns = header.split(',');
  const [user, question] = [columns.indexOf('user_id'), columns.indexOf('question_id')];
  const cells = (row: string) => row.split(',');
  const [lost] = [...rows].sort((a, b) => Number(cells(a)[question]) - Number(cells(b)[question]));
  const whole = await write('whole_1.csv', csv);
  const part = await write('part_1.csv', [header, ...rows.filter((row) => row !== lost)].join('\n'));
  const { comparison } = await compared(whole, part);
  const [pair] = comparison.comparisons;
  expect([cells(lost!)[user] !== undefined, texts(pair!, 'prompts_differ')]).toEqual([true, []]);
  // All that both have is the same to the last digit.
  expect(new Set(pair!.ratios.flatMap(({ estimate }) => estimate ?? []))).toEqual(new Set([1]));
  const first = comparison.targets.map(({ samples }) => samples.first);
  expect(first[0]! - first[1]!).toBe(1);
});
