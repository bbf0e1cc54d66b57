import { armResult, judge, type ArmResult } from './judge';

const arm = (p50_ms: number, p99_ms: number): ArmResult => ({ n: 100, p50_ms, p99_ms });
const level = (ours: ArmResult, bare: ArmResult) => ({ streams: 16, ours, bare });

test('errors are compared by size: early is as wrong as late', () => {
  expect(armResult([-1, 1, -3, 3, -5])).toEqual({
    n: 5,
    p50_ms: 3,
    p99_ms: expect.closeTo(4.92, 10) as number,
  });
});

test('a client that reported nothing has no percentiles, and is not called ok', () => {
  const nothing = armResult([]);
  expect(nothing).toEqual({ n: 0, p50_ms: NaN, p99_ms: NaN });
  expect(judge(level(nothing, arm(0.4, 2)))).toBe('too slow');
  expect(judge(level(arm(0.4, 2), nothing))).toBe('machine too busy to judge');
});

test.each([
  ['equal', arm(0.4, 2), arm(0.4, 2), 'ok'],
  ['half again as much', arm(0.6, 3), arm(0.4, 2), 'ok'],
  ['more than that at the median', arm(0.8, 2), arm(0.4, 2), 'too slow'],
  ['more than that in the tail', arm(0.4, 3.2), arm(0.4, 2), 'too slow'],
  ['a multiple within the grain of the clock', arm(0.12, 0.13), arm(0.02, 0.02), 'ok'],
  ['anything beside a bare client that is off itself', arm(9, 90), arm(3, 10), 'machine too busy to judge'],
  ['anything beside a bare client whose tail is off', arm(0.4, 2), arm(0.4, 21), 'machine too busy to judge'],
] as const)('%s is judged rightly', (_, ours, bare, expected) => {
  expect(judge(level(ours, bare))).toBe(expected);
});
