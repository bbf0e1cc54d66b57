import {
  bareMilliseconds,
  clock,
  count,
  milliseconds,
  percent,
  plural,
  points,
  ratio,
  seconds,
} from './format';

test.each([
  [0.00831, '8.31 ms'],
  [0.0921, '92.1 ms'],
  [0.2716, '272 ms'],
  [1.2049, '1205 ms'],
  [12.0042, '12 004 ms'],
  [0, '0.00 ms'],
  [null, '–'],
])('milliseconds(%p) reads %p', (value, text) => {
  expect(milliseconds(value)).toBe(text);
});

test('shares, ratios and differences', () => {
  expect([percent(0.6353), percent(0.3402, 1), percent(-0.0001), percent(null)]).toEqual([
    '64 %',
    '34.0 %',
    '0 %',
    '–',
  ]);
  expect([points(-0.273), points(0.012), ratio(0.3646), ratio(null)]).toEqual([
    '27 points',
    '1 point',
    '0.36',
    '–',
  ]);
});

test('counts, times and instants', () => {
  expect([count(440), count(12004), count(1234567.4), count(null)]).toEqual([
    '440',
    '12 004',
    '1 234 567',
    '–',
  ]);
  expect([plural(1, 'request'), plural(0, 'request'), plural(2, 'reply', 'replies')]).toEqual([
    '1 request',
    '0 requests',
    '2 replies',
  ]);
  expect([seconds(227.583), seconds(null), bareMilliseconds(0.745)]).toEqual(['227.58 s', '–', '745']);
  expect(clock('2026-11-21T10:03:12.250Z')).toBe('2026-11-21 10:03:12Z');
});
