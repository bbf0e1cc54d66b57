import Ajv2020 from 'ajv/dist/2020';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compareNow } from '../../exporter/src/compare/comparison';
import type { QuantileName, TargetSummary } from '../../exporter/src/model/comparison';
import { OUTCOMES, TURN_CLASSES, turnClass, type TimedRecord } from '../../exporter/src/model/record';
import type { ResultPart } from '../../exporter/src/model/result';
import { presetWorkload } from '../../exporter/src/probe/presets';
import { readResults } from '../../exporter/src/results/read-results';
import {
  EXPORT_FORMATS,
  exportFiles,
  readExports,
  type ExportFormat,
} from '../../exporter/src/run/exports/export-files';
import type { RunResult } from '../../exporter/src/run/run-result';
import type { Level } from '../../exporter/src/run/stage';
import { writeResults } from '../../exporter/src/run/write-results';
import { quantile, sortedFinite } from '../../exporter/src/stats/quantile';
import { failure, input, record, records, START } from '../stats/workload';
import { reportMistakes } from './benchmark-report-schema';

/** What a run is written as for other tools is read back as the same run. */

const CORPUS = process.env['TAILLIGHT_CORPUS'];
const folder = mkdtempSync(join(tmpdir(), 'taillight-exports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FAILURES = OUTCOMES.filter((outcome) => outcome !== 'ok');

/** Conversations of which some end with a failure, of every kind; the first two requests are of the warm-up. */
function played(target: string, stage: number, seed: number): TimedRecord[] {
  const all = records(target, { seed, conversations: 40, turns: 4, later_ms: target === 'vllm' ? 300 : 150 });
  return all.map((one, index) => {
    const outcome = one.turn === 4 ? FAILURES[Math.floor(index / 4) % 20] : undefined;
    const bad = outcome === undefined ? {} : { ...failure(outcome), http_status: statusOf(outcome) };
    return { ...one, ...bad, stage, sent_at: one.sent_at + stage * 1000 };
  });
}

const statusOf = (outcome: string): number | null =>
  outcome === 'http_4xx' ? 404 : outcome === 'http_5xx' ? 502 : Number(/\d+$/.exec(outcome)?.[0]) || null;

/** A run of the two targets over levels, as `BoundedRun` gives it; without levels where there are none. */
function runOf(levels: readonly Level[], preset = 'long-input', targets = ['vllm', 'llm-d']): RunResult {
  const workload = presetWorkload(preset as Parameters<typeof presetWorkload>[0]);
  const stages = levels.length === 0 ? [null] : levels;
  const all = new Map(
    targets.map((target) => [target, stages.flatMap((_, stage) => played(target, stage, stage + 1))]),
  );
  const compared = (keep: (one: TimedRecord) => boolean) => {
    const { targets: summaries, ...rest } = compareNow(
      input(
        { records: (all.get('vllm') ?? []).filter(keep) },
        { records: (all.get('llm-d') ?? []).filter(keep) },
      ),
    );
    return { ...rest, targets: summaries };
  };
  const warmup = record('vllm', 'warm', 1, { warmup: true, sent_at: START - 10, ttft_ms: 9999 });
  all.get('vllm')?.unshift(warmup);
  return {
    run: 'r',
    started: new Date(START * 1000).toISOString(),
    ended: new Date((START + 2000) * 1000).toISOString(),
    end: { kind: 'finished' },
    workload,
    source: null,
    shard: null,
    spans: stages.map((level, index) => ({
      stage: {
        measured: { index, level },
        workload,
        first_sequence: 0,
        limits: { conversations: 40, seconds: null, requests: null },
      },
      from: START + index * 1000,
      to: START + index * 1000 + 999,
    })),
    comparison: {
      ...compared(() => true),
      ...(levels.length > 0 && {
        levels: levels.map((level, index) => {
          const { targets: summaries, comparisons } = compared(({ stage }) => stage === index);
          return { ...level, targets: summaries, comparisons };
        }),
      }),
    },
    records: all,
    observations: [],
    progress: new Map(),
    load: {},
    client: { p50_seconds: 0.001, p99_seconds: 0.002 },
    keep_alive: false,
    interleave: 'none',
  };
}

const QPS: Level[] = [0.1, 0.25].map((level) => ({ level, unit: 'qps' }));
const ladder = runOf(QPS);
const summaryAt = (level: number, target: string): TargetSummary =>
  ladder.comparison.levels![level]!.targets.find(({ name }) => name === target)!;

let written: string[];
beforeAll(async () => {
  const { files, problem } = await writeResults(join(folder, 'ladder'), ladder, true, {
    exports: EXPORT_FORMATS,
    plots: null,
  });
  expect(problem).toBeNull();
  written = files;
});

async function readBack(...names: string[]): Promise<ResultPart> {
  const set = await readResults(join(folder, 'ladder', ...names));
  expect(set.unread).toEqual([]);
  expect(set.parts).toHaveLength(1);
  return set.parts[0]!;
}

const NAMES: Record<ExportFormat, (level: number) => string> = {
  lmbench: (level) => `LMBench_long_input_output_${QPS[level]!.level}.csv`,
  aiperf: (level) => `profile_export_qps${QPS[level]!.level}.jsonl`,
  'benchmark-report': (level) => `benchmark_report_v0.2,_stage_${level}.yaml`,
};
const EVERY = [0, 1].flatMap((level) => ['vllm', 'llm-d'].map((target) => [level, target] as const));

/** Percentiles of read records, as the run's own are made. */
function percentiles(part: ResultPart, metric: 'ttft_ms' | 'e2e_ms' | 'tpot_ms', turn: string) {
  const values = part.records!.flatMap((one) =>
    one.outcome === 'ok' && (turn === 'all' || turnClass(one.turn) === turn) ? (one[metric] ?? []) : [],
  );
  const sorted = sortedFinite(values.map((value) => value / 1000));
  return [0.5, 0.95, 0.99].map((q) => quantile(sorted, q)!);
}

function expectClose(found: readonly number[], wanted: readonly number[]) {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, index) => expect(Math.abs(value / wanted[index]! - 1)).toBeLessThan(1e-9));
}

