import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { compare } from '../../exporter/src/index';
import type { Comparison, PairComparison } from '../../exporter/src/model/comparison';
import type { TimedRecord } from '../../exporter/src/model/record';
import { verdictSentence } from '../../exporter/src/report/verdict-sentence';
import { failure, START, records } from '../stats/workload';

const FIXTURES = join(__dirname, '../fixtures/results');
const STANDALONE = join(FIXTURES, 'lmbench/standalone');
const LLMD = join(FIXTURES, 'lmbench/llm-d');
const CORPUS = process.env['TAILLIGHT_CORPUS'];
const quick = { resamples: 200, generated: new Date(START * 1000) };

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'taillight-compare-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function compared(...sides: Parameters<typeof compare>) {
  const outcome = await compare(sides[0], sides[1], { ...quick, ...sides[2] });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome;
}

const level = ({ levels }: Comparison, value: number, workload?: string) =>
  levels!.find((one) => one.level === value && (workload === undefined || one.workload === workload))!;

const texts = ({ caveats }: PairComparison, reason: string) =>
  caveats.filter((one) => one.reason === reason).map(({ text }) => text);

/** A `run.jsonl`, as the exporter writes it. */
function runFile(list: readonly TimedRecord[], header: object = {}): string {
  const told = {
    schema: 'taillight.run/1',
    run: 'r',
    started: new Date(START * 1000).toISOString(),
    targets: ['vllm'],
    workload: { concurrency: 4, rate: null },
    ...header,
  };
  const lines = list.map(({ sent_at, ...record }) =>
    JSON.stringify({ ...record, sent_ms: (sent_at - START) * 1000 }),
  );
  return `${[JSON.stringify(told), ...lines].join('\n')}\n`;
}

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('two folders of LMBenchmark files', () => {
  test('levels that both have are compared, the other is named', async () => {
    const { comparison, series } = await compared(STANDALONE, LLMD);
    expect(comparison.levels!.map((one) => [one.workload, one.level, one.unit])).toEqual([
      ['long_input', 0.5, 'qps'],
      ['long_input', 1, 'qps'],
      ['sharegpt', 2, 'qps'],
    ]);
    expect(comparison.unmatched_levels).toEqual([
      { target: 'standalone', level: 3, unit: 'qps', workload: 'short_input' },
    ]);
    const [pair] = comparison.comparisons;
    expect(texts(pair!, 'levels_unmatched')).toEqual(['Only standalone has short_input, 3 QPS: left out']);
    expect(texts(pair!, 'levels_pooled')).toEqual([
      'The values over everything mix 3 load levels and 2 workloads: read the levels one by one',
    ]);
    expect(series.map((one) => [one.target, one.workload, one.level, one.records.length])).toEqual([
      ['standalone', 'long_input', 0.5, 120],
      ['llm-d', 'long_input', 0.5, 120],
      ['standalone', 'long_input', 1, 120],
      ['llm-d', 'long_input', 1, 120],
      ['standalone', 'sharegpt', 2, 80],
      ['llm-d', 'sharegpt', 2, 48],
    ]);
  });

  test('sessions are paired, first and later turns apart, and a row without a token is a failure', async () => {
    const { comparison } = await compared(STANDALONE, LLMD);
    const one = level(comparison, 0.5);
    const [baseline, candidate] = one.targets;
    expect(baseline!.samples).toEqual({ first: 30, later: 89, all: 119 });
    expect(baseline!.outcomes).toEqual({ empty: 1, ok: 119 });
    expect(candidate!.ttft_by_turn_seconds.map(({ turn, n }) => [turn, n])).toEqual([
      [1, 30],
      [2, 30],
      [3, 29],
      [4, 30],
    ]);
    const [pair] = one.comparisons;
    expect([pair!.method, pair!.conversations]).toEqual(['paired', 30]);
    const p95 = pair!.ratios.find(
      (ratio) => ratio.metric === 'ttft' && ratio.turn === 'later' && ratio.quantile === 'p95',
    )!;
    expect(p95.verdict).toBe('faster');
    expect(p95.upper!).toBeLessThan(0.95);
    expect(
      pair!.generation_ratios!.map(({ metric, quantile, verdict }) => `${metric} ${quantile} ${verdict}`),
    ).toContain('generation p50 no_difference_shown');
  });

  test('survivors are not compared: the lost requests count as failures', async () => {
    const { comparison } = await compared(STANDALONE, LLMD);
    const one = level(comparison, 2, 'sharegpt');
    const [, candidate] = one.targets;
    const [pair] = one.comparisons;
    expect(candidate!.requests_missing).toBe(32);
    // Without question ids nobody knows which turn a request was.
    expect(candidate!.samples).toEqual({ first: 0, later: 0, all: 48 });
    expect(candidate!.ttft_seconds.all.p50!.estimate).toBeLessThan(
      one.targets[0]!.ttft_seconds.all.p50!.estimate,
    );
    expect(texts(pair!, 'requests_missing')).toEqual([
      'requests missing (48 of 80, mean prompt 427 against 615 tokens)',
    ]);
    expect(texts(pair!, 'error_rate_differs')[0]).toMatch(/40.0 % \(32 of 80\)/);
    expect(new Set(pair!.ratios.map(({ verdict }) => verdict))).toEqual(new Set(['not_comparable']));
    expect(pair!.worse).toContainEqual({ metric: 'errors', turn: null, quantile: null });
  });

  test('the same input gives the same bytes', async () => {
    const [one, other] = [await compared(STANDALONE, LLMD), await compared(STANDALONE, LLMD)];
    expect(JSON.stringify(one.comparison)).toBe(JSON.stringify(other.comparison));
  });

  test('throughput is answers by wall time', async () => {
    const { comparison, series } = await compared(STANDALONE, LLMD);
    const [baseline] = level(comparison, 2, 'sharegpt').targets;
    const own = series.find((one) => one.workload === 'sharegpt' && one.target === 'standalone')!.records;
    const start = Math.min(...own.map((record) => record.sent_at));
    const end = Math.max(...own.map((record) => record.sent_at + record.e2e_ms! / 1000));
    expect(baseline!.requests_per_second).toBeCloseTo(80 / (end - start), 9);
    // Over all levels: the time spent measuring, without the pauses between them.
    const all = comparison.targets[0]!;
    const walls = comparison.levels!.map(
      ({ targets: [target] }) => target!.samples.all / target!.requests_per_second!,
    );
    expect(all.requests_per_second).toBeCloseTo(
      all.samples.all / walls.reduce((sum, wall) => sum + wall, 0),
      9,
    );
  });
});

