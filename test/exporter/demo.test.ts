import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../exporter/src/model/comparison';
import { comparisonSchema } from '../support/comparison-schema';
import { BUNDLE, ExporterBench } from '../support/exporter-process';
import { fetchMetricsPage } from '../support/metrics-page';
import { until } from '../support/until';

const bench = new ExporterBench();
afterAll(() => bench.stopAll());

/** Processes that were started, at whatever remove, with this variable in their environment. */
function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
      } catch {
        return false;
      }
    })
    .map(Number);
}

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the demo to its end; `during` is given its process id and what it printed so far. */
async function demo(
  args: string[],
  mark: string,
  during?: (pid: number, printed: () => string) => Promise<void>,
): Promise<Ended> {
  const [name = '', value = ''] = mark.split('=');
  const child = spawn(process.execPath, [BUNDLE, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [name]: value },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  try {
    await during?.(child.pid!, () => out);
    return await ended;
  } finally {
    child.kill('SIGKILL');
  }
}

/** Waits until a demo has measured something; fails if it does not run two processes, itself and its fleets. */
async function untilMeasuring(mark: string, printed: () => string): Promise<void> {
  const url = await until('the demo tells its address', () => /http:\S+\/metrics/.exec(printed())?.[0]);
  await until('the first requests are answered', async () => {
    const page = await fetchMetricsPage(url);
    return page.sum('taillight_probe_requests_total', { outcome: 'ok' }) > 0;
  });
  expect(processesWith(mark)).toHaveLength(2);
}

/** The sections of the multi-turn benchmark's log, in its order; ours add to them. */
const SECTIONS = [
  'BENCHMARK SUMMARY',
  'Total time',
  'Total requests',
  'Completed conversations',
  'Requests per second',
  'Time to First Token (TTFT):',
  'Total Request Time:',
  'TTFT by Turn Number:',
  'TTFT by Document Type:',
  'First Turn vs Subsequent Turns (Prefix Caching Indicator):',
];

describe('a bounded demo of the bundle', () => {
  const mark = `TAILLIGHT_TEST=demo-${process.pid}`;
  let ended: Ended;
  let comparison: Comparison;

  beforeAll(async () => {
    const file = join(bench.folder(), 'out.json');
    ended = await demo(['--once', '--json', file, '--conversations', '8'], mark);
    comparison = JSON.parse(readFileSync(file, 'utf8')) as Comparison;
  }, 90_000);

  test('exits with 0 and says nothing on standard error', () => {
    expect([ended.code, ended.err]).toEqual([0, '']);
  });

  test('writes a comparison with exactly the documented keys', () => {
    expect(comparisonSchema.parse(comparison)).toEqual(comparison);
  });

  test('has measured both targets with the same requests, four replicas each', () => {
    expect(comparison.targets.map(({ name, role }) => [name, role])).toEqual([
      ['vllm', 'baseline'],
      ['llm-d', 'candidate'],
    ]);
    for (const target of comparison.targets) {
      expect(target).toMatchObject({
        up: true,
        model: 'Qwen/Qwen3-0.6B',
        engine: { name: 'vllm', version: '0.32.0' },
        conversations: 8,
        samples: { first: 8, later: 72, all: 80 },
        outcomes: { ok: 80 },
      });
      expect(target.replicas.map(({ up }) => up)).toEqual([true, true, true, true]);
      expect(target.ttft_by_turn_seconds.map(({ turn, n }) => [turn, n])).toEqual(
        Array.from({ length: 10 }, (_, index) => [index + 1, 8]),
      );
      expect(target.tokens.completion).toBe(80 * 32);
    }
    expect(comparison.comparisons).toMatchObject([
      { baseline: 'vllm', candidate: 'llm-d', method: 'paired', conversations: 8 },
    ]);
  });

  test('finds the hit rates that the routers must have, and says the same by the probes and by the servers', () => {
    const [plain, sticky] = comparison.targets.map(({ hit_rate }) => hit_rate!);
    expect(Math.abs(plain!.from_probes! - plain!.expected_random!)).toBeLessThan(0.12);
    expect(Math.abs(sticky!.from_probes! - sticky!.expected_sticky!)).toBeLessThan(0.03);
    for (const rate of [plain!, sticky!]) expect(rate.measured).toBeCloseTo(rate.from_probes!, 2);
  });

  test('prints the report in the order of sections that readers of the original benchmark know', () => {
    const report = ended.out.slice(ended.out.indexOf('BENCHMARK SUMMARY'));
    const places = SECTIONS.map((section) => report.indexOf(section));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(report).toContain('COMPARISON: llm-d against vllm');
  });

  test('leaves no process behind', async () => {
    await until('every inner process is gone', () => processesWith(mark).length === 0);
  });
});

describe('a demo that goes on until it is ended', () => {
  test('gives the report so far and exits with 0 on Ctrl-C, and leaves no process behind', async () => {
    const mark = `TAILLIGHT_TEST=interrupted-${process.pid}`;
    const ended = await demo([], mark, async (pid, printed) => {
      await untilMeasuring(mark, printed);
      process.kill(pid, 'SIGINT');
    });
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(ended.out).toContain('BENCHMARK SUMMARY');
    await until('every inner process is gone', () => processesWith(mark).length === 0);
  }, 90_000);

  test('takes its fleets with it even when it is killed', async () => {
    const mark = `TAILLIGHT_TEST=killed-${process.pid}`;
    const ended = await demo([], mark, async (pid, printed) => {
      await untilMeasuring(mark, printed);
      process.kill(pid, 'SIGKILL');
    });
    expect(ended.code).toBeNull();
    await until('every inner process is gone', () => processesWith(mark).length === 0);
  }, 90_000);
});
