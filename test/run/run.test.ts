import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningFleet } from '../../demo/fleet/main';
import { quantile } from '../../exporter/src/stats/quantile';
import { comparisonSchema } from '../support/comparison-schema';
import { ExporterBench, LIVELY } from '../support/exporter-process';
import { fetchMetricsPage } from '../support/metrics-page';
import { fleetTargets, startFleets } from '../support/fleets';
import { until } from '../support/until';
import { loggedRequests, QUICK, recordsOf, RunBench, summaryOf, type Ended } from './run-bench';

let fleet: RunningFleet;
const bench = new RunBench();
beforeAll(async () => {
  fleet = await startFleets();
}, 60_000);
afterAll(async () => {
  await bench.stopAll();
  await fleet.stop();
});

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
  'Errors:',
  'Prefix Cache Hit Rate:',
  'Load:',
];

describe('a run over both fleets', () => {
  const out = () => bench.path('whole');
  let ended: Ended;
  let config: string;

  beforeAll(async () => {
    config = bench.config(fleet, {}, { warmup: 2, conversations: 8 });
    ended = await bench.run([
      '--config',
      config,
      '--out',
      out(),
      '--save-reference',
      ...['errors<=0%', 'llm-d:hit_rate>=10%', 'ttft.p50<=1m'].flatMap((gate) => ['--gate', gate]),
    ]);
  }, 90_000);

  test('ends with 0, its report on standard output, and its files beside each other', () => {
    expect([ended.code, ended.err.replace(/^ .* conversations.*\n/gm, '')]).toEqual([0, '']);
    let from = 0;
    for (const section of SECTIONS) {
      const at = ended.out.indexOf(section, from);
      expect([section, at >= 0]).toEqual([section, true]);
      from = at;
    }
    expect(ended.out).toContain('8 conversations x 3 turns (multi-turn, seed 1)');
    expect(ended.out).toContain('2 conversations of warm-up, not counted');
    expect(ended.out).toContain('Client self-check: ');
    expect(ended.out).toMatch(/Kept up +all conversations played/);
    expect(ended.out).toMatch(/pass {2}errors<=0% {2}llm-d: 0\.0 %/);
    // Drawn where the plots' bundle is built.
    const drawn = ['plots', 'report.html'];
    expect(
      readdirSync(out())
        .filter((name) => !drawn.includes(name))
        .sort(),
    ).toEqual(['complete.json', 'observations.json', 'report.md', 'run.jsonl', 'summary.json']);
    expect(readFileSync(join(out(), 'report.md'), 'utf8')).toContain('## Time to First Token (TTFT)\n\n| ');
  });

  test('summary.json is a comparison as everywhere else, of all requests but those of the warm-up', async () => {
    const summary = comparisonSchema.parse(summaryOf(out()));
    expect(summary.targets.map(({ name, samples }) => [name, samples])).toEqual([
      ['vllm', { first: 8, later: 16, all: 24 }],
      ['llm-d', { first: 8, later: 16, all: 24 }],
    ]);
    expect(summary.comparisons[0]).toMatchObject({ method: 'paired', conversations: 8 });
    const records = await recordsOf(out());
    expect(records.filter(({ warmup }) => warmup === true)).toHaveLength(2 * 2 * 3);
    expect(records).toHaveLength(2 * 10 * 3);
  });

  test('its TTFT is what the servers stamped, and no request is missing on either side', async () => {
    const logged = new Map((await loggedRequests(fleet)).map((one) => [one.request_id, one]));
    const records = await recordsOf(out());
    const errors = records.map((record) => {
      const truth = logged.get(record.request_id)!;
      return record.ttft_ms! - (truth.first_token_ms! - truth.received_ms);
    });
    expect(errors).toHaveLength(60);
    // A proxy hop and a new connection lie between; a busy machine makes it more, never less.
    const sorted = errors.sort((left, right) => left - right);
    expect(sorted[0]).toBeGreaterThan(-1);
    expect(quantile(sorted, 0.5)).toBeLessThan(30);
  });

  test('its token counts are those of the servers, and its hit rate is that of their counters to the token', async () => {
    const logged = new Map((await loggedRequests(fleet)).map((one) => [one.request_id, one]));
    for (const { request_id, prompt_tokens, cached_tokens } of await recordsOf(out())) {
      expect(logged.get(request_id)).toMatchObject({ prompt_tokens, cached_tokens });
    }
    for (const { hit_rate } of summaryOf(out()).targets) {
      expect(hit_rate?.from_probes).toBeGreaterThan(0);
      expect(hit_rate?.measured).toBeCloseTo(hit_rate?.from_probes ?? -1, 12);
    }
  });

  test('is not repeated in the same folder; its gates are judged again', async () => {
    const before = statSync(join(out(), 'run.jsonl')).mtimeMs;
    const again = await bench.run(['--config', config, '--out', out(), '--gate', 'ttft.p50<=1us']);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('"1us" is not a time')]);
    const failing = await bench.run(['--config', config, '--out', out(), '--gate', 'ttft.p50<=0ms']);
    expect(failing.code).toBe(3);
    expect(failing.out).toMatch(
      /^Run run-[0-9a-f]{8} in .* it is not repeated\.\n\nGates:\n {2}FAIL {2}ttft\.p50<=0ms/,
    );
    expect(statSync(join(out(), 'run.jsonl')).mtimeMs).toBe(before);
  }, 30_000);

  test('is the reference of a serve exporter of the same workload, which also sees it replaced', async () => {
    const exporters = new ExporterBench();
    try {
      const folder = exporters.folder();
      const exporter = await exporters.serve(
        {
          ...LIVELY,
          data_dir: bench.path('data'),
          targets: fleetTargets(fleet),
          probe: { preset: 'live', ...QUICK, conversations: 50 },
        },
        {},
        folder,
      );
      const page = await until('the reference is on the page', async () => {
        const read = await exporter.page();
        return read.series('taillight_reference_samples').length > 0 ? read : null;
      });
      const [vllm] = summaryOf(out()).targets;
      expect(page.value('taillight_reference_samples', { target: 'vllm', turn: 'later' })).toBe(16);
      expect(
        page.value('taillight_reference_ttft_seconds', { target: 'vllm', turn: 'later', quantile: '0.5' }),
      ).toBe(vllm!.ttft_seconds.later.p50!.estimate);
      // 16 requests carry no P95.
      expect(
        page.series('taillight_reference_ttft_seconds').map(({ labels }) => labels['quantile']),
      ).not.toContain('0.95');
      const again = await bench.run([
        '--config',
        config,
        '--out',
        bench.path('second'),
        '--conversations',
        '9',
        '--save-reference',
      ]);
      expect(again.code).toBe(0);
      await until('the new reference is on the page', async () => {
        const read = await exporter.page();
        return read.value('taillight_reference_samples', { target: 'vllm', turn: 'later' }) === 18;
      });
      exporter.write({ ...LIVELY, data_dir: bench.path('data'), targets: fleetTargets(fleet) });
      exporter.signal('SIGHUP');
      await until('a reference of another workload is left out', async () => {
        return (await exporter.page()).series('taillight_reference_samples').length === 0;
      });
    } finally {
      await exporters.stopAll();
    }
  }, 120_000);
});