describe('both sides', () => {
  const MIRROR = { faster: 'slower', slower: 'faster' } as Record<string, string>;

  test('swapped: ratios are inverted, verdicts mirrored', async () => {
    const there = (await compared(STANDALONE, LLMD)).comparison;
    const back = (await compared(LLMD, STANDALONE)).comparison;
    for (const [index, { comparisons }] of there.levels!.entries()) {
      const mirrored = back.levels![index]!.comparisons[0]!.ratios;
      for (const [row, ratio] of comparisons[0]!.ratios.entries()) {
        const other = mirrored[row]!;
        if (ratio.estimate === null) {
          expect(other.estimate).toBeNull();
          continue;
        }
        expect(other.estimate! * ratio.estimate).toBeCloseTo(1, 9);
        // The rank of a percentile is symmetric, its interpolation between two resamples is not quite.
        expect(other.lower! * ratio.upper!).toBeCloseTo(1, 2);
        expect(other.verdict).toBe(MIRROR[ratio.verdict] ?? ratio.verdict);
      }
    }
  });

  test('identical: every ratio is 1 and no difference is shown', async () => {
    const { comparison } = await compared(
      { result: STANDALONE, name: 'a' },
      { result: STANDALONE, name: 'b' },
    );
    for (const { comparisons } of [comparison, ...comparison.levels!]) {
      for (const ratio of comparisons[0]!.ratios.filter(({ estimate }) => estimate !== null)) {
        expect([ratio.estimate, ratio.lower, ratio.upper]).toEqual([1, 1, 1]);
        expect(['no_difference_shown', 'too_few']).toContain(ratio.verdict);
      }
      expect(comparisons[0]!.worse).toEqual([]);
    }
  });
});

