/** Results that Taillight's own `run` wrote, as `compare` and the library take them. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare as command } from '../../exporter/src/cli/compare';
import { compare, readResults, type CompareOptions } from '../../exporter/src/index';
import type { Comparison } from '../../exporter/src/model/comparison';
import type { TimedRecord } from '../../exporter/src/model/record';
import { DEFAULTS } from '../../exporter/src/results/compare-results';
import { compareNow } from '../../exporter/src/compare/comparison';
import { missingRequests } from '../../exporter/src/compare/missing';
import { input, START, records } from '../stats/workload';

const LMBENCH = join(__dirname, '../fixtures/results/lmbench');

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'taillight-runs-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const BOTH = [...records('vllm'), ...records('llm-d', { later_ms: 100 })];

async function run(name: string, list: readonly TimedRecord[], more: object = {}): Promise<string> {
  const header = {
    schema: 'taillight.run/1',
    run: 'r',
    started: new Date(START * 1000).toISOString(),
    targets: ['vllm', 'llm-d'],
    workload: { concurrency: 4, rate: null },
    ...more,
  };
  const lines = list.map(({ sent_at, ...one }) => ({ ...one, sent_ms: (sent_at - START) * 1000 }));
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, 'run.jsonl');
  await writeFile(path, [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

async function json(...argv: string[]) {
  const told = { out: '', err: '' };
  const io = {
    stdout: (text: string) => void (told.out += text),
    stderr: (text: string) => void (told.err += text),
  };
  const code = await command([...argv, '--json'], io, join(folder, 'taillight.mjs'));
  return { code, err: told.err, comparison: told.out === '' ? null : (JSON.parse(told.out) as Comparison) };
}

const names = (comparison: Comparison | null) => comparison?.targets.map(({ name }) => name);

test('a single run.jsonl stands for its two targets', async () => {
  const { code, err, comparison } = await json(await run('single', BOTH));
  expect([code, err, names(comparison)]).toEqual([0, '', ['vllm', 'llm-d']]);
});

test('the folder of a run is read by its run.jsonl, though its exports lie in folders called vllm and llm-d', async () => {
  const path = await run('exported', BOTH);
  await cp(join(LMBENCH, 'standalone'), join(folder, 'exported/vllm'), { recursive: true });
  await cp(join(LMBENCH, 'llm-d'), join(folder, 'exported/llm-d'), { recursive: true });
  const { comparison } = await json(join(folder, 'exported'));
  const alone = await json(path);
  expect(comparison!.targets.map(({ samples }) => samples)).toEqual(
    alone.comparison!.targets.map(({ samples }) => samples),
  );
  expect(comparison!.targets[0]!.samples.first).toBe(48);
});

test('warm-up is in no throughput', async () => {
  const warm = BOTH.slice(0, 40).map((one) => ({
    ...one,
    warmup: true as const,
    sent_at: one.sent_at - 1000,
    request_id: `w${one.request_id}`,
  }));
  const [cold, warmed] = [
    await json(await run('cold', BOTH)),
    await json(await run('warm', [...warm, ...BOTH])),
  ];
  const rate = ({ comparison }: typeof cold) =>
    comparison!.targets.map(({ requests_per_second }) => requests_per_second);
  expect(rate(cold)[0]).toBeGreaterThan(0);
  expect(rate(warmed)).toEqual(rate(cold));
});

test('two sides of one name are refused', async () => {
  const path = await run('names', BOTH);
  const { code, err } = await json(`a=${path}#vllm`, `a=${path}#llm-d`);
  expect([code, err]).toEqual([2, expect.stringContaining('both results are called a: give them names')]);
});

test('a level that was cut by its time does not lack what came at the next level', () => {
  const stage = (list: readonly TimedRecord[], index: number) =>
    list.map((one) => ({ ...one, stage: index, sent_at: one.sent_at + index * 10_000 }));
  const [vllm, llmd] = [records('vllm'), records('llm-d')];
  const cut = vllm.filter(({ sent_at }) => sent_at < START + 20);
  expect(cut.length).toBeLessThan(vllm.length);
  const mine = [...stage(cut, 0), ...stage(vllm, 1)];
  const theirs = [...stage(llmd, 0), ...stage(llmd, 1)];
  expect(missingRequests(mine, theirs)).toBe(missingRequests(cut, llmd));
});

test('over its levels a run has as many conversations as at one, and the ratios that the run itself reports', async () => {
  const at = (list: readonly TimedRecord[], stage: number) =>
    list.map((one) => ({
      ...one,
      stage,
      sent_at: one.sent_at + stage * 10_000,
      request_id: `${stage}-${one.request_id}`,
    }));
  const slower = BOTH.map((one) => ({ ...one, ttft_ms: one.ttft_ms === null ? null : one.ttft_ms * 1.3 }));
  const staged = [...at(BOTH, 0), ...at(slower, 1)];
  const stages = [
    { level: 2, unit: 'concurrency' },
    { level: 4, unit: 'concurrency' },
  ];
  const { comparison } = await json(await run('levels', staged, { stages }));
  expect(comparison!.levels).toHaveLength(2);
  const of = (target: string) => staged.filter((one) => one.target === target);
  const whole = compareNow(input({ records: of('vllm') }, { records: of('llm-d') }, { options: DEFAULTS }));
  const [pair, own] = [comparison!.comparisons[0]!, whole.comparisons[0]!];
  expect([pair.conversations, own.conversations]).toEqual([48, 48]);
  const ttft = ({ ratios }: typeof pair) =>
    ratios
      .filter(({ metric, turn }) => metric === 'ttft' && turn === 'later')
      .map(({ estimate, lower, upper, verdict }) => ({ estimate, lower, upper, verdict }));
  expect(ttft(pair)).toEqual(ttft(own));
});

describe('the library', () => {
  const sides = async () => {
    const set = await readResults(await run('library', BOTH));
    return [
      { result: set, target: 'vllm' },
      { result: set, target: 'llm-d' },
    ] as const;
  };

  test('options that are undefined are as if they were not given', async () => {
    const [vllm, llmd] = await sides();
    const generated = new Date(START * 1000);
    const undefineds = {
      min_effect: undefined,
      resamples: undefined,
      seed: undefined,
    } as unknown as CompareOptions;
    const [plain, other] = [
      await compare(vllm, llmd, { generated }),
      await compare(vllm, llmd, { ...undefineds, generated }),
    ];
    expect(plain.ok && other.ok && other.comparison).toEqual(plain.ok && plain.comparison);
  });

  test.each([
    [{ min_effect: NaN }, 'compare: min_effect must be a number from 0 to below 1'],
    [{ resamples: 0 }, 'compare: resamples must be a whole number from 20 to 100000'],
    [{ generated: '2020' }, 'compare: generated must be a Date'],
    [{ colour: 'red' }, 'compare: "colour" is no option'],
  ])('%j is refused by name', async (options, message) => {
    const [vllm, llmd] = await sides();
    await expect(compare(vllm, llmd, options as unknown as CompareOptions)).rejects.toThrow(message);
  });

  test.each([[undefined], [null], [5], [{}], [[]], [{ result: 5 }]])('%j is no result', async (side) => {
    await expect(compare(side as unknown as string, 'x')).rejects.toThrow(
      /each is a path, a result of readResults/,
    );
  });
});
