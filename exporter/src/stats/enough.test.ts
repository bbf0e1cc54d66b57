import { minimumSamples } from './enough';

test.each([
  [0.5, 6],
  [0.9, 36],
  [0.95, 72],
  [0.99, 368],
  [0.999, 3688],
])('the quantile %p needs %p requests', (q, n) => {
  expect(minimumSamples(q)).toBe(n);
});

test.each([0, 1, NaN, 1.5])('%p is no quantile to ask for', (q) => {
  expect(() => minimumSamples(q)).toThrow(RangeError);
});
