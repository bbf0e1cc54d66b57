import * as fc from 'fast-check';
import { chainHash, KvCache, rootHash } from './kv-cache';

function chainOf(tokens: readonly number[], size = 4, salt: string | null = null): number[] {
  const chain: number[] = [];
  for (let i = 0; i < Math.floor(tokens.length / size); i++) {
    chain.push(chainHash(chain[i - 1] ?? rootHash(salt), (at) => tokens[at] ?? 0, i * size, size));
  }
  return chain;
}

/** Holds, publishes and gives back the blocks of a prompt, as a request does. */
function visit(cache: KvCache, chain: readonly number[]): number {
  const hits = cache.lookup(chain, chain.length);
  cache.take(hits);
  const rest = cache.allocate(chain.length - hits.length);
  if (rest === null) throw new Error('does not fit');
  const blocks = [...hits, ...rest];
  for (let i = hits.length; i < chain.length; i++) cache.publish(blocks[i]!, chain[i]!);
  cache.release(blocks);
  return hits.length;
}

describe('the chain of block hashes', () => {
  it('tells blocks with equal tokens but other parents apart', () => {
    const [first, second] = chainOf([1, 2, 3, 4, 1, 2, 3, 4]);
    expect(first).not.toBe(second);
  });

  it('is a world of its own for each salt', () => {
    expect(chainOf([1, 2, 3, 4], 4, 'a')).not.toEqual(chainOf([1, 2, 3, 4], 4, null));
  });

  it('agrees on exactly the common full blocks of two prompts', () => {
    const prompt = fc.array(fc.integer({ min: 16, max: 18 }), { maxLength: 40 });
    fc.assert(
      fc.property(prompt, prompt, (a, b) => {
        let common = 0;
        while (common < Math.min(a.length, b.length) && a[common] === b[common]) common++;
        const [chainA, chainB] = [chainOf(a), chainOf(b)];
        let agreed = 0;
        while (agreed < Math.min(chainA.length, chainB.length) && chainA[agreed] === chainB[agreed]) agreed++;
        expect(agreed).toBe(Math.min(Math.floor(common / 4), chainA.length, chainB.length));
        expect(chainA.every(Number.isSafeInteger)).toBe(true);
      }),
    );
  });
});

describe('the block pool', () => {
  it('evicts what was used longest ago, and of a prompt its end before its beginning', () => {
    const cache = new KvCache(6);
    const [a, b, c] = [10, 20, 30].map((start) =>
      chainOf(Array.from({ length: 12 }, (_, i) => start * 100 + i)),
    );
    visit(cache, a!);
    visit(cache, b!);
    // Room for one more block only after the last of `a`, the oldest, is gone.
    visit(cache, c!.slice(0, 1));
    expect(cache.lookup(a!, 3)).toHaveLength(2);
    expect(cache.lookup(b!, 3)).toHaveLength(3);
    expect(cache.evictions).toBe(1);
    visit(cache, a!.slice(0, 2));
    visit(cache, c!);
    expect(cache.lookup(a!, 3)).toHaveLength(2);
    expect(cache.lookup(b!, 3)).toHaveLength(1);
  });

  it('never evicts what a request holds, and says so by null', () => {
    const cache = new KvCache(3);
    const held = cache.allocate(2);
    expect(held).toHaveLength(2);
    expect(cache.usage).toBeCloseTo(2 / 3);
    expect(cache.allocate(2)).toBeNull();
    expect(cache.free).toBe(1);
    cache.release(held!);
    expect(cache.usage).toBe(0);
  });

  it('shares a prefix between requests that run at once', () => {
    const cache = new KvCache(4);
    const chain = chainOf([1, 2, 3, 4, 5, 6, 7, 8]);
    const mine = cache.allocate(2)!;
    chain.forEach((hash, i) => cache.publish(mine[i]!, hash));
    const yours = cache.lookup(chain, 2);
    expect(yours).toEqual(mine);
    expect(cache.countUnheld(yours)).toBe(0);
    cache.take(yours);
    cache.release(mine);
    expect(cache.free).toBe(2);
    cache.release(yours);
    expect(cache.free).toBe(4);
  });

  it('agrees with a plain model of an LRU on any order of visits', () => {
    const script = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(script, (visits) => {
        const cache = new KvCache(12);
        // Model: hashes, least recently released first.
        let model: number[] = [];
        for (const [document, blocks] of visits) {
          const chain = chainOf(Array.from({ length: blocks * 4 }, (_, i) => 100 * document + i + 16));
          let hits = 0;
          while (hits < chain.length && model.includes(chain[hits]!)) hits++;
          const taken = chain.slice(0, hits);
          model = model.filter((hash) => !taken.includes(hash));
          // What remains must make room for this prompt; stale duplicates of its later blocks keep their place.
          while (model.length + chain.length > 12) model.shift();
          expect(visit(cache, chain)).toBe(hits);
          model.push(...[...chain].reverse().filter((hash) => !model.includes(hash)));
          expect(cache.lookup(chain, chain.length)).toHaveLength(chain.length);
        }
        expect(cache.free).toBe(12);
      }),
    );
  });
});
