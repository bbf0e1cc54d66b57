import { writeFileSync } from 'node:fs';
import type { RunningFleet } from '../../demo/fleet/main';
import { compareNow } from '../../exporter/src/compare/comparison';
import { readTrace } from '../../exporter/src/probe/trace-file';
import { comparisonSchema } from '../support/comparison-schema';
import { startFleets } from '../support/fleets';
import { input, records } from '../stats/workload';
import { loggedRequests, recordsOf, RunBench, summaryOf } from './run-bench';

/** Runs in parts: shards on several machines, stages at several loads, conversations and traces from files. */

let fleet: RunningFleet;
const bench = new RunBench();
beforeAll(async () => {
  fleet = await startFleets();
}, 60_000);
afterAll(async () => {
  await bench.stopAll();
  await fleet.stop();
});

describe('shards', () => {
  test('play every conversation once between them, under one name; an Indexed Job tells which is which', async () => {
    const config = bench.config(fleet, {}, { conversations: 9, warmup: 1 });
    const args = ['--config', config, '--out', bench.path('sharded')];
    const ended = await Promise.all([
      bench.run([...args, '--shard', '0/2', '--run-id', 'job-1']),
      bench.run(args, {
        env: { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '2', TAILLIGHT_RUN_ID: 'job-1' },
      }),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(ended[0].out).toContain('Shard: 0 of 2: its share only');
    const parts = await Promise.all(
      ['0', '1'].map((index) => recordsOf(bench.path('sharded', `shard-${index}-of-2`))),
    );
    const counted = parts.map((part) =>
      part.filter(({ warmup, target }) => warmup !== true && target === 'vllm'),
    );
    const ids = counted.map((part) => [...new Set(part.map(({ conversation }) => conversation))].sort());
    expect(ids.map((part) => part.length).sort()).toEqual([4, 5]);
    const whole = await bench.run(['--config', config, '--out', bench.path('unsharded')]);
    expect(whole.code).toBe(0);
    const all = new Set(
      (await recordsOf(bench.path('unsharded'))).flatMap(({ conversation, warmup }) =>
        warmup === true ? [] : conversation,
      ),
    );
    expect(ids.flat().sort()).toEqual([...all].sort());
    expect(new Set(parts.flat().map(({ run }) => run))).toEqual(new Set(['job-1']));
    expect(parts.flat().filter(({ warmup }) => warmup === true)).toHaveLength(2 * 3);
    // Same id, yet no shard and no further attempt finds its prompts in a cache.
    const first = parts.flat().filter(({ turn }) => turn === 1);
    expect(Math.max(...first.map(({ cached_tokens }) => cached_tokens ?? 0))).toBeLessThan(32);
  }, 120_000);

  test('of one run compare as the whole: same records, same estimates and intervals', () => {
    const sides = { vllm: records('vllm', {}), 'llm-d': records('llm-d', { later_ms: 200, seed: 2 }) };
    const shardOf = (conversation: string) => Number(/\d+/.exec(conversation)?.[0] ?? 0) % 3;
    const merged = (all: typeof sides.vllm) =>
      [2, 0, 1].flatMap((shard) => all.filter(({ conversation }) => shardOf(conversation) === shard));
    const whole = compareNow(input({ records: sides.vllm }, { records: sides['llm-d'] }));
    const parts = compareNow(input({ records: merged(sides.vllm) }, { records: merged(sides['llm-d']) }));
    expect(merged(sides.vllm)).not.toEqual(sides.vllm);
    expect(parts).toEqual(whole);
  });
});

test('a ladder of loads is a stage each, on both targets alike, and each finds cold caches', async () => {
  const config = bench.config(fleet, {}, { document_tokens: '300..400' });
  const { code, out } = await bench.run([
    ...[
      '--config',
      config,
      '--out',
      bench.path('ladder'),
      '--preset',
      'concurrency-sweep',
      '--levels',
      '1,4',
    ],
    ...['--conversations', '6', '--turns', '3', '--max-tokens', '4', '--document-tokens', '300..400'],
    ...['--think-time', '0.02..0.05', '--gate', 'requests>=18'],
  ]);
  expect(code).toBe(0);
  const summary = comparisonSchema.parse(summaryOf(bench.path('ladder')));
  expect(
    summary.levels?.map(({ level, unit, targets }) => [
      level,
      unit,
      targets.map(({ samples }) => samples.all),
    ]),
  ).toEqual([
    [1, 'concurrency', [18, 18]],
    [4, 'concurrency', [18, 18]],
  ]);
  for (const { targets } of summary.levels ?? []) {
    for (const { hit_rate } of targets)
      expect(hit_rate?.measured).toBeCloseTo(hit_rate?.from_probes ?? -1, 12);
  }
  expect(out).toMatch(/LOAD LEVELS[\s\S]*1 at a time:[\s\S]*4 at a time:/);
  expect(out).toMatch(/pass {2}requests>=18 {2}llm-d at 1 concurrency: 18\n.*llm-d at 4 concurrency: 18/);
  const all = await recordsOf(bench.path('ladder'));
  const spans = [0, 1].map((stage) =>
    all.filter((record) => record.stage === stage).map(({ sent_ms }) => sent_ms),
  );
  expect(Math.max(...spans[0]!)).toBeLessThan(Math.min(...spans[1]!));
  const first = all.filter(({ turn }) => turn === 1);
  expect(Math.max(...first.map(({ cached_tokens }) => cached_tokens ?? 0))).toBeLessThan(32);
}, 90_000);

test("conversations of the user's own are asked as they stand, with the true answers between", async () => {
  const path = bench.path('own.jsonl');
  const lines = [
    {
      id: 'ships',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'not used' },
        { role: 'user', content: 'Two' },
      ],
    },
    {
      conversations: [
        { from: 'human', value: 'Alone' },
        { from: 'gpt', value: 'not used' },
      ],
      max_tokens: 2,
    },
  ];
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  const { code, out } = await bench.run([
    '--config',
    bench.config(fleet),
    '--out',
    bench.path('own'),
    '--conversations-file',
    path,
  ]);
  expect(code).toBe(0);
  expect(out).toContain(`Workload: 2 conversations of up to 2 turns from ${path}`);
  const own = (await recordsOf(bench.path('own'))).filter(({ target }) => target === 'vllm');
  expect(
    own
      .map(
        ({ conversation, turn, completion_tokens }) =>
          `${conversation.replace(/-.*/, '')} ${turn} ${completion_tokens}`,
      )
      .sort(),
  ).toEqual(['f002 1 2', 'ships 1 4', 'ships 2 4']);
}, 60_000);