test('one target alone, by its URL and another run of the other, are paired by conversation', async () => {
  const args = [
    '--conversations',
    '6',
    '--turns',
    '2',
    '--document-tokens',
    '200',
    '--max-tokens',
    '4',
    '--think-time',
    '0.02',
  ];
  const ends = await Promise.all(
    (['baseline', 'candidate'] as const).map((side) =>
      bench.run(['--target', `${side}=${fleet[side].url}`, ...args, '--out', bench.path(side)]),
    ),
  );
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  const [one, other] = await Promise.all(
    ['baseline', 'candidate'].map((side) => recordsOf(bench.path(side))),
  );
  const prompts = (records: Awaited<ReturnType<typeof recordsOf>>) =>
    new Map(records.map((record) => [`${record.conversation} ${record.turn}`, record.prompt_tokens!]));
  const [mine, theirs] = [prompts(one!), prompts(other!)];
  expect([...mine.keys()].sort()).toEqual([...theirs.keys()].sort());
  expect(mine.size).toBe(12);
  // The nonces of two runs are other words, which this server's tokenizer may cut otherwise.
  for (const [turn, tokens] of mine) expect(Math.abs(tokens - theirs.get(turn)!)).toBeLessThanOrEqual(3);
  expect(summaryOf(bench.path('baseline')).comparisons).toEqual([]);
}, 90_000);

