import fc from 'fast-check';
import { balance } from './balance';

test('even work has no variation', () => {
  expect(balance([3, 3, 3, 3])).toEqual({ cv: 0, max_to_mean: 1 });
});

test('idle replicas count as 0: all work on one of four', () => {
  const found = balance([192, 0, 0, 0]);
  expect(found?.cv).toBeCloseTo(Math.sqrt(3), 12);
  expect(found?.max_to_mean).toBe(4);
});

test('the deviation is that of the population: [1, 3] has 1 / 2', () => {
  expect(balance([1, 3])).toEqual({ cv: 0.5, max_to_mean: 1.5 });
});

test('one replica, no work at all, or an unknown share has no balance', () => {
  expect(balance([5])).toBeNull();
  expect(balance([])).toBeNull();
  expect(balance([0, 0, 0])).toBeNull();
  expect(balance([1, Number.NaN])).toBeNull();
});

test('the scale does not matter, and no share exceeds the number of replicas', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(shares, (work) => {
      const found = balance(work);
      if (found === null) return work.every((value) => value === 0);
      const scaled = balance(work.map((value) => value * 1024));
      expect(scaled?.cv).toBeCloseTo(found.cv, 9);
      expect(found.cv).toBeLessThanOrEqual(Math.sqrt(work.length - 1) + 1e-9);
      return found.max_to_mean >= 1 && found.max_to_mean <= work.length + 1e-9;
    }),
  );
});
