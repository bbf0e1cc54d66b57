import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetAddresses } from '../../demo/fleet/main';
import type { Comparison } from '../../exporter/src/model/comparison';
import { comparisonSchema } from '../support/comparison-schema';
import { BUNDLE, getJson } from '../support/exporter-process';
import { fetchMetricsPage } from '../support/metrics-page';
import { processesWith } from '../support/processes';
import { until } from '../support/until';

const MARK = `TAILLIGHT_TEST=walkthrough-${process.pid}`;
const PATIENCE_MS = 120_000;
/** The least of a P95 is 72 later turns. */
const CONVERSATIONS = 8;

const folder = mkdtempSync(join(tmpdir(), 'taillight-walkthrough-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(args: string[]) {
  const [name = '', value = ''] = MARK.split('=');
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [name]: value },
  });
  children.push(child);
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (printed.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (printed.err += part));
  const code = once(child, 'close').then(([exit]) => exit as number | null);
  const line = (pattern: RegExp) =>
    until(`${pattern} is printed`, () => pattern.exec(printed.out), PATIENCE_MS);
  return { child, code, printed, line };
}

/** Whether something listens at the address. */
function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

type Fleet = ReturnType<typeof fleetAddresses>['baseline'];
const listening = ({ url, replicas }: Fleet) =>
  Promise.all([url, ...replicas.map((replica) => replica.url)].map(listens));

const EVERY = [true, true, true, true, true];
const NONE = [false, false, false, false, false];

