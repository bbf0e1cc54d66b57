import { createRandom } from '../stats/random';

/** A stream of numbers, uniform in [0, 1). */
export type Random = () => number;

/** A 32-bit FNV-1a hash with a final avalanche. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same seed gives the same stream on every machine: this is what keeps texts and arrivals equal on all targets. */
export function seededRandom(seed: string): Random {
  return createRandom(hash32(seed)).unit;
}

/** One entry, uniformly. The list must not be empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  const entry = list[Math.floor(random() * list.length)];
  if (entry === undefined) throw new RangeError('pick needs a list with entries');
  return entry;
}

/** Uniform in [min, max]. */
export function between(random: Random, min: number, max: number): number {
  return min + (max - min) * random();
}
