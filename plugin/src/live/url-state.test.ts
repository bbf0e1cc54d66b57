import * as fc from 'fast-check';
import { QUANTILES, SECTIONS, TURN_CLASSES } from '../types';
import { DEFAULT_STATE, optionsOf, readUrl, THEMES, writeUrl, type UrlState } from './url-state';

const state = fc.record<UrlState>({
  theme: fc.constantFrom(...THEMES),
  turn: fc.constantFrom(...TURN_CLASSES),
  percentile: fc.constantFrom(...QUANTILES),
  sections: fc.subarray([...SECTIONS], { minLength: 1 }),
  compact: fc.boolean(),
});

describe('the state in the address', () => {
  test('is read as it was written', () => {
    fc.assert(fc.property(state, (one) => expect(readUrl(writeUrl(one))).toEqual(one)));
  });

  test('is not written where it is as by default', () => {
    expect(writeUrl(DEFAULT_STATE)).toBe('');
    expect(writeUrl({ ...DEFAULT_STATE, theme: 'dark', percentile: 'p99' })).toBe(
      '?theme=dark&percentile=p99',
    );
    expect(writeUrl({ ...DEFAULT_STATE, sections: ['verdict', 'table'], compact: true })).toBe(
      '?sections=verdict,table&compact=1',
    );
  });

  test('words that nobody knows count as not said', () => {
    expect(readUrl('?theme=pink&turn=%00&percentile=p42&sections=a,b&compact=yes&x=1')).toEqual(
      DEFAULT_STATE,
    );
    expect(readUrl('?sections=table,nothing,verdict').sections).toEqual(['verdict', 'table']);
  });

  test('any text at all is a state', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(readUrl(text).sections.length).toBeGreaterThan(0)));
  });

  test('the percentile of the headline is always among those drawn', () => {
    expect(optionsOf({ ...DEFAULT_STATE, percentile: 'p90' }).percentiles).toEqual([
      'p50',
      'p90',
      'p95',
      'p99',
    ]);
    expect(optionsOf(DEFAULT_STATE)).toMatchObject({ headline: 'p95', percentiles: ['p50', 'p95', 'p99'] });
  });
});