describe('the walkthrough', () => {
  const out = join(folder, 'results');
  const json = join(folder, 'out.json');
  const seen = { first: [[], []] as boolean[][], second: [[], []] as boolean[][] };
  let printed = { out: '', err: '' };
  let live: Comparison;
  let written: Comparison;
  let sampled: Record<string, number>;
  let code: number | null;

  beforeAll(async () => {
    const run = start([
      'demo',
      '--walkthrough',
      '--out',
      out,
      '--json',
      json,
      '--conversations',
      String(CONVERSATIONS),
    ]);
    const [, vllm = ''] = await run.line(/endpoint +(http:\S+)\n +benchmark/);
    const fleets = fleetAddresses('127.0.0.1', Number(new URL(vllm).port), 4);
    seen.first = [await listening(fleets.baseline), await listening(fleets.candidate)];
    await run.line(/Step 3: [^]*benchmark/);
    seen.second = [await listening(fleets.baseline), await listening(fleets.candidate)];
    const [, page = ''] = await run.line(/shows both until Ctrl-C: (http:\S+)\n/);
    live = await getJson<Comparison>(`${page}api/v1/comparison`);
    const metrics = await fetchMetricsPage(`${page}metrics`);
    sampled = Object.fromEntries(
      ['vllm', 'llm-d'].map((target) => [
        target,
        metrics.sum('taillight_probe_requests_total', { target, outcome: 'ok' }),
      ]),
    );
    run.child.kill('SIGINT');
    code = await run.code;
    printed = run.printed;
    written = JSON.parse(readFileSync(json, 'utf8')) as Comparison;
  }, 2 * PATIENCE_MS);

  test('stays until Ctrl-C, then ends with 0 and leaves no process behind', async () => {
    expect([code, printed.err]).toEqual([0, '']);
    await until('every inner process is gone', () => processesWith(MARK).length === 0);
  });

  test('has never both fleets at once: the first is gone, replicas and all, while the second is measured', () => {
    expect(seen.first).toEqual([EVERY, NONE]);
    expect(seen.second).toEqual([NONE, EVERY]);
  });

  test('compares two runs that do not overlap, paired by conversation', () => {
    expect(written.schema).toBe('taillight.comparison/1');
    const [before, after] = written.targets;
    expect([before, after]).toMatchObject([
      { name: 'vllm', role: 'baseline', samples: { first: 8, later: 72, all: 80 }, outcomes: { ok: 80 } },
      { name: 'llm-d', role: 'candidate', samples: { first: 8, later: 72, all: 80 }, outcomes: { ok: 80 } },
    ]);
    expect(Date.parse(before!.window!.end)).toBeLessThan(Date.parse(after!.window!.start));
    const [pair] = written.comparisons;
    expect(pair).toMatchObject({ method: 'paired', conversations: CONVERSATIONS });
    expect(pair!.caveats.map(({ reason }) => reason)).toContain('windows_apart');
  });

  test('gives verdicts all the same: of later turns to P95, of fewer requests none', () => {
    const verdicts = new Map(
      written.comparisons[0]!.ratios.filter(({ metric, turn }) => metric === 'ttft' && turn === 'later').map(
        ({ quantile, verdict }) => [quantile, verdict],
      ),
    );
    for (const quantile of ['p50', 'p95'] as const)
      expect(['faster', 'slower', 'no_difference_shown']).toContain(verdicts.get(quantile));
    expect(verdicts.get('p99')).toBe('too_few');
  });

  test('asked both the same: equal prompts but for the nonce, and the hit rates of their routers from cold caches', () => {
    const [before, after] = written.targets;
    expect(after!.tokens.prompt! / before!.tokens.prompt!).toBeCloseTo(1, 2);
    expect(Math.abs(before!.hit_rate!.from_probes! - before!.hit_rate!.expected_random!)).toBeLessThan(0.12);
    expect(Math.abs(after!.hit_rate!.from_probes! - after!.hit_rate!.expected_sticky!)).toBeLessThan(0.03);
  });

  test('shows both on the live page at the end, the absent one with its last numbers', () => {
    expect(comparisonSchema.parse(live)).toEqual(live);
    expect(live.targets).toMatchObject([
      { name: 'vllm', up: false, model: 'Qwen/Qwen3-0.6B', samples: { all: 80 } },
      { name: 'llm-d', up: true, model: 'Qwen/Qwen3-0.6B', samples: { all: 80 } },
    ]);
    for (const [at, { hit_rate, replicas }] of live.targets.entries()) {
      expect(replicas.map(({ up }) => up)).toEqual(Array(4).fill(at === 1));
      expect(hit_rate!.measured).toBeCloseTo(hit_rate!.from_probes!, 2);
    }
    expect(live.comparisons[0]).toMatchObject({ method: 'paired', conversations: CONVERSATIONS });
    const headline = live.comparisons[0]!.ratios.find(
      ({ metric, turn, quantile }) => metric === 'ttft' && turn === 'later' && quantile === 'p95',
    );
    const same = written.comparisons[0]!.ratios.find(
      ({ metric, turn, quantile }) => metric === 'ttft' && turn === 'later' && quantile === 'p95',
    );
    expect(headline!.estimate).toBeCloseTo(same!.estimate!, 6);
    expect(sampled).toEqual({ vllm: 80, 'llm-d': 80 });
  });

  test('prints the table of the document with intervals and verdicts', () => {
    const table = printed.out.slice(printed.out.indexOf('Results Comparison'));
    expect(table).toMatch(/^\| Metric +\| vllm +\| llm-d +\| llm-d \/ vllm +\| Verdict +\|$/m);
    for (const row of ['P50', 'P95', 'P99'])
      expect(table).toMatch(new RegExp(`^\\| ${row} TTFT, all turns +\\| [\\d. ]+ ms \\(.+–.+\\)`, 'm'));
    expect(table).toMatch(/^\| Cache speed-up \(first \/ later turns\) +\| [\d.]+x \([\d.]+x–[\d.]+x\)/m);
    expect(table).toMatch(/^\| {3}its bounds without eviction +\| random 6\d\.\d %, sticky 90\.0 %/m);
    expect(table).toMatch(/^\| Requests per second +\| [\d.]+ +\| [\d.]+ /m);
    expect(table).toContain('1. llm-d');
  });

  test('keeps the results of both, and the printed command compares them again', async () => {
    for (const name of ['vllm', 'llm-d'])
      for (const file of ['run.jsonl', 'observations.json', 'complete.json'])
        expect(existsSync(join(out, name, file))).toBe(true);
    const [, args = ''] = /^ {2}node \S+ (compare .+)$/m.exec(printed.out) ?? [];
    const again = start([...args.split(' '), '--json']);
    expect(await again.code).toBe(0);
    const { comparisons } = JSON.parse(again.printed.out) as Comparison;
    expect(comparisons).toMatchObject([{ method: 'paired', conversations: CONVERSATIONS }]);
  }, 60_000);

  test('does not write over results that are there', async () => {
    const again = start(['demo', '--walkthrough', '--once', '--out', out]);
    expect(await again.code).toBe(2);
    expect(again.printed.err).toMatch(
      /^taillight demo: \S+vllm: holds a finished run; name another folder with --out\n$/,
    );
  }, 60_000);
});

test(
  'Ctrl-C in the middle ends with what was measured, and takes the fleet with it',
  async () => {
    const out = join(folder, 'early');
    const run = start(['demo', '--walkthrough', '--out', out]);
    await run.line(/benchmark/);
    const file = join(out, 'vllm', 'run.jsonl');
    await until(
      'requests are recorded',
      () => existsSync(file) && readFileSync(file, 'utf8').split('\n').length > 3,
    );
    run.child.kill('SIGINT');
    expect(await run.code).toBe(0);
    expect(run.printed.err).toContain('ended early while vllm was measured');
    expect(existsSync(join(out, 'vllm', 'summary.json'))).toBe(true);
    expect(existsSync(join(out, 'llm-d', 'run.jsonl'))).toBe(false);
    await until('every inner process is gone', () => processesWith(MARK).length === 0);
  },
  PATIENCE_MS,
);