test('a trace is replayed by its own clock, with its lengths, and its prefixes are shared as recorded', async () => {
  const path = bench.path('trace.jsonl');
  const lines = [
    { timestamp: 1000, input_length: 1100, output_length: 3, hash_ids: [0, 1, 2] },
    { timestamp: 2000, input_length: 600, output_length: 2, hash_ids: [7, 8] },
    { timestamp: 3000, input_length: 1700, output_length: 4, hash_ids: [0, 1, 3, 4] },
  ];
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect(
    readTrace(path).map(({ at_seconds, conversation, turn }) => [at_seconds, conversation, turn]),
  ).toEqual([
    [0, 0, 1],
    [1, 1, 1],
    [2, 0, 2],
  ]);
  const { code, out } = await bench.run([
    ...['--config', bench.config(fleet), '--out', bench.path('trace'), '--trace', path, '--trace-speed', '2'],
  ]);
  expect(code).toBe(0);
  expect(out).toMatch(/Offered +as recorded: 3 requests in 1 s \(3\.00 req\/s\)/);
  const logged = new Map((await loggedRequests(fleet)).map((one) => [one.request_id, one]));
  const played = (await recordsOf(bench.path('trace'))).filter(({ target }) => target === 'llm-d');
  const [first, other, later] = played.sort((left, right) => left.intended_ms - right.intended_ms);
  expect(
    played.map(({ conversation, turn, completion_tokens }) => [conversation, turn, completion_tokens]),
  ).toEqual([
    ['t00000', 1, 3],
    ['t00001', 1, 2],
    ['t00000', 2, 4],
  ]);
  expect([other!.intended_ms - first!.intended_ms, later!.intended_ms - first!.intended_ms]).toEqual([
    expect.closeTo(500, 3),
    expect.closeTo(1000, 3),
  ]);
  for (const [index, { prompt_tokens, request_id }] of [first!, other!, later!].entries()) {
    const wanted = lines[index]!.input_length;
    expect(prompt_tokens).toBe(logged.get(request_id)!.prompt_tokens);
    expect(Math.abs(prompt_tokens! - wanted) / wanted).toBeLessThan(0.1);
  }
  // Two blocks of 512 are shared, give or take the block size and the template.
  expect(later!.cached_tokens).toBeGreaterThan(950);
  expect(later!.cached_tokens).toBeLessThan(1150);
}, 60_000);
