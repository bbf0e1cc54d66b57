import type { ProbeProgress } from '../probe/probe-plan';
import { progressLine, shareDone } from './progress';

const progress = (more: Partial<ProbeProgress> = {}): ProbeProgress => ({
  target: 'vllm',
  up: true,
  planned: 40,
  due: 12,
  in_flight: 2,
  waiting: 0,
  finished: 10,
  cut_short: 0,
  skipped: { down: 0, saturated: 0 },
  requests: 93,
  ...more,
});

test('what is over counts, however it ended', () => {
  expect(shareDone([])).toBeNull();
  expect(
    shareDone([progress(), progress({ finished: 5, cut_short: 3, skipped: { down: 1, saturated: 1 } })]),
  ).toBe(0.25);
});

test('a log gets words, a terminal a bar before them', () => {
  const state = {
    targets: [progress(), progress({ target: 'llm-d', up: false })],
    level: null,
    elapsed_seconds: 75.9,
    failed: 0,
  };
  const words = '1:15  vllm 10/40 conversations, 93 requests | llm-d 10/40 conversations, 93 requests (down)';
  expect(progressLine(state, false)).toBe(` 25 %  ${words}`);
  expect(progressLine(state, true)).toBe(`[######..................]  25 %  ${words}`);
});

test('a ladder tells its level, failures are counted, and the start says so', () => {
  const level = { level: 0.5, unit: 'qps' as const };
  expect(progressLine({ targets: [], level, elapsed_seconds: 0, failed: 2 }, false)).toBe(
    '  – %  0:00  0.5 qps  starting  2 failed',
  );
});
