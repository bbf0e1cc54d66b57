import { closedLoop, openLoop, recordedArrivals, type Pacer } from './pacer';

/** Walks a pacer through time without a clock: starts what is due, jumps over waits. */
function arrivals(pacer: Pacer): number[] {
  const at: number[] = [];
  let elapsed = 0;
  for (;;) {
    const pace = pacer.next(elapsed, at.length, 0);
    if (pace.kind === 'done') return at;
    if (pace.kind === 'start') at.push(pace.intended_seconds);
    else elapsed += pace.seconds ?? NaN;
  }
}

const OPEN = { rate: 2, seed: 7, first: 0, end: 4000 };

describe('an open loop', () => {
  it('gives every target the same arrivals', () => {
    expect(arrivals(openLoop(OPEN))).toEqual(arrivals(openLoop(OPEN)));
    expect(arrivals(openLoop({ ...OPEN, seed: 8 }))).not.toEqual(arrivals(openLoop(OPEN)));
  });

  it('starts at once and then as a Poisson process of the wanted rate', () => {
    const at = arrivals(openLoop(OPEN));
    const gaps = at.slice(1).map((time, index) => time - at[index]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(at[0]).toBe(0);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.025);
    expect(Math.abs(Math.sqrt(variance) / mean - 1)).toBeLessThan(0.06);
    // Memoryless: a share exp(-1) of the gaps exceeds the mean.
    expect(Math.abs(gaps.filter((gap) => gap > mean).length / gaps.length - Math.exp(-1))).toBeLessThan(0.03);
  });

  it('does not wait for anything under way', () => {
    const pacer = openLoop(OPEN);
    expect(pacer.next(1000, 0, 99)).toEqual({ kind: 'start', index: 0, intended_seconds: 0 });
    expect(pacer.next(1000, 1, 100)).toMatchObject({ kind: 'start', index: 1 });
  });

  it('keeps the intended time of arrivals that are asked for late', () => {
    const [, second] = arrivals(openLoop({ ...OPEN, end: 2 }));
    expect(openLoop(OPEN).next(500, 1, 0)).toEqual({ kind: 'start', index: 1, intended_seconds: second });
  });

  it('says how long to wait', () => {
    const [, second] = arrivals(openLoop({ ...OPEN, end: 2 }));
    expect(openLoop(OPEN).next(0.001, 1, 0)).toEqual({ kind: 'wait', seconds: second! - 0.001 });
  });

  it('has the same gaps in a block that begins later', () => {
    const all = arrivals(openLoop({ ...OPEN, end: 20 }));
    const block = arrivals(openLoop({ ...OPEN, first: 12, end: 20 }));
    const from = all[12]!;
    block.forEach((time, index) => expect(time).toBeCloseTo(all[12 + index]! - from, 9));
  });

  it('ends', () => {
    expect(openLoop({ ...OPEN, end: 3 }).next(1e9, 3, 0)).toEqual({ kind: 'done' });
  });
});

describe('a closed loop', () => {
  const pacer = closedLoop({ concurrency: 2, first: 5, end: 8 });

  it('starts as many as it has workers, then waits for one to end', () => {
    expect(pacer.next(1, 0, 0)).toEqual({ kind: 'start', index: 5, intended_seconds: 1 });
    expect(pacer.next(1, 1, 1)).toEqual({ kind: 'start', index: 6, intended_seconds: 1 });
    expect(pacer.next(2, 2, 2)).toEqual({ kind: 'wait', seconds: null });
    expect(pacer.next(3, 2, 1)).toEqual({ kind: 'start', index: 7, intended_seconds: 3 });
  });

  it('ends even while others are under way', () => {
    expect(pacer.next(4, 3, 2)).toEqual({ kind: 'done' });
  });
});

describe('shards', () => {
  /** What a pacer starts, and when. */
  function starts(pacer: Pacer): [index: number, at: number][] {
    const found: [number, number][] = [];
    let elapsed = 0;
    for (;;) {
      const pace = pacer.next(elapsed, found.length, 0);
      if (pace.kind === 'done') return found;
      if (pace.kind === 'start') found.push([pace.index, pace.intended_seconds]);
      else elapsed += pace.seconds ?? NaN;
    }
  }
  const shards = [0, 1, 2].map((index) => ({ index, count: 3 }));

  it.each([0, 1, 5])('of an open loop from conversation %d on have its arrivals between them', (first) => {
    const range = { rate: 2, seed: 7, first, end: 40 };
    const parts = shards.flatMap((shard) => starts(openLoop({ ...range, shard })));
    const whole = starts(openLoop(range));
    expect(parts.sort(([a], [b]) => a - b)).toEqual(
      whole.map(([index, at]) => [index, expect.closeTo(at, 9)]),
    );
  });

  it('of a closed loop and of recorded arrivals take every third conversation', () => {
    const closed = (shard: { index: number; count: number }) =>
      starts(closedLoop({ concurrency: 9, first: 2, end: 10, shard }));
    expect(shards.map((shard) => closed(shard).map(([index]) => index))).toEqual([
      [3, 6, 9],
      [4, 7],
      [2, 5, 8],
    ]);
    const arrivals = [0, 1, 4, 9, 16];
    const recorded = recordedArrivals({ arrivals, first: 0, end: 9, shard: { index: 1, count: 2 } });
    expect(starts(recorded)).toEqual([
      [1, 1],
      [3, 9],
    ]);
  });
});
