import fc from 'fast-check';
import { clock } from './format';

const TIME = Date.UTC(2026, 10, 25, 7, 5, 9);

test.each([
  ['utc', 'minute', '07:05'],
  ['utc', 'second', '07:05:09'],
  ['browser', 'minute', '07:05'],
  ['Asia/Tokyo', 'second', '16:05:09'],
  ['utc', 'date', '25 Nov, 07:05'],
  ['Nowhere/AtAll', 'minute', '07:05'],
] as const)('in the zone %s to the %s the clock says %s', (zone, detail, text) => {
  expect(clock(TIME, zone, detail)).toBe(text);
});

test('what needs no Intl says the same as Intl', () => {
  const intl = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      expect(clock(date.getTime(), 'utc', 'second')).toBe(intl.format(date));
    }),
  );
});

test('a time that is none is still a text', () => {
  expect(clock(NaN, 'utc')).toBe('00:00');
});
