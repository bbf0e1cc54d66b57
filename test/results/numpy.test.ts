import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultPart } from '../../exporter/src/model/result';
import { readResults } from '../../exporter/src/results/read-results';
import { quantile, sortedFinite } from '../../exporter/src/stats/quantile';

const FIXTURES = join(__dirname, '../fixtures/results');
const CORPUS = process.env['TAILLIGHT_CORPUS'];

interface Expected {
  requests: number;
  answered: number;
  ttft: number[] | null;
  e2e?: number[];
  first?: number;
  ttft_first?: number[] | null;
}
type ByFile = Record<string, Record<string, Expected>>;

const expected = (name: string) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as ByFile;

const three = (milliseconds: (number | null)[]) => {
  const sorted = sortedFinite(milliseconds.flatMap((value) => (value === null ? [] : value / 1000)));
  return [0.5, 0.95, 0.99].map((q) => quantile(sorted, q));
};

function close(found: (number | null | undefined)[], wanted: number[]): void {
  found.forEach((value, index) => {
    expect(Math.abs(value! - wanted[index]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, wanted[index]!));
  });
}

/** Holds a part against what NumPy computed from the same file. */
function holds(part: ResultPart, wanted: Expected): void {
  if (part.records === null) {
    expect(part.summary!.ok).toBe(wanted.answered);
    expect(part.summary!.ok! + part.summary!.failed!).toBe(wanted.requests);
    const { p50, p95, p99 } = part.summary!.latencies.ttft.all!;
    close([p50, p95, p99], wanted.ttft!);
    return;
  }
  const answered = part.records.filter((record) => record.outcome === 'ok');
  expect([part.records.length, answered.length]).toEqual([wanted.requests, wanted.answered]);
  close(three(answered.map((record) => record.ttft_ms)), wanted.ttft!);
  close(three(answered.map((record) => record.e2e_ms)), wanted.e2e!);
  if (wanted.first === undefined) return;
  const first = answered.filter((record) => record.turn === 1);
  expect(first).toHaveLength(wanted.first);
  close(three(first.map((record) => record.ttft_ms)), wanted.ttft_first!);
}

test.each(Object.entries(expected('expected.json')))(
  '%s: counts and percentiles are those of NumPy',
  async (file, levels) => {
    // inference-perf's requests only know their stages through the files beside them.
    const path = join(FIXTURES, file.startsWith('inference-perf') ? 'inference-perf' : file);
    const { parts, unread } = await readResults(path);
    expect(unread).toEqual([]);
    const all = Object.entries(levels);
    expect(parts).toHaveLength(all.length);
    for (const [level, wanted] of all) {
      const part = level === '' ? parts[0] : parts.find((one) => String(one.level?.value) === level);
      holds(part!, wanted);
    }
  },
);

const corpusFiles = Object.entries(expected('expected-corpus.json'));

if (CORPUS === undefined) {
  test.skip(`${corpusFiles.length} published files: skipped, as TAILLIGHT_CORPUS is not set`, () =>
    undefined);
} else {
  test.each(corpusFiles)('published %s: counts and percentiles are those of NumPy', async (file, levels) => {
    const { parts, unread } = await readResults(join(CORPUS, file));
    expect(unread).toEqual([]);
    expect(parts).toHaveLength(1);
    holds(parts[0]!, levels['']!);
  });

  test('published Benchmark Reports and an inference-perf report are read with their units', async () => {
    const read = async (name: string) => (await readResults(join(CORPUS, 'llm-d-benchmark', name))).parts[0]!;
    const old = await read('br_v0_1_example.yaml');
    // Milliseconds in the file.
    expect(old.summary!.latencies.ttft.all!.p50).toBeCloseTo(0.203539535985328e-3, 12);
    expect([old.summary!.ok, old.level, old.model]).toEqual([
      32,
      { value: 1.34, unit: 'qps' },
      'deepseek-ai/DeepSeek-R1-0528',
    ]);
    for (const name of ['br_v0_2_example.yaml', 'br_v0_2_1_example.yaml']) {
      const part = await read(name);
      expect([part.format, part.model, part.summary!.latencies.ttft.all!.p99! > 0]).toEqual([
        'benchmark-report',
        'Qwen/Qwen3-0.6B',
        true,
      ]);
    }
    const lifecycle = await read('fixture_inference_perf_lifecycle.yaml');
    expect(lifecycle.summary!.latencies.ttft.all).toMatchObject({ n: 3, p50: 0.030000000000000027 });
  });
}
