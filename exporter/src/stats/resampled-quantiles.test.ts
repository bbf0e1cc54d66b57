import fc from 'fast-check';
import { quantile } from './quantile';
import { createRandom } from './random';
import { clusteredSeries, walkPlan, weightedQuantiles } from './resampled-quantiles';

const QS = [0.5, 0.9, 0.95, 0.99];

/** The resample written out and sorted: what the walks must find without building it. */
function expanded(values: number[], clusters: number[], multiplicities: Uint32Array): Float64Array {
  return Float64Array.from(
    values.flatMap((value, index) => new Array<number>(multiplicities[clusters[index]!]!).fill(value)),
  ).sort();
}

function found(values: number[], clusters: number[], multiplicities: Uint32Array) {
  const series = clusteredSeries(values, clusters, multiplicities.length);
  const into = new Float64Array(QS.length);
  weightedQuantiles(series, multiplicities, QS, into);
  return [...into];
}

test('from wherever the walks begin, they find the quantiles of the resample', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.nat()), { minLength: 1, maxLength: 400 }),
      fc.integer(),
      (clusterCount, drawn, seed) => {
        const values = drawn.map(([value]) => value / 8);
        const clusters = drawn.map(([, cluster]) => cluster % clusterCount);
        const multiplicities = new Uint32Array(clusterCount);
        createRandom(seed).drawInto(multiplicities);
        const sorted = expanded(values, clusters, multiplicities);
        const expected = QS.map((q) => quantile(sorted, q) ?? NaN);
        expect(found(values, clusters, multiplicities)).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('many values in few clusters begin at their own places, single values at the end', () => {
  const many = Array.from({ length: 40_000 }, (_, index) => index);
  const few = many.map((index) => index % 250);
  expect(walkPlan(clusteredSeries(many, few, 250), QS).map((start) => start?.at ?? null)).toEqual([
    20_000,
    36_000,
    38_000,
    null,
  ]);
  const single = clusteredSeries(many, many, many.length);
  expect(walkPlan(single, QS).slice(1)).toEqual([null, null, null]);
});
