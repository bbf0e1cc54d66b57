import fc from 'fast-check';
import { age, clock, digits, percent, ratioInWords, ratioShort, seconds, tickSeconds } from './format';

describe('format', () => {
  test.each([
    [null, '–'],
    [0, '0 ms'],
    [0.00042, '0.42 ms'],
    [0.0217, '21.7 ms'],
    [0.272, '272 ms'],
    [0.9996, '1.00 s'],
    [1.236, '1.24 s'],
    [124.4, '124 s'],
    [10_080, '2.80 h'],
  ])('writes %p seconds as %s', (value, text) => {
    expect(seconds(value)).toBe(text);
  });

  test('a unit that the panel fixes is kept', () => {
    expect(seconds(0.272, 's')).toBe('0.27 s');
    expect(seconds(12.345, 'ms')).toBe('12\u202f345 ms');
  });

  test.each([
    [0, '0'],
    [0.5, '500 ms'],
    [1.5, '1.5 s'],
    [2, '2 s'],
    [10, '10 s'],
    [120, '120 s'],
  ])('writes %p on an axis as %s', (value, text) => {
    expect(tickSeconds(value)).toBe(text);
  });

  test.each([
    [{ estimate: 0.36, lower: 0.3, upper: 0.45 }, '64 % less (55–70 %)'],
    [{ estimate: 1.2, lower: 1.1, upper: 1.3 }, '20 % more (10–30 %)'],
    [{ estimate: 0.95, lower: 0.88, upper: 1.03 }, '5 % less (12 % less to 3 % more)'],
    [{ estimate: 1.001, lower: 0.9, upper: 1.1 }, 'about the same (10 % less to 10 % more)'],
    [{ estimate: 2.4, lower: 2.1, upper: 2.8 }, '2.4 times as much (2.1–2.8)'],
    [{ estimate: 0.5, lower: null, upper: null }, '50 % less'],
    [{ estimate: 0.00001, lower: 0.00001, upper: 0.00002 }, '99.9 % less (99.9 %)'],
  ])('puts the ratio %j into words', (ratio, text) => {
    expect(ratioInWords(ratio)).toBe(text);
  });

  test('short ratios carry their sign', () => {
    expect([0.36, 1.12, 2.41, 1.001].map(ratioShort)).toEqual(['−64 %', '+12 %', '×2.4', '±0 %']);
  });

  test('percent keeps a trace of small shares', () => {
    expect([0.856, 0.004, 0, 1, null].map(percent)).toEqual(['86 %', '0.4 %', '0 %', '100 %', '–']);
  });

  test('ages and large numbers are readable', () => {
    expect([1_200_000, 10_800_000, 432_000_000].map(age)).toEqual(['20 min', '3 h', '5 days']);
    expect([0.0123, 12_345, 4e12].map(digits)).toEqual(['0.0123', '12\u202f345', '4.0e12']);
  });

  test('every finite latency has a text of bounded length', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => seconds(value).length <= 14),
    );
  });
});

test('dates without Intl read as Intl writes them, in every month', () => {
  for (let month = 0; month < 12; month += 1) {
    for (const day of [1, 9, 28]) {
      const time = Date.UTC(2026, month, day, 23, 5, 59);
      // A zone by name goes by Intl.
      expect(clock(time, 'utc', 'date')).toBe(clock(time, 'UTC', 'date'));
      const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
      expect(clock(time, 'browser', 'date')).toBe(clock(time, own, 'date'));
    }
  }
});
