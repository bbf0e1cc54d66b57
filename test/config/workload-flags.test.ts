import { parseArgs } from 'node:util';
import { readWorkloadFlags, WORKLOAD_HELP, WORKLOAD_OPTIONS } from '../../exporter/src/config/workload-flags';

const flags = (...args: string[]) => readWorkloadFlags(parseArgs({ args, options: WORKLOAD_OPTIONS }).values);

test('every option is read into the key of the same name', () => {
  expect(
    flags(
      '--preset=concurrency-sweep',
      '--levels=1,2,8',
      '--conversations=3',
      '--turns=4',
      '--concurrency=2',
      '--rate=0.5',
      '--document-tokens=100..200',
      '--max-tokens=16',
      '--think-time=0.5..2',
      '--seed=9',
      '--warmup=1',
      '--stop-after=5m',
      '--requests=40',
    ),
  ).toEqual({
    ok: true,
    overrides: {
      preset: 'concurrency-sweep',
      conversations: 3,
      turns: 4,
      concurrency: 2,
      rate: 0.5,
      document_tokens: { min: 100, max: 200 },
      max_tokens: 16,
      think_time: { min_seconds: 0.5, max_seconds: 2 },
      seed: 9,
      warmup: 1,
    },
    stop: { stop_after_seconds: 300, requests: 40 },
    levels: [1, 2, 8],
  });
});

test('options that are not given change nothing', () => {
  const result = flags();
  expect(result).toMatchObject({ ok: true, stop: { stop_after_seconds: null, requests: null } });
  expect(result.ok && Object.values(result.overrides).every((value) => value === undefined)).toBe(true);
});

test.each([
  ['2', 2, 2],
  ['0', 0, 0],
  ['500ms', 0.5, 0.5],
  ['1..3s', 1, 3],
])('--think-time %s', (text, min_seconds, max_seconds) => {
  expect(flags(`--think-time=${text}`)).toMatchObject({
    overrides: { think_time: { min_seconds, max_seconds } },
  });
});

test.each(['', '0', '1,,2', '1,1', '-1', 'a', '1e9', 'Infinity'])(
  '--levels %j is no list of loads',
  (text) => {
    const result = flags(`--levels=${text}`);
    expect(result).toEqual({
      ok: false,
      mistakes: [expect.stringContaining('is not a list of numbers above 0')],
    });
  },
);

test('all mistakes are told at once', () => {
  expect(flags('--turns=x', '--stop-after=5', '--think-time=3..1')).toEqual({
    ok: false,
    mistakes: [
      '--think-time: "3..1" is not a duration from 0s to 1h, or a range of it; write it like 0.5..2 or 2s, the lower end first',
      '--turns: "x" is not a whole number from 1 to 1000; use e.g. 10',
      '--stop-after: "5" is not a duration from 1s to 7d; write it with its unit, e.g. 5m',
    ],
  });
});

test('every option has a line of help', () => {
  expect(Object.keys(WORKLOAD_HELP)).toEqual(Object.keys(WORKLOAD_OPTIONS));
});
