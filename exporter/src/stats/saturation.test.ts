import { normal } from '../../../test/stats/workload';
import { createRandom, type RandomSource } from './random';
import { ttftTrend, type TimedValue } from './saturation';

const REQUESTS = 440;

/** Requests in order of time; `level` gives the factor at the share 0..1 of the window. */
function window(random: RandomSource, level: (share: number) => number, missShare = 0): TimedValue[] {
  return Array.from({ length: REQUESTS }, (_, index) => {
    const share = index / REQUESTS;
    const turn = 1 + random.below(10);
    const base = turn === 1 ? 600 : 100 + 4 * turn;
    const miss = turn > 1 && random.unit() < missShare ? 5 : 1;
    return { at: share * 900, turn, value: base * miss * level(share) * Math.exp(0.4 * normal(random)) };
  });
}

const alarms = (windows: number, make: (random: RandomSource) => TimedValue[]) =>
  Array.from({ length: windows }, (_, seed) => ttftTrend(make(createRandom(seed)))).filter(
    (trend) => trend?.grows,
  ).length;

test('stationary noise raises no alarm, with or without cache misses', () => {
  expect(alarms(500, (random) => window(random, () => 1))).toBe(0);
  expect(alarms(500, (random) => window(random, () => 1, 0.4))).toBeLessThanOrEqual(2);
});

test('load that wanders about its mean raises hardly any', () => {
  const wandering = (random: RandomSource) => {
    let state = 0;
    const path = Array.from({ length: REQUESTS + 1 }, () => (state = 0.95 * state + 0.06 * normal(random)));
    return window(random, (share) => Math.exp(path[Math.round(share * REQUESTS)]!));
  };
  expect(alarms(300, wandering)).toBeLessThanOrEqual(3);
});

test('a queue that grows without end is found', () => {
  expect(alarms(100, (random) => window(random, (share) => 1 + 3 * share))).toBe(100);
});

test('a slow start that then levels off is no saturation', () => {
  expect(alarms(200, (random) => window(random, (share) => Math.min(1, 0.3 + share * 7)))).toBe(0);
});

test('conversations that march in step grow with their prompts, not with the load', () => {
  const random = createRandom(5);
  const marching = Array.from({ length: 10 }, (_, turn) =>
    Array.from({ length: 44 }, (_, index) => ({
      at: turn * 60 + index,
      turn: turn + 1,
      value: 100 * (turn + 1) * Math.exp(0.2 * normal(random)),
    })),
  ).flat();
  expect(ttftTrend(marching)!.grows).toBe(false);
});

test('the growth is the fitted end over the fitted start', () => {
  const steady = Array.from({ length: 400 }, (_, index) => ({ at: index, turn: 2, value: 100 + index }));
  const trend = ttftTrend(steady)!;
  expect(trend.grows).toBe(true);
  expect(trend.growth).toBeGreaterThan(4.3);
  expect(trend.growth).toBeLessThan(5.1);
});

test('too few requests tell nothing', () => {
  expect(ttftTrend([])).toBeNull();
  expect(ttftTrend(window(createRandom(1), () => 1).slice(0, 60))).toBeNull();
});