const own = (summary: TargetSummary, metric: 'ttft' | 'e2e' | 'tpot', turn: 'first' | 'later' | 'all') =>
  (['p50', 'p95', 'p99'] as QuantileName[]).map((name) => summary[`${metric}_seconds`][turn][name]!.estimate);

test('there is a file per format, target and level, in a folder per target where there are several', () => {
  const expected = EVERY.flatMap(([level, target]) =>
    EXPORT_FORMATS.map((format) => `${target}/${NAMES[format](level)}`),
  );
  expect(written.filter((name) => name.includes('/')).sort()).toEqual(expected.sort());
  expect(written.at(-1)).toBe('complete.json');
});

describe('LMBenchmark CSV', () => {
  test.each(EVERY)(
    'of level %i of %s is read back with equal counts and percentiles',
    async (level, target) => {
      const part = await readBack(target, NAMES.lmbench(level));
      expect([part.format, part.level, part.workload]).toEqual([
        'lmbench',
        { value: QPS[level]!.level, unit: 'qps' },
        'long_input',
      ]);
      const summary = summaryAt(level, target);
      for (const turn of TURN_CLASSES) {
        const ok = part.records!.filter(
          (one) => one.outcome === 'ok' && (turn === 'all' || turnClass(one.turn) === turn),
        );
        expect(ok).toHaveLength(summary.samples[turn]);
        expectClose(percentiles(part, 'ttft_ms', turn), own(summary, 'ttft', turn));
        expectClose(percentiles(part, 'e2e_ms', turn), own(summary, 'e2e', turn));
      }
    },
  );

  test('has no row for a failure; an answer without a token is one of ttft 0', async () => {
    const part = await readBack('vllm', NAMES.lmbench(0));
    const { outcomes } = summaryAt(0, 'vllm');
    const count = (outcome: string) => part.records!.filter((one) => one.outcome === outcome).length;
    expect([count('ok'), count('empty')]).toEqual([outcomes.ok, outcomes.empty]);
    expect(part.records).toHaveLength(outcomes.ok! + outcomes.empty!);
    expect(Object.values(outcomes).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(part.records!.length);
  });

  test('numbers users by their conversation, so that two runs are paired', async () => {
    const [one, other] = await Promise.all(
      ['vllm', 'llm-d'].map((target) => readBack(target, NAMES.lmbench(1))),
    );
    const ids = (part: ResultPart) =>
      [...new Set(part.records!.map(({ conversation }) => conversation))].sort();
    expect(ids(one!)).toHaveLength(40);
    expect(ids(one!)).toEqual(ids(other!));
    expect([one!.identity, other!.identity]).toEqual(['conversation', 'conversation']);
  });

  test("has LMBenchmark's two headers, ShareGPT's without users", () => {
    const header = (preset: string) => {
      const [file] = exportFiles(runOf(QPS, preset), ['lmbench']);
      return [file!.name, file!.render().split('\n')[0]];
    };
    const users =
      'prompt_tokens,generation_tokens,ttft,generation_time,user_id,question_id,launch_time,finish_time';
    expect(header('long-input')).toEqual(['vllm/LMBench_long_input_output_0.1.csv', users]);
    expect(header('short-input')).toEqual(['vllm/LMBench_short_input_output_0.1.csv', users]);
    expect(header('sharegpt-like')).toEqual([
      'vllm/LMBench_sharegpt_output_0.1.csv',
      'prompt_tokens,generation_tokens,ttft,generation_time,launch_time,finish_time',
    ]);
  });
});

describe('AIPerf records', () => {
  test.each(EVERY)(
    'of level %i of %s are read back with every outcome and percentile',
    async (level, target) => {
      const part = await readBack(target, NAMES.aiperf(level));
      const summary = summaryAt(level, target);
      expect([part.format, part.level]).toEqual([
        'aiperf-records',
        { value: QPS[level]!.level, unit: 'qps' },
      ]);
      const outcomes: Record<string, number> = {};
      for (const { outcome } of part.records!) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      expect(outcomes).toEqual(summary.outcomes);
      expect(Object.keys(outcomes)).toHaveLength(OUTCOMES.length);
      for (const turn of TURN_CLASSES)
        for (const metric of ['ttft', 'e2e', 'tpot'] as const)
          expectClose(percentiles(part, `${metric}_ms`, turn), own(summary, metric, turn));
    },
  );

  test('keep conversations, turns, tokens and times', async () => {
    const part = await readBack('llm-d', NAMES.aiperf(0));
    const told = (one: TimedRecord) => [
      one.conversation,
      one.turn,
      one.round,
      one.prompt_tokens,
      one.cached_tokens,
      one.completion_tokens,
      Math.round(one.sent_at * 1000),
    ];
    const wanted = ladder.records
      .get('llm-d')!
      .filter(({ stage }) => stage === 0)
      .sort((left, right) => left.sent_at - right.sent_at);
    expect(part.records!.map(told)).toEqual(wanted.map(told));
  });
});

describe('Benchmark Report', () => {
  test.each(EVERY)('of level %i of %s is read back with equal counts and figures', async (level, target) => {
    const part = await readBack(target, NAMES['benchmark-report'](level));
    const summary = summaryAt(level, target);
    const total = Object.values(summary.outcomes).reduce((sum, count) => sum + count, 0);
    expect([part.level, part.summary!.ok, part.summary!.failed]).toEqual([
      { value: QPS[level]!.level, unit: 'qps' },
      summary.samples.all,
      total - summary.samples.all,
    ]);
    for (const metric of ['ttft', 'e2e', 'tpot', 'itl'] as const) {
      const found = part.summary!.latencies[metric].all!;
      const wanted = summary[`${metric}_seconds`].all;
      for (const name of ['p50', 'p90', 'p95', 'p99'] as const)
        expectClose([found[name]!], [wanted[name]!.estimate]);
      for (const name of ['mean', 'min', 'max'] as const) expectClose([found[name]!], [wanted[name]!]);
    }
    expectClose([part.summary!.requests_per_second!], [summary.requests_per_second!]);
    expectClose([part.summary!.output_tokens_per_second!], [summary.output_tokens_per_second!]);
    expect(part.definitions).toMatchObject({ ttft: 'first_token', e2e: 'last_token' });
  });

  const report = (level: number, target: string): unknown =>
    parse(readFileSync(join(folder, 'ladder', target, NAMES['benchmark-report'](level)), 'utf8'));

  test.each(EVERY)('of level %i of %s is valid', (level, target) => {
    expect(reportMistakes(report(level, target))).toEqual([]);
  });

  test('is valid without any answer, and when the run has no levels', () => {
    const silent = runOf([]);
    const down = silent.records.get('vllm')!.map((one) => ({ ...one, ...failure('connect_error') }));
    const dead = { ...silent, records: new Map([...silent.records, ['vllm', down]]) };
    for (const run of [silent, dead]) {
      const [file] = exportFiles(run, ['benchmark-report']);
      expect(reportMistakes(parse(file!.render()))).toEqual([]);
    }
    expect(parse(exportFiles(dead, ['benchmark-report'])[0]!.render())).toMatchObject({
      results: {
        request_performance: { aggregate: { requests: { total: 160, failures: 160 }, latency: {} } },
      },
    });
  });

  test('has its times and ids in quotes, which YAML 1.1 would take for dates and numbers', () => {
    const text = exportFiles(ladder, ['benchmark-report'])[0]!.render();
    expect(text).toMatch(/^ {2}uid: '[0-9a-f]{32}'$/m);
    expect(text).toMatch(/^ {4}start: '2026-\d\d-\d\dT.*Z'$/m);
    expect(parse(text, { version: '1.1' })).toEqual(parse(text));
  });

  test('in the words of Prism: latencies in seconds, the hit rate a fraction', () => {
    const text = JSON.stringify(report(0, 'llm-d'));
    expect(text).not.toContain('"ms');
    expect(text).toMatch(
      /"vllm_prefix_cache_hit_rate":\{"aggregated":\{"mean":0\.\d+,"units":"fraction"\}\}/,
    );
  });

  if (CORPUS === undefined) {
    test.skip("is valid by llm-d's own JSON Schema: skipped, as TAILLIGHT_CORPUS is not set", () =>
      undefined);
  } else {
    test("is valid by llm-d's own JSON Schema", () => {
      const path = join(CORPUS, 'llm-d-benchmark/br_v0_2_1_json_schema.json');
      const schema = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(
        schema,
      );
      for (const [level, target] of EVERY) {
        validate(report(level, target));
        expect(validate.errors).toBeNull();
      }
      expect(validate({ ...(report(0, 'vllm') as object), verdict: 1 })).toBe(false);
    });
  }
});

describe('names', () => {
  const names = (levels: readonly Level[], preset: string) =>
    exportFiles(runOf(levels, preset, ['vllm']), EXPORT_FORMATS).map(({ name }) => name);

  test('of a single target stand at the top of the folder; requests at once are no QPS', async () => {
    expect(names([{ level: 8, unit: 'concurrency' }], 'concurrency-sweep')).toEqual([
      'LMBench_concurrency_sweep_concurrency8.csv',
      'profile_export_concurrency8.jsonl',
      'benchmark_report_v0.2,_stage_0.yaml',
    ]);
    const sweep = runOf([{ level: 8, unit: 'concurrency' }], 'concurrency-sweep', ['vllm']);
    const out = join(folder, 'sweep');
    await writeResults(out, sweep, true, { exports: EXPORT_FORMATS, plots: null });
    for (const file of readdirSync(out).filter((name) => /^(LMB|prof|bench)/.test(name))) {
      const { parts } = await readResults(join(out, file));
      expect([file, parts.map(({ level }) => level)]).toEqual([file, [{ value: 8, unit: 'concurrency' }]]);
    }
  });

  test("of a run without levels are the tools' own", () => {
    expect(names([], 'multi-turn')).toEqual([
      'LMBench_multi_turn.csv',
      'profile_export.jsonl',
      'benchmark_report_v0.2,_stage_0.yaml',
    ]);
  });
});

test('--export takes formats with commas or repeated, each once, and names what it does not know', () => {
  expect(readExports(['benchmark-report,lmbench', 'lmbench'])).toEqual(['lmbench', 'benchmark-report']);
  expect(readExports([])).toEqual([]);
  expect(readExports(['lmbench,csv'])).toBe(
    '--export: "csv" is not a format; use lmbench, aiperf, benchmark-report',
  );
});