describe('results of other tools', () => {
  test('AIPerf: sessions are paired, levels come from the summary beside the records', async () => {
    const { comparison } = await compared(
      { result: join(FIXTURES, 'aiperf'), name: 'a' },
      { result: join(FIXTURES, 'aiperf'), name: 'b' },
    );
    expect(comparison.levels!.map((one) => [one.level, one.unit])).toEqual([
      [4, 'concurrency'],
      [8, 'concurrency'],
    ]);
    const one = level(comparison, 8);
    expect(one.comparisons[0]!.method).toBe('paired');
    expect(one.targets[0]!.outcomes).toEqual({ http_503: 2, ok: 91 });
    // The tool's own duration, not the span of the records.
    expect(one.targets[0]!.requests_per_second).toBeCloseTo(91 / 8.540513536, 9);
    expect(one.targets[0]!.model).toBe('truth-model');
  });

  test('a role-only chunk that was taken for the first token is not compared, whatever the other side measured', async () => {
    const { comparison } = await compared(join(FIXTURES, 'vllm-bench'), join(FIXTURES, 'inference-perf'));
    const [pair] = level(comparison, 4).comparisons;
    expect(texts(pair!, 'definitions_differ')[0]).toMatch(
      /^By TTFT: vllm-bench means a chunk without text .* \(not comparable\)$/,
    );
    const verdicts = (metric: string) =>
      new Set(
        pair!.ratios
          .filter((one) => one.metric === metric && one.turn === 'all')
          .map(({ verdict }) => verdict),
      );
    expect(verdicts('ttft')).toEqual(new Set(['not_comparable']));
    // Of one tool all else may be held against each other.
    const bench = join(FIXTURES, 'vllm-bench');
    const same = await compared(bench, { result: bench, name: 'again' });
    const [again] = level(same.comparison, 4).comparisons;
    const of = (metric: string) =>
      again!.ratios.find((one) => one.metric === metric && one.turn === 'all' && one.quantile === 'p50')!;
    expect([of('ttft').verdict, of('e2e').verdict]).toEqual(['not_comparable', 'no_difference_shown']);
    expect(verdictSentence(same.comparison, again!)).toMatch(
      /^Not comparable: by TTFT: both results mean a chunk/,
    );
  });

  test('printed summaries give estimates without intervals and no verdict', async () => {
    const logs = join(FIXTURES, 'multi-turn');
    const { comparison } = await compared(join(logs, 'vllm-job.log'), join(logs, 'llm-d-job.log'));
    const [pair] = comparison.comparisons;
    expect(comparison.levels).toBeUndefined();
    expect(comparison.targets.map(({ name, ttft_seconds }) => [name, ttft_seconds.all.p95])).toEqual([
      ['vllm-job', { estimate: 0.74471, lower: null, upper: null, n: 110 }],
      ['llm-d-job', { estimate: 0.2716, lower: null, upper: null, n: 110 }],
    ]);
    const p95 = pair!.ratios.find(({ metric, quantile }) => metric === 'ttft' && quantile === 'p95')!;
    expect([p95.lower, p95.upper, p95.verdict]).toEqual([null, null, 'not_comparable']);
    expect(p95.estimate).toBeCloseTo(0.2716 / 0.74471, 12);
    expect(texts(pair!, 'summary_only')).toHaveLength(2);
    expect(pair!.worse).toContainEqual({ metric: 'requests_per_second', turn: null, quantile: null });
  });

  test('records against a summary of the same run agree, without a verdict', async () => {
    const { comparison } = await compared(
      join(FIXTURES, 'inference-perf/stage_0_lifecycle_metrics.json'),
      join(FIXTURES, 'inference-perf'),
    );
    const one = level(comparison, 4);
    const ratios = one.comparisons[0]!.ratios.filter(
      ({ metric, turn }) => metric === 'ttft' && turn === 'all',
    );
    for (const ratio of ratios) expect(ratio.estimate).toBeCloseTo(1, 9);
    expect(texts(one.comparisons[0]!, 'summary_only')).toHaveLength(1);
  });

  test('a Benchmark Report honours its units: the same run in seconds and in milliseconds is one', async () => {
    const report = (unit: string, factor: number) => `version: "0.2"
run: {uid: guidellm-1}
scenario: {load: {standardized: {tool: guidellm, rate_qps: 5}}}
results:
  request_performance:
    aggregate:
      requests: {total: 100, failures: 0}
      latency:
        time_to_first_token: {units: ${unit}, mean: ${0.2 * factor}, p50: ${0.18 * factor}, p95: ${0.4 * factor}}
        request_latency: {units: fortnights, mean: 1, p50: 1}
`;
    const left = await write('seconds.yaml', report('s', 1));
    const right = await write('milliseconds.yaml', report('ms', 1000));
    const { comparison } = await compared(left, right);
    const [pair] = comparison.comparisons;
    const p95 = pair!.ratios.find(({ metric, quantile }) => metric === 'ttft' && quantile === 'p95')!;
    expect(p95.estimate).toBeCloseTo(1, 12);
    expect(comparison.targets[0]!.e2e_seconds.all.p50).toBeNull();
    expect(texts(pair!, 'noted')).toContain('seconds: request_latency is left out: its units are fortnights');
  });
});

