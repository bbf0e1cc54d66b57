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

test('the running counts of all quantiles share a number as long as they fit, and then take another', () => {
  const many = Array.from({ length: 40_000 }, (_, index) => index);
  const few = many.map((index) => index % 250);
  // Sums up to 40 000 need 16 of 53 bits: three to a number, for the length and four quantiles two numbers.
  const plan = walkPlan(clusteredSeries(many, few, 250), QS);
  expect(plan).toMatchObject({ at: [20_000, 36_000, 38_000, 39_600], base: 40_001, lanes: 3 });
  expect(plan.words).toHaveLength(2);
  // The first conversation has 160 values, of which 81, 145, 153 and 159 lie up to these places.
  expect(plan.words.map((word) => word[0])).toEqual([
    160 + 81 * 40_001 + 145 * 40_001 ** 2,
    153 + 159 * 40_001,
  ]);
  expect(walkPlan(clusteredSeries([1], [0], 2), QS)).toMatchObject({ lanes: 33, base: 3 });
});

test('one cluster with nearly everything: no running count spills into its neighbour', () => {
  const values = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 5000);
  const clusters = values.map((value) => (value % 100 === 0 ? 1 + ((value / 100) % 9) : 0));
  // Ten draws, all of the largest cluster: the longest resample that there can be.
  for (const drawn of [[10], [9, 1], [0, 10], [0, 0, 0, 5, 5]]) {
    const multiplicities = Uint32Array.from({ length: 10 }, (_, cluster) => drawn[cluster] ?? 0);
    const sorted = expanded(values, clusters, multiplicities);
    expect(found(values, clusters, multiplicities)).toEqual(QS.map((q) => quantile(sorted, q)));
  }
});
