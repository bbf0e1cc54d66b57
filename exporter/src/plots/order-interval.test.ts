import { medianInterval } from './order-interval';

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test.each([
  // Ranks by whole numbers: the largest l with sum(C(n, k), k < l) <= 2^n / 40.
  [6, 1, 6],
  [8, 1, 8],
  [9, 2, 8],
  [10, 2, 9],
  [15, 4, 12],
  [20, 6, 15],
  [48, 17, 32],
  [100, 40, 61],
])('of %p values the median lies between the order statistics %p and %p', (n, lower, upper) => {
  expect(medianInterval(upTo(n))).toEqual({ lower, upper });
});

test('below 6 values there is none', () => {
  expect([0, 1, 5].map((n) => medianInterval(upTo(n)))).toEqual([null, null, null]);
});

test('thousands of values do not underflow', () => {
  const { lower, upper } = medianInterval(upTo(10_000))!;
  // Normal approximation: n/2 -+ 1.96 sqrt(n)/2.
  expect(Math.abs(lower - 4902)).toBeLessThanOrEqual(1);
  expect(lower + upper).toBe(10_001);
});