test('while it runs its metrics can be scraped, with its id', async () => {
  const running = bench.start([
    ...['--config', bench.config(fleet), '--out', bench.path('listening'), '--run-id', 'visible-1'],
    ...['--listen', '127.0.0.1:0', '--conversations', '400', '--stop-after', '6s'],
  ]);
  const url = await until('it tells its address', () => /http:\S+\/metrics/.exec(running.printed().err)?.[0]);
  const page = await until('requests are counted', async () => {
    const read = await fetchMetricsPage(url);
    return read.sum('taillight_probe_requests_total') > 0 ? read : null;
  });
  expect(page.value('taillight_run_info', { run: 'visible-1', kind: 'bounded' })).toBe(1);
  const { code, out } = await running.ended;
  expect(code).toBe(0);
  expect(out).toContain('Run: visible-1, ');
  expect(existsSync(bench.path('listening', 'complete.json'))).toBe(true);
}, 60_000);

test('Ctrl-C ends it early: what was measured is reported and written, and the run may be started again', async () => {
  const folder = bench.path('interrupted');
  const args = ['--config', bench.config(fleet), '--out', folder];
  const running = bench.start([...args, '--conversations', '5000']);
  await until('something is measured', async () => (await recordsOf(folder)).length > 20);
  running.child.kill('SIGINT');
  const { code, out } = await running.ended;
  expect(code).toBe(0);
  expect(out).toContain('Ended: early, by a signal; everything measured until then is here');
  const kept = await recordsOf(folder);
  const summary = summaryOf(folder);
  expect(summary.targets.reduce((sum, { samples }) => sum + samples.all, 0)).toBe(kept.length);
  expect(existsSync(join(folder, 'complete.json'))).toBe(false);
  const again = await bench.run(args);
  expect(again.code).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith('run.jsonl.broken-off-'))).toHaveLength(1);
  expect(await recordsOf(folder)).toHaveLength(2 * 6 * 3);
}, 90_000);

test('requests per target end it as well', async () => {
  const folder = bench.path('requests');
  const { code } = await bench.run(['--config', bench.config(fleet), '--out', folder, '--requests', '7']);
  expect(code).toBe(0);
  const records = await recordsOf(folder);
  for (const target of ['vllm', 'llm-d']) {
    const own = records.filter((record) => record.target === target);
    expect(own.length).toBeGreaterThanOrEqual(7);
    expect(own.length).toBeLessThan(7 + QUICK.concurrency);
  }
}, 60_000);

test.each([
  [[], 'taillight run: give either --config FILE or --target NAME=URL (once or more)'],
  [
    ['--config', '{config}', '--targets', 'vllm,other'],
    '--targets: there is no target "other"; there are vllm, llm-d',
  ],
  [
    ['--config', '{config}', '--levels', '1,2'],
    '--levels: the preset multi-turn has none; use --preset long-input',
  ],
  [['--config', '{config}', '--gate', 'p95<=1s'], '--gate "p95<=1s": "p95" is not known; known are '],
  [['--config', '{config}', '--shard', '0/2'], '--shard: needs a name that all machines share'],
  [
    ['--config', '{config}', '--shard', '0/9', '--run-id', 'x'],
    '--shard: 3 conversations at once are too few for 9 machines',
  ],
  [
    ['--config', '{config}', '--trace', '/no/such'],
    '/no/such: cannot be read (ENOENT); name an existing file',
  ],
  [
    ['--config', '{config}', '--out', '/dev/null/x'],
    'taillight run: /dev/null/x: cannot be written to (ENOTDIR)',
  ],
  [
    ['--config', '{config}', '--shard', '0/2', '--run-id', 'x', '--save-reference'],
    '--save-reference: a shard is a part of its run only',
  ],
  [
    ['--config', '{config}', '--interleave', 'aabb'],
    '--interleave: "aabb" is not one of none, abba; use one of these',
  ],
  [
    ['--config', '{config}', '--listen', 'everywhere'],
    '--listen: "everywhere" is not an address to listen on',
  ],
  [['--config', '{config}', '--documents', '/no/such'], '--documents: "/no/such" is not a folder'],
  [['--nonsense'], "taillight run: Unknown option '--nonsense'"],
])(
  '%j is refused in one line, and nothing is measured',
  async (args, text) => {
    const config = bench.config(fleet);
    const { code, out, err } = await bench.run(args.map((arg) => arg.replace('{config}', config)));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^[^\n]+\n$/);
    expect(err).toContain(text);
  },
  30_000,
);
