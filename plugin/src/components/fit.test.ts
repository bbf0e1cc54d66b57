import { chipsThatFit } from './Chips';
import { fitText } from './svg';
import { turnTicks } from './TurnCurve';

describe('what fits', () => {
  test('chips stand on one line; with too many, room is kept for the count of the rest', () => {
    const labels = ['imbalanced', 'warm cache', 'few conversations'];
    expect(chipsThatFit(labels, 1000)).toBe(3);
    expect(chipsThatFit(labels, 290)).toBe(2);
    expect(chipsThatFit(labels, 0)).toBe(0);
    expect(chipsThatFit([], 0)).toBe(0);
  });

  test('a long name loses its middle, as its end often tells most', () => {
    expect(fitText('llm-d', 12, 100)).toBe('llm-d');
    expect(fitText('my-deployment-with-a-long-name', 12, 100)).toBe('my-depl…ng-name');
    expect(fitText('llm-d', 12, 10)).toBe('l');
  });

  test('turn numbers do not touch', () => {
    expect(turnTicks(8, 300)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(turnTicks(32, 220)).toEqual([1, 4, 8, 12, 16, 20, 24, 28, 32]);
    expect(turnTicks(1, 20)).toEqual([1]);
  });
});