describe('runs of Taillight', () => {
  const slow = records('vllm');
  const fast = records('llm-d', { later_ms: 60 });

  test('two targets of one file, packed or not, are told apart', async () => {
    const path = await write('run.jsonl.gz', gzipSync(runFile([...slow, ...fast])));
    const { comparison } = await compared(
      { result: path, target: 'vllm' },
      { result: path, target: 'llm-d' },
    );
    expect(comparison.targets.map(({ name, samples }) => [name, samples.all])).toEqual([
      ['vllm', 480],
      ['llm-d', 480],
    ]);
    const p95 = comparison.comparisons[0]!.ratios.find(
      ({ turn, quantile }) => turn === 'later' && quantile === 'p95',
    )!;
    expect(p95.verdict).toBe('faster');
  });

  test('shards of a run count together, and what stands in two of them counts once', async () => {
    const half = slow.length / 2;
    const root = join(folder, 'shards');
    await mkdir(root, { recursive: true });
    await writeFile(join(root, 'run-0.jsonl'), runFile(slow.slice(0, half + 10)));
    await writeFile(join(root, 'run-1.jsonl'), runFile(slow.slice(half)).slice(0, -40));
    const { comparison } = await compared(root, await write('fast.jsonl', runFile(fast)));
    // One line was torn.
    expect(comparison.targets[0]!.samples.all).toBe(479);
    const [pair] = comparison.comparisons;
    expect(texts(pair!, 'duplicates')).toEqual(['vllm: 10 requests stood in it twice and counted once']);
    expect(texts(pair!, 'not_all_read')).toHaveLength(1);
  });

  test('the stages of a run are its load levels', async () => {
    const stages = [
      { level: 2, unit: 'concurrency' },
      { level: 8, unit: 'concurrency' },
    ];
    const staged = (list: TimedRecord[]) => list.map((record, index) => ({ ...record, stage: index % 2 }));
    const left = await write('ladder-a.jsonl', runFile(staged(slow), { stages }));
    const right = await write('ladder-b.jsonl', runFile(staged(fast), { stages: stages.slice(1) }));
    const { comparison } = await compared(left, right);
    expect(comparison.levels!.map((one) => [one.level, one.unit])).toEqual([[8, 'concurrency']]);
  });

  test('what a run saw of its servers stands beside it and is held against the other', async () => {
    const make = async (name: string, target: string, list: TimedRecord[], replicas: number) => {
      const root = join(folder, name);
      await mkdir(root, { recursive: true });
      await writeFile(join(root, 'run.jsonl'), runFile(list));
      const targets = [
        {
          name: target,
          up: true,
          model: 'm',
          replica_count: replicas,
          replicas: 'nonsense',
          balance: { gpu: { cv: 'x' } },
        },
      ];
      await writeFile(
        join(root, 'observations.json'),
        JSON.stringify({ schema: 'taillight.observations/1', targets }, null, 2),
      );
      return root;
    };
    const { comparison } = await compared(
      await make('four', 'vllm', slow, 4),
      await make('two', 'llm-d', fast, 2),
    );
    expect(texts(comparison.comparisons[0]!, 'replica_count_differs')).toEqual([
      'The targets differ in size: vllm has 4 replicas, llm-d has 2 replicas',
    ]);
  });

  test('failures count, and only answered requests have latencies', async () => {
    const failing = fast.map((record, index) =>
      index % 5 === 0 ? { ...record, ...failure('http_503') } : record,
    );
    const { comparison } = await compared(
      await write('ok.jsonl', runFile(slow)),
      await write('failing.jsonl', runFile(failing)),
    );
    expect(comparison.targets[1]!.outcomes).toEqual({ http_503: 96, ok: 384 });
    expect(comparison.comparisons[0]!.ratios.every(({ verdict }) => verdict !== 'faster')).toBe(true);
  });
});

if (CORPUS === undefined) {
  test.skip('published LMBenchmark pair: skipped, as TAILLIGHT_CORPUS is not set', () => undefined);
} else {
  test('published LMBenchmark pair at 10 QPS: 55 of 252 requests are no faster candidate', async () => {
    const root = join(CORPUS, 'lmbench/exp-2');
    const { comparison } = await compared(
      join(root, 'vllm-70b-2replicas'),
      join(root, 'llm-d-70b-2replicas'),
      { resamples: 50 },
    );
    expect(comparison.levels).toHaveLength(40);
    const one = level(comparison, 10, 'sharegpt');
    expect(one.targets.map((target) => [target.samples.all, target.requests_missing ?? 0])).toEqual([
      [252, 0],
      [55, 197],
    ]);
    expect(texts(one.comparisons[0]!, 'requests_missing')).toEqual([
      'requests missing (55 of 252, mean prompt 735 against 1148 tokens)',
    ]);
    const [before, after] = one.targets.map((target) => target.ttft_seconds.all.p50!.estimate);
    expect(after! / before!).toBeLessThan(0.05);
    expect(new Set(one.comparisons[0]!.ratios.map(({ verdict }) => verdict))).toEqual(
      new Set(['not_comparable']),
    );
    expect(comparison.unmatched_levels!.map((left) => left.level)).toEqual([0.67, 0.84, 1.17, 1.34]);
  });
}
