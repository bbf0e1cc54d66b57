import fc from 'fast-check';
import { ecdfPoints } from './ecdf';

test('few values: a step for each, at its own rank', () => {
  expect(ecdfPoints(Float64Array.of(1, 2, 2, 5), 4)).toEqual([
    { seconds: 1, answered: 0.25 },
    { seconds: 2, answered: 0.5 },
    { seconds: 2, answered: 0.75 },
    { seconds: 5, answered: 1 },
  ]);
});

test('requests that were never answered keep the curve below 1', () => {
  expect(ecdfPoints(Float64Array.of(1, 2), 4).at(-1)).toEqual({ seconds: 2, answered: 0.5 });
  expect(ecdfPoints(new Float64Array(), 3)).toEqual([]);
});

test('many values: at most some hundred points, each exact, the ends and the tail among them', () => {
  const n = 80_000;
  const points = ecdfPoints(
    Float64Array.from({ length: n }, (_, index) => index + 1),
    n,
  );
  expect(points.length).toBeLessThan(750);
  for (const { seconds, answered } of points) expect(answered).toBe(seconds / n);
  const ranks = new Set(points.map(({ seconds }) => seconds));
  for (const rank of [1, n / 2, 0.9 * n, 0.95 * n, 0.99 * n, 0.999 * n, n - 1, n])
    expect([rank, ranks.has(rank)]).toEqual([rank, true]);
});

test('whatever the values: ascending, and never off by more than a step of the grid', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), (n) => {
      const points = ecdfPoints(
        Float64Array.from({ length: n }, (_, index) => index),
        n,
      );
      const gaps = points.map(({ answered }, index) => answered - (points[index - 1]?.answered ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThan(0);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.max(1 / 400, 1 / n) + 1 / n);
      expect(points.at(-1)?.answered).toBe(1);
    }),
  );
});
