import { LiveRates } from './live-rates';

const counters = (value: number) => new Map([['a', value]]);

describe('rates over the window', () => {
  test('need two points', () => {
    const rates = new LiveRates(60);
    expect(rates.rate('a')).toBeNull();
    rates.add(0, counters(100));
    expect(rates.rate('a')).toBeNull();
    rates.add(10, counters(150));
    expect(rates.rate('a')).toBe(5);
  });

  test('take a decrease for a restart: the counter began anew at 0', () => {
    const rates = new LiveRates(60);
    rates.add(0, counters(1000));
    rates.add(10, counters(1100));
    rates.add(20, counters(40));
    expect(rates.rate('a')).toBe(7);
  });

  test('are of the window: what was before it no longer counts', () => {
    const rates = new LiveRates(30);
    rates.add(0, counters(0));
    rates.add(10, counters(1000));
    for (const at of [20, 30, 40, 50]) rates.add(at, counters(1000 + at - 10));
    expect(rates.rate('a')).toBe(1);
  });

  test('a point at the same or an earlier time changes nothing', () => {
    const rates = new LiveRates(60);
    rates.add(0, counters(0));
    rates.add(10, counters(10));
    rates.add(10, counters(500));
    rates.add(5, counters(900));
    expect(rates.rate('a')).toBe(1);
  });

  test('a counter that is not among the present ones is forgotten and starts afresh', () => {
    const rates = new LiveRates(60);
    rates.add(0, counters(0));
    rates.add(10, counters(10));
    rates.add(20, new Map());
    expect(rates.rate('a')).toBeNull();
    rates.add(30, counters(90));
    expect(rates.rate('a')).toBeNull();
  });
});
