import { duration, intervalText, ratioText, tokenRate } from './words';

test.each([
  [0.00831, '8.31 ms'],
  [0.745, '745 ms'],
  [1.1523, '1.15 s'],
  [19.664, '19.7 s'],
  [125.2, '125 s'],
])('duration(%p) reads %p', (seconds, text) => expect(duration(seconds)).toBe(text));

test('ratios keep two digits that tell something', () => {
  expect([0.5812, 0.0243, 22.57, 1].map(ratioText)).toEqual(['0.58', '0.024', '22.6', '1.00']);
});

test('token rates and intervals', () => {
  expect([tokenRate(17.04), tokenRate(310)]).toEqual(['17.0 tok/s', '310 tok/s']);
  expect([intervalText(0.24, 0.31, duration), intervalText(null, 0.31, duration)]).toEqual([
    ' (240 ms to 310 ms)',
    '',
  ]);
});
