/** What a router remembers to have sent to one replica: block hashes, least recently sent first out. */
export class PrefixIndex {
  private readonly known = new Map<number, true>();

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.known.size;
  }

  /** Leading blocks of the chain that were sent before. */
  match(chain: readonly number[]): number {
    let matched = 0;
    while (matched < chain.length && this.known.has(chain[matched] ?? NaN)) matched++;
    return matched;
  }

  record(chain: readonly number[]): void {
    // From the end, so that the beginning is the last to be forgotten.
    for (let i = chain.length - 1; i >= 0; i--) {
      const hash = chain[i] ?? NaN;
      this.known.delete(hash);
      this.known.set(hash, true);
    }
    for (const oldest of this.known.keys()) {
      if (this.known.size <= this.capacity) break;
      this.known.delete(oldest);
    }
  }
}
