import fc from 'fast-check';
import { acrossPixels, fittingTicks, logAxis, pixelsDown, spreadOut, timeLabel, withRoom } from './spec';
import { textWidth } from './text-width';

test('ticks are round, few, and inside', () => {
  expect(logAxis([0.05, 1.4]).ticks).toEqual([0.05, 0.1, 0.2, 0.5, 1]);
  expect(logAxis([0.001, 100]).ticks).toEqual([0.001, 0.01, 0.1, 1, 10, 100]);
  expect(logAxis([0.8, 1.6]).ticks).toEqual([1, 1.5]);
  fc.assert(
    fc.property(
      fc.double({ min: 1e-5, max: 1e3, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      (low, factor) => {
        const { domain, ticks } = logAxis([low, low * factor]);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(12);
        expect(ticks.every((tick) => tick >= domain[0] && tick <= domain[1])).toBe(true);
      },
    ),
  );
});

test('a difference of a percent does not fill a panel; zeros and nothing have an axis, too', () => {
  const [low, high] = logAxis([1, 1.01]).domain;
  expect(high / low).toBeCloseTo(2.2, 6);
  expect(logAxis([0, -1, Infinity, NaN])).toEqual(logAxis([]));
});

test('room behind a value is what was asked for', () => {
  const axis = withRoom(logAxis([0.1, 1]), 1, 100, 400);
  const from = (value: number) => 400 - pixelsDown(axis, value, 400);
  expect(400 - from(1)).toBeCloseTo(100, 6);
});

test('labels move apart, keep their order, and stay above the limit', () => {
  expect(spreadOut([10, 12, 80], 15, 100)).toEqual([10, 25, 80]);
  expect(spreadOut([98, 99], 15, 100)).toEqual([85, 100]);
  expect(spreadOut([12, 10], 15, 100)).toEqual([25, 10]);
});

test('labels of ticks keep apart, whatever the axis begins and ends with', () => {
  const wide = fittingTicks({ domain: [0.178, 4.2], ticks: [] }, 390, timeLabel);
  expect(wide.ticks).toEqual([0.2, 0.5, 1, 2]);
  for (const low of [0.0181, 0.19, 0.52, 1.4, 8.7])
    for (const factor of [2.2, 3.7, 9, 40, 900, 1e5]) {
      const axis = fittingTicks({ domain: [low, low * factor], ticks: [] }, 390, timeLabel);
      const halves = axis.ticks.map((tick) => textWidth(timeLabel(tick), 11) / 2);
      const places = axis.ticks.map((tick) => acrossPixels(axis, tick, 390));
      expect(places.length).toBeGreaterThan(0);
      places.forEach((place, index) => {
        if (index > 0)
          expect(place - halves[index]! - (places[index - 1]! + halves[index - 1]!)).toBeGreaterThan(7);
      });
    }
});
