import { failure, record } from '../../../test/stats/workload';
import { boxOf, hasTurns, measured, ofClass, sample } from './samples';

test('a request gives TTFT, generation, total and token rate', () => {
  const one = record('vllm', 'c', 1, { ttft_ms: 200, e2e_ms: 1200, tpot_ms: 20 });
  expect((['ttft', 'generation', 'total', 'rate'] as const).map((measure) => measured(one, measure))).toEqual(
    [0.2, 1, 1.2, 50],
  );
});

test('what failed, is missing, infinite or negative gives nothing', () => {
  const odd = [
    record('vllm', 'c', 1, failure('timeout')),
    record('vllm', 'c', 1, { ttft_ms: null, e2e_ms: null, tpot_ms: null }),
    record('vllm', 'c', 1, { ttft_ms: Infinity, e2e_ms: NaN, tpot_ms: 0 }),
    record('vllm', 'c', 1, { ttft_ms: -1, e2e_ms: -2, tpot_ms: -3 }),
    record('vllm', 'c', 1, { outcome: 'stream_cut' }),
  ];
  for (const measure of ['ttft', 'generation', 'total', 'rate'] as const)
    expect([measure, [...sample(odd, measure)]]).toEqual([measure, []]);
});

test('a box holds type-7 quantiles', () => {
  expect(boxOf(Float64Array.from({ length: 101 }, (_, index) => index))).toEqual({
    n: 101,
    p5: 5,
    p25: 25,
    p50: 50,
    p75: 75,
    p95: 95,
    min: 0,
    max: 100,
  });
  expect(boxOf(Float64Array.of(1, 2))?.p25).toBe(1.25);
  expect(boxOf(new Float64Array())).toBeNull();
});

test('turn classes', () => {
  const both = [record('vllm', 'c', 1), record('vllm', 'c', 2), record('vllm', 'c', 3)];
  expect([ofClass(both, 'first').length, ofClass(both, 'later').length, ofClass(both, 'all').length]).toEqual(
    [1, 2, 3],
  );
  expect([hasTurns([both]), hasTurns([both.slice(0, 1)]), hasTurns([both.slice(1)])]).toEqual([
    true,
    false,
    false,
  ]);
});

test('a turn that is not told is neither first nor later', () => {
  const told = [record('vllm', 'c', 1), record('vllm', 'c', 2), record('vllm', 'c', 0)];
  expect([ofClass(told, 'first').length, ofClass(told, 'later').length, hasTurns([told])]).toEqual([
    1,
    1,
    false,
  ]);
});
