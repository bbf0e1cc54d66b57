import { PRESETS } from '../probe/presets';
import { chooseShard, sharedConcurrency } from './shard';
import { atLevel, offeredRate, planStages, type Level } from './stage';

const workload = { ...PRESETS['multi-turn'], conversations: 5, warmup: 2 };
const qps = (...levels: number[]): Level[] => levels.map((level) => ({ level, unit: 'qps' }));
const stop = { seconds: 60, requests: 100 };

describe('the stages of a run', () => {
  test('are a warm-up and the rest; the warm-up ends before the rest begins', () => {
    expect(planStages(workload, [], stop)).toEqual([
      {
        measured: null,
        workload,
        first_sequence: 0,
        limits: { conversations: 0, seconds: 60, requests: null },
      },
      {
        measured: { index: 0, level: null },
        workload,
        first_sequence: 2,
        limits: { conversations: 5, seconds: 60, requests: 100 },
      },
    ]);
  });

  test('play the same conversations at each level, each time as a further round', () => {
    const stages = planStages({ ...workload, warmup: 0 }, qps(1, 2, 4), { seconds: null, requests: null });
    expect(stages.map(({ first_sequence, limits }) => [first_sequence, limits.conversations])).toEqual([
      [0, 5],
      [5, 10],
      [10, 15],
    ]);
  });
});

describe('a load level', () => {
  test('of concurrency is a closed loop of so many workers', () => {
    expect(atLevel({ ...workload, rate: 3 }, { level: 8, unit: 'concurrency' })).toMatchObject({
      rate: null,
      concurrency: 8,
    });
  });

  test('of an open loop is offered as requests per second, by conversations of so many turns', () => {
    const at = atLevel({ ...workload, rate: 1 }, { level: 5, unit: 'qps' });
    expect(at.rate).toBe(0.5);
    expect(offeredRate(at)).toBe(5);
    expect(at.concurrency).toBeGreaterThanOrEqual(256);
  });

  test('of a closed loop is a gap of users / QPS between the questions of a user', () => {
    const at = atLevel({ ...workload, concurrency: 15 }, { level: 0.1, unit: 'qps' });
    const { min_seconds, max_seconds } = at.think_time;
    expect([at.rate, at.concurrency, (min_seconds + max_seconds) / 2]).toEqual([null, 15, 150]);
  });
});

describe('a shard', () => {
  test.each([
    ['0/4', {}, { index: 0, count: 4 }],
    ['3/4', { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '2' }, { index: 3, count: 4 }],
    [undefined, { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '2' }, { index: 1, count: 2 }],
    [undefined, { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '1' }, null],
    [undefined, {}, null],
  ])('%s with %j is %j', (option, env, shard) => {
    expect(chooseShard(option, env)).toEqual({ ok: true, shard });
  });

  test.each([
    ['4/4', {}, '--shard "4/4": is not I/N with I from 0 to N - 1; write it like 0/4'],
    ['1', {}, '--shard "1": is not I/N with I from 0 to N - 1; write it like 0/4'],
    [
      undefined,
      { JOB_COMPLETION_INDEX: '2', JOB_COMPLETIONS: 'x' },
      'JOB_COMPLETION_INDEX 2 of JOB_COMPLETIONS x: is not I/N',
    ],
    [undefined, { JOB_COMPLETION_INDEX: '2' }, 'JOB_COMPLETION_INDEX is set and JOB_COMPLETIONS is not'],
  ])('%s with %j is refused', (option, env, text) => {
    const chosen = chooseShard(option, env);
    expect(!chosen.ok && chosen.mistake).toContain(text);
  });

  test.each([1, 4, 10, 17])('has its part of a concurrency of %d: all parts add up', (concurrency) => {
    const parts = Array.from({ length: 4 }, (_, index) =>
      sharedConcurrency({ concurrency }, { index, count: 4 }),
    );
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(concurrency);
    expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
  });

  test('of an open loop keeps the rate of the whole and has a part of its workers', () => {
    const [stage] = planStages({ ...workload, warmup: 0, rate: 2, concurrency: 9 }, [], stop, {
      index: 0,
      count: 2,
    });
    expect(stage?.workload).toMatchObject({ rate: 2, concurrency: 5 });
  });
});
