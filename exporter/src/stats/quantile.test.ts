import fc from 'fast-check';
import numpy from '../../../test/fixtures/stats/numpy.json';
import { mean, median, quantile, sortedFinite } from './quantile';

/** Below 1e-290 a double loses digits when it is multiplied: no latency is there, and no law of scaling holds. */
const number = fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((x) => (Math.abs(x) < 1e-290 ? 0 : x));
const values = fc.array(number, { minLength: 1, maxLength: 60 });
/** Nor times a share so small that the product is. */
const share = fc.double({ noNaN: true, min: 0, max: 1 }).map((x) => (x < 1e-12 ? 0 : x));
const of = (list: readonly number[], q: number) => quantile(sortedFinite(list), q) as number;

describe('quantile', () => {
  test.each(numpy.quantiles)('agrees with NumPy on $name', ({ values: list, q, expected }) => {
    const sorted = sortedFinite(list);
    q.forEach((one, index) => {
      const wanted = expected[index]!;
      expect(Math.abs(quantile(sorted, one)! - wanted)).toBeLessThanOrEqual(
        1e-12 * Math.max(1e-3, Math.abs(wanted)),
      );
    });
  });

  test('lies between the least and the greatest value', () => {
    fc.assert(
      fc.property(values, share, (list, q) => {
        expect(of(list, q)).toBeGreaterThanOrEqual(Math.min(...list));
        expect(of(list, q)).toBeLessThanOrEqual(Math.max(...list));
      }),
    );
  });

  test('never falls when q rises', () => {
    fc.assert(
      fc.property(values, share, share, (list, one, other) => {
        expect(of(list, Math.min(one, other))).toBeLessThanOrEqual(of(list, Math.max(one, other)));
      }),
    );
  });

  test('does not depend on the order of the values', () => {
    const shuffled = values.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
      ),
    );
    fc.assert(fc.property(shuffled, share, ([list, other], q) => expect(of(other, q)).toBe(of(list, q))));
  });

  test('scales with the unit: doubling every value doubles it exactly', () => {
    fc.assert(
      fc.property(values, share, (list, q) =>
        expect(
          of(
            list.map((one) => one * 2),
            q,
          ),
        ).toBe(of(list, q) * 2),
      ),
    );
  });

  test('of nothing is null, and a q outside 0..1 is clamped', () => {
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([1, 2, 3], NaN)).toBeNull();
    expect(quantile([1, 2, 3], -1)).toBe(1);
    expect(quantile([1, 2, 3], 2)).toBe(3);
  });
});

test('values that are not finite numbers are left out, never sorted among the others', () => {
  expect([...sortedFinite([3, NaN, 1, Infinity, -2, -Infinity])]).toEqual([-2, 1, 3]);
});

test('mean and median of nothing are null', () => {
  expect([mean([]), median([])]).toEqual([null, null]);
  expect([mean([1, 2, 6]), median([6, 1, 2])]).toEqual([3, 2]);
});
