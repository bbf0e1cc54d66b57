import { PrefixIndex } from './prefix-index';
import { DEFAULT_WEIGHTS, pickBest, scores } from './scorer';

describe('the score of a replica', () => {
  it('adds prefix 3, KV use 2 and queue 2, each normalised to 0..1', () => {
    const candidates = [
      { prefixMatch: 0.9, waiting: 4, kvUsage: 0.5 },
      { prefixMatch: 0, waiting: 0, kvUsage: 0 },
      { prefixMatch: 0, waiting: 1, kvUsage: 0.25 },
    ];
    expect(scores(candidates, DEFAULT_WEIGHTS)).toEqual([2.7 + 1 + 0, 0 + 2 + 2, 0 + 1.5 + 1.5]);
  });

  it('gives the full queue part to all where queues are equal: a hot replica without a queue keeps winning', () => {
    const hot = { prefixMatch: 0.9, waiting: 0, kvUsage: 0.4 };
    const idle = { prefixMatch: 0, waiting: 0, kvUsage: 0 };
    const [hotScore, idleScore] = scores([hot, idle], DEFAULT_WEIGHTS);
    expect(hotScore).toBeCloseTo(2.7 + 1.2 + 2);
    expect(idleScore).toBe(4);
  });

  it('breaks ties by the random number, and picks nothing from nothing', () => {
    expect(pickBest([1, 3, 3, 2], () => 0)).toBe(1);
    expect(pickBest([1, 3, 3, 2], () => 0.99)).toBe(2);
    expect(pickBest([], () => 0)).toBe(-1);
  });
});

describe('the prefix index of a replica', () => {
  it('matches leading blocks only', () => {
    const index = new PrefixIndex(10);
    index.record([1, 2, 3]);
    expect(index.match([1, 2, 9, 3])).toBe(2);
    expect(index.match([2, 3])).toBe(2);
    expect(index.match([9, 1])).toBe(0);
  });

  it('forgets the ends of the oldest prompts first', () => {
    const index = new PrefixIndex(4);
    index.record([1, 2, 3]);
    index.record([11, 12]);
    expect(index.size).toBe(4);
    expect(index.match([1, 2, 3])).toBe(2);
    expect(index.match([11, 12])).toBe(2);
  });
});
