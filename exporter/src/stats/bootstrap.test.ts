import numpy from '../../../test/fixtures/stats/numpy.json';
import { bootstrapQuantiles, bootstrapRatios, finish, ResampleMemo, type Arm } from './bootstrap';
import { clusteredSeries, weightedQuantiles } from './resampled-quantiles';

const QS = [0.5, 0.95];
const options = { resamples: 400, seed: 3, quantiles: QS };

/** `size` values per cluster: the cluster's level times 1.00, 1.01, … */
function arm(levels: readonly number[], size = 5): Arm {
  const values = levels.flatMap((level) =>
    Array.from({ length: size }, (_, index) => level * (1 + index / 100)),
  );
  const clusters = levels.flatMap((_, cluster) => new Array<number>(size).fill(cluster));
  return { clusters: levels.length, series: [clusteredSeries(values, clusters, levels.length)] };
}

const LEVELS = Array.from({ length: 30 }, (_, index) => 100 + 7 * index);

test.each(numpy.resamples)('one walk finds what NumPy finds in the expanded resample ($name)', (one) => {
  const series = clusteredSeries(one.values, one.clusters, one.times.length);
  const found = new Float64Array(one.q.length);
  weightedQuantiles(series, Uint32Array.from(one.times), one.q, found);
  found.forEach((value, index) => expect(value).toBeCloseTo(one.expected[index]!, 12));
});

test('the drawing of the docstring: 12 12 15 21 21 has the median 15', () => {
  const series = clusteredSeries([12, 15, 15, 21, 30], [1, 0, 2, 1, 0], 3);
  const found = new Float64Array(3);
  weightedQuantiles(series, Uint32Array.from([0, 2, 1]), [0.25, 0.5, 0.6], found);
  expect([...found]).toEqual([12, 15, 15 + 6 * (4 * 0.6 - 2)]);
});

test('a resample without any value of a class is not a number, not zero', () => {
  const found = new Float64Array(1);
  weightedQuantiles(clusteredSeries([5], [0], 2), Uint32Array.from([0, 2]), [0.5], found);
  expect(found[0]).toBeNaN();
});

test('an interval holds the estimate and is wider for fewer conversations', () => {
  const width = (levels: readonly number[]) => {
    const [[p50]] = finish(bootstrapQuantiles(arm(levels), options)) as [[{ lower: number; upper: number }]];
    expect(p50.lower).toBeLessThan(p50.upper);
    return p50.upper / p50.lower;
  };
  expect(width(LEVELS.filter((_, index) => index % 5 === 0))).toBeGreaterThan(width(LEVELS));
});

test('one cluster has no interval: drawn again it is always itself', () => {
  expect(finish(bootstrapQuantiles(arm([100], 50), options))).toEqual([[null, null]]);
  expect(finish(bootstrapRatios(arm([100], 50), arm(LEVELS), false, options))).toEqual([[null, null]]);
});

test('paired, a candidate that takes 0.7 times as long in every conversation has exactly the ratio 0.7', () => {
  const candidate = arm(LEVELS.map((level) => level * 0.7));
  const [row] = finish(bootstrapRatios(arm(LEVELS), candidate, true, options));
  for (const interval of row!) {
    expect(interval!.lower).toBeCloseTo(0.7, 10);
    expect(interval!.upper).toBeCloseTo(0.7, 10);
  }
});

test('unpaired, the same data leave the ratio uncertain', () => {
  const candidate = arm(LEVELS.map((level) => level * 0.7));
  const [row] = finish(bootstrapRatios(arm(LEVELS), candidate, false, options));
  expect(row![0]!.lower).toBeLessThan(0.65);
  expect(row![0]!.upper).toBeGreaterThan(0.75);
});

test('unpaired arms may have different numbers of conversations', () => {
  const [row] = finish(bootstrapRatios(arm(LEVELS), arm(LEVELS.slice(0, 11)), false, options));
  expect(row![0]!.lower).toBeLessThan(row![0]!.upper);
});

test('the same seed gives the same bytes, another seed does not', () => {
  const run = (seed: number) => JSON.stringify(finish(bootstrapQuantiles(arm(LEVELS), { ...options, seed })));
  expect(run(3)).toBe(run(3));
  expect(run(3)).not.toBe(run(4));
});

test('no values, no clusters and a baseline of zero give no interval', () => {
  const nothing: Arm = { clusters: 0, series: [clusteredSeries([], [], 0)] };
  expect(finish(bootstrapQuantiles(nothing, options))).toEqual([[null, null]]);
  expect(finish(bootstrapRatios(nothing, nothing, true, options))).toEqual([[null, null]]);
  const zero = arm(LEVELS.map(() => 0));
  expect(finish(bootstrapRatios(zero, arm(LEVELS), true, options))).toEqual([[null, null]]);
});

test('pauses after every resample, so that a caller may share the thread', () => {
  const steps = bootstrapQuantiles(arm(LEVELS), options);
  let taken = 0;
  while (steps.next().done !== true) taken += 1;
  expect(taken).toBe(options.resamples + QS.length);
});

test('a memo changes no number, and an arm that was resampled is not resampled again', () => {
  const memo = new ResampleMemo();
  const [left, right] = [arm(LEVELS), arm(LEVELS.map((level, index) => level * (0.9 + index / 100)))];
  const own = finish(bootstrapQuantiles(left, options));
  expect(finish(bootstrapQuantiles(left, options, memo))).toEqual(own);
  expect(finish(bootstrapRatios(left, right, true, options, memo))).toEqual(
    finish(bootstrapRatios(left, right, true, options)),
  );
  const steps = bootstrapQuantiles(arm(LEVELS), options, memo);
  let pauses = 0;
  while (steps.next().done !== true) pauses += 1;
  expect(pauses).toBeLessThan(options.resamples / 10);
});
