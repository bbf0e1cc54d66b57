import { bootstrapSums } from './resampled-sums';

const OPTIONS = { resamples: 2000, seed: 1 };
const share = ([part = 0, whole = 0]: readonly number[]) => part / whole;

test('clusters that are all alike leave no doubt', () => {
  const clusters = Array.from(
    { length: 10 },
    () =>
      [
        [1, 4],
        [3, 4],
      ] as [number[], number[]],
  );
  expect(bootstrapSums(clusters, share, OPTIONS)).toEqual({
    baseline: { lower: 0.25, upper: 0.25 },
    candidate: { lower: 0.75, upper: 0.75 },
    ratio: { lower: 3, upper: 3 },
  });
});

test('the interval of a mean is that of its standard error, 1.96 s / sqrt(n) to each side', () => {
  const n = 400;
  // Values 0..1 in equal steps: mean 0.5, standard deviation 0.289.
  const clusters = Array.from({ length: n }, (_, i) => {
    const value = (i + 0.5) / n;
    return [
      [value, 1],
      [value, 1],
    ] as [number[], number[]];
  });
  const { baseline, ratio } = bootstrapSums(clusters, share, OPTIONS);
  const half = (1.96 * Math.sqrt(1 / 12)) / Math.sqrt(n);
  expect(Math.abs(baseline!.lower - (0.5 - half))).toBeLessThan(0.003);
  expect(Math.abs(baseline!.upper - (0.5 + half))).toBeLessThan(0.003);
  // Paired: what both sides have in common cancels out.
  expect(ratio).toEqual({ lower: 1, upper: 1 });
});

test('nothing to draw from, or a statistic that is mostly undefined, has no interval', () => {
  const none = { baseline: null, candidate: null, ratio: null };
  expect(bootstrapSums([], share, OPTIONS)).toEqual(none);
  expect(
    bootstrapSums(
      [
        [
          [0, 0],
          [0, 0],
        ],
      ],
      share,
      OPTIONS,
    ),
  ).toEqual(none);
});
