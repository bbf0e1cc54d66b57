/** Seeded random numbers: the same seed gives the same run, which a test can rely on. */

export type Random = () => number;

const { imul } = Math;

/** Mulberry32: uniform in [0, 1), good enough for jitter and tie breaks. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Log-normal with median 1 (Box-Muller). */
export function logNormal(random: Random, sigma: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()));
}

/** Mixes a number into a 32-bit hash (the finaliser of MurmurHash3). */
export function mix32(hash: number, value: number): number {
  let mixed = imul(hash ^ value, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
