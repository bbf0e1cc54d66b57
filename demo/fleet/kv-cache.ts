import { mix32 } from './random';

const { imul } = Math;

/**
 * The block pool of vLLM's prefix cache. A full block is known by a hash that includes its parent's, so equal hashes mean
 * equal prefixes. Blocks that no request holds stay usable until their turn to be evicted: least recently used first, and of
 * one request the last block first, so that the common beginning lives longest.
 */
export class KvCache {
  /** Block -> hash, NaN while it holds nothing that could be found again. */
  private readonly hashes: Float64Array;
  private readonly references: Int32Array;
  private readonly byHash = new Map<number, number>();
  // The free list: index `blockCount` is its sentinel.
  private readonly previous: Int32Array;
  private readonly next: Int32Array;
  private freeBlocks: number;
  evictions = 0;

  constructor(readonly blockCount: number) {
    this.hashes = new Float64Array(blockCount).fill(NaN);
    this.references = new Int32Array(blockCount);
    this.previous = new Int32Array(blockCount + 1);
    this.next = new Int32Array(blockCount + 1);
    for (let i = 0; i <= blockCount; i++) {
      this.previous[i] = i === 0 ? blockCount : i - 1;
      this.next[i] = i === blockCount ? 0 : i + 1;
    }
    this.freeBlocks = blockCount;
  }

  /** Share of the blocks that running requests hold, 0..1. Cached blocks that nobody holds count as free, as in vLLM. */
  get usage(): number {
    return 1 - this.freeBlocks / this.blockCount;
  }

  get free(): number {
    return this.freeBlocks;
  }

  /** Blocks, held or not, that a prompt could hit. */
  get cachedBlocks(): number {
    return this.byHash.size;
  }

  /** The longest cached prefix of a chain of hashes, as block numbers; nothing is taken yet. */
  lookup(chain: readonly number[], limit: number): number[] {
    const found: number[] = [];
    for (let i = 0; i < limit; i++) {
      const block = this.byHash.get(chain[i] ?? NaN);
      if (block === undefined) break;
      found.push(block);
    }
    return found;
  }

  /** How many of these blocks nobody holds: taking them uses up free blocks. */
  countUnheld(blocks: readonly number[]): number {
    return blocks.reduce((count, block) => count + (this.references[block] === 0 ? 1 : 0), 0);
  }

  /** Holds blocks found by `lookup`. */
  take(blocks: readonly number[]): void {
    for (const block of blocks) {
      if (this.references[block] === 0) this.unlink(block);
      this.references[block] = (this.references[block] ?? 0) + 1;
    }
  }

  /** New blocks, evicting what was unused longest; null (and no change) when not enough are free. */
  allocate(count: number): number[] | null {
    if (count > this.freeBlocks) return null;
    const blocks: number[] = [];
    for (let i = 0; i < count; i++) {
      const block = this.next[this.blockCount] ?? 0;
      this.unlink(block);
      this.forget(block);
      this.references[block] = 1;
      blocks.push(block);
    }
    return blocks;
  }

  /** Makes a full block findable. A second block with the same content stays unknown: one is enough to hit. */
  publish(block: number, hash: number): void {
    if (this.byHash.has(hash)) return;
    this.hashes[block] = hash;
    this.byHash.set(hash, block);
  }

  release(blocks: readonly number[]): void {
    for (let i = blocks.length - 1; i >= 0; i--) {
      const block = blocks[i] ?? 0;
      const left = (this.references[block] ?? 0) - 1;
      this.references[block] = left;
      if (left === 0) this.append(block);
    }
  }

  /** Forgets every prefix (`/reset_prefix_cache`); requests keep the blocks that they hold. */
  clear(): void {
    this.byHash.clear();
    this.hashes.fill(NaN);
  }

  private forget(block: number): void {
    const hash = this.hashes[block] ?? NaN;
    if (Number.isNaN(hash)) return;
    this.byHash.delete(hash);
    this.hashes[block] = NaN;
    this.evictions++;
  }

  private unlink(block: number): void {
    const before = this.previous[block] ?? 0;
    const after = this.next[block] ?? 0;
    this.next[before] = after;
    this.previous[after] = before;
    this.freeBlocks--;
  }

  private append(block: number): void {
    const sentinel = this.blockCount;
    const last = this.previous[sentinel] ?? 0;
    this.next[last] = block;
    this.previous[block] = last;
    this.next[block] = sentinel;
    this.previous[sentinel] = block;
    this.freeBlocks++;
  }
}

/** Parent of the first block; a `cache_salt` gives a world of its own. */
export function rootHash(salt: string | null): number {
  let hash = 0x9e3779b9;
  for (let i = 0; salt !== null && i < salt.length; i++) hash = mix32(hash, salt.charCodeAt(i));
  return hash;
}

/**
 * Hash (below 2^53) of the block whose tokens are `tokenAt(start) … tokenAt(start + size - 1)`. The mixing is written out
 * here: a prompt has thousands of tokens, and each is hashed in every replica and router that it passes.
 */
export function chainHash(
  parent: number,
  tokenAt: (i: number) => number,
  start: number,
  size: number,
): number {
  let low = parent | 0;
  let high = Math.floor(parent / 4294967296) ^ 0x5bd1e995;
  for (let i = start; i < start + size; i++) {
    const token = tokenAt(i);
    low = imul(low ^ token, 0x85ebca6b);
    low = imul(low ^ (low >>> 13), 0xc2b2ae35);
    low ^= low >>> 16;
    high = imul(high ^ token, 0x01000193) ^ (high >>> 15);
  }
  return ((high >>> 0) & 0x1fffff) * 4294967296 + (low >>> 0);
}
