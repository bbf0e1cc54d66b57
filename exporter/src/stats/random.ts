/** A seeded source of random numbers: the same seed gives the same sequence on every machine. Not for secrets. */
export interface RandomSource {
  /** An integer in 0..2^32 - 1. */
  next(): number;
  /** An integer in 0..n - 1, for n up to 2^21 without a bias that could matter (< n / 2^32). */
  below(n: number): number;
  /** A number in [0, 1). */
  unit(): number;
  /** Draws as many places of `counts` as it has, with replacement, and counts each: `below(counts.length)` so many times. */
  drawInto(counts: Uint32Array): void;
}

const TWO_32 = 4294967296;

/** One step of SplitMix32; spreads a small seed over the whole state. */
function splitMix(state: number): number {
  let z = state | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

const rotateLeft = (x: number, by: number) => (x << by) | (x >>> (32 - by));

/**
 * xoshiro128** (Blackman & Vigna, 2018, prng.di.unimi.it): 128 bits of state, period 2^128 - 1.
 * `stream` gives independent sequences of one seed, e.g. one per arm of an unpaired resampling.
 */
export function createRandom(seed: number, stream = 0): RandomSource {
  const start = (Math.trunc(seed) ^ Math.imul(stream + 1, 0x85ebca6b)) | 0;
  let [a, b, c, d] = [1, 2, 3, 4].map((step) => splitMix(start + Math.imul(step, 0x9e3779b9))) as [
    number,
    number,
    number,
    number,
  ];

  const next = () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  return {
    next,
    below: (n) => Math.floor((next() / TWO_32) * n),
    unit: () => next() / TWO_32,
    // The same as `next`, its state in local variables: this is where a bootstrap spends much of its time.
    drawInto: (counts) => {
      const n = counts.length;
      let [p, q, r, s] = [a, b, c, d];
      for (let drawn = 0; drawn < n; drawn += 1) {
        const five = Math.imul(q, 5);
        const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
        const t = q << 9;
        r ^= p;
        s ^= q;
        q ^= r;
        p ^= s;
        r ^= t;
        s = (s << 11) | (s >>> 21);
        const place = Math.floor((result / TWO_32) * n);
        counts[place] = (counts[place] as number) + 1;
      }
      [a, b, c, d] = [p, q, r, s];
    },
  };
}
