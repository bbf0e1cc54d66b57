import fc from 'fast-check';
import { latencyScale, linearScale, logScale, spread, timeTicks } from './scale';

describe('scales', () => {
  test('a linear axis starts at zero and ends on a round tick', () => {
    const scale = linearScale(1.62, 0, 100, 4);
    expect(scale.ticks).toEqual([0, 0.5, 1, 1.5, 2]);
    expect([0, 1, 2, 5].map(scale.at)).toEqual([0, 50, 100, 100]);
  });

  test('a logarithmic axis has ticks at powers and gives each decade the same room', () => {
    const scale = logScale(0.001, 10, 0, 100);
    expect(scale.ticks).toEqual([0.001, 0.01, 0.1, 1, 10]);
    expect(scale.at(0.1)).toBeCloseTo(50, 9);
    expect(scale.at(0)).toBe(0);
  });

  test('latencies are linear until they spread too far', () => {
    expect(latencyScale([0.1, 1], 'auto', 0, 100, 4).kind).toBe('linear');
    expect(latencyScale([0.001, 10], 'auto', 0, 100, 4).kind).toBe('log');
    expect(latencyScale([0.001, 10], 'linear', 0, 100, 4).kind).toBe('linear');
    expect(latencyScale([], 'log', 0, 100, 4).ticks[0]).toBe(0);
  });

  test('every value has a place on its axis and ticks are few', () => {
    const value = fc.double({ min: 0, max: 1e9, noNaN: true });
    const wish = fc.constantFrom('auto' as const, 'log' as const, 'linear' as const);
    fc.assert(
      fc.property(fc.array(value), wish, (values, kind) => {
        const scale = latencyScale(values, kind, 10, 500, 5);
        const placed = values.every((one) => scale.at(one) >= 9.999 && scale.at(one) <= 510.001);
        return placed && scale.ticks.length <= 30;
      }),
    );
  });

  test('time ticks stand at round instants', () => {
    expect(timeTicks(0, 3_600_000, 4)).toEqual([0, 900_000, 1_800_000, 2_700_000, 3_600_000]);
    expect(timeTicks(5, 5, 4)).toEqual([]);
  });

  test('labels move apart and stay in order', () => {
    expect(spread([10, 12, 50], 14, 0, 100)).toEqual([10, 24, 50]);
    expect(spread([98, 99], 14, 0, 100)).toEqual([86, 100]);
  });
});
