import { decodeLabels, type DecodedBlock, type Labels } from './exposition-labels';

/** Bytes that were seen on a page before, kept in a shared arena and compared in place: no string is made on the hot path. */
class Interned {
  /** The next entry with the same hash. */
  chained: this | null = null;

  constructor(
    readonly bytes: Uint8Array,
    readonly start: number,
    readonly length: number,
  ) {}

  raw(): Buffer {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.start, this.length);
  }
}

/** A sample name together with what followed it the last time: pages rarely change their order. */
export class Name extends Interned {
  /** The name that came after this one. */
  next: Name | null = null;
  /** The label blocks of its samples, in order. */
  blocks: Block[] = [];
  private known: string | null = null;

  get value(): string {
    return (this.known ??= this.raw().toString('utf8'));
  }
}

/** A label block as written, braces included; decoded when it is first seen. */
export class Block extends Interned {
  private decoded: DecodedBlock | null = null;

  get labels(): Labels {
    return this.decode().labels;
  }

  /** The metric name, where it stands in the block. */
  get name(): string | null {
    return this.decode().name;
  }

  /** The first label name that stands in it twice. */
  get twice(): string | null {
    return this.decode().twice;
  }

  private decode(): DecodedBlock {
    return (this.decoded ??= decodeLabels(this.raw()));
  }
}

/** Does the entry stand in `bytes` at `at`? Never reads past a line: no entry holds a line feed, and every line ends with one. */
export function standsAt(entry: Interned, bytes: Uint8Array, at: number): boolean {
  const { bytes: own, start, length } = entry;
  for (let i = 0; i < length; i++) {
    if (own[start + i] !== bytes[at + i]) return false;
  }
  return true;
}

const ARENA_BYTES = 64 * 1024;
/** Longer chains are not searched, so that colliding input cannot make parsing quadratic. */
const MAX_CHAIN = 16;

/** Finds or adds entries by their bytes (FNV-1a). */
export class InternTable<T extends Name | Block> {
  bytes = 0;
  entries = 0;
  private arena = new Uint8Array(ARENA_BYTES);
  private used = 0;
  private readonly byHash = new Map<number, T>();

  constructor(private readonly create: (bytes: Uint8Array, start: number, length: number) => T) {}

  intern(bytes: Uint8Array, start: number, end: number): T {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    const length = end - start;
    const first = this.byHash.get(hash);
    let entry: T | null = first ?? null;
    let depth = 0;
    for (; entry !== null && depth < MAX_CHAIN; depth++) {
      if (entry.length === length && standsAt(entry, bytes, start)) return entry;
      entry = entry.chained as T | null;
    }
    const added = this.copy(bytes, start, end);
    if (depth < MAX_CHAIN) {
      added.chained = first ?? null;
      this.byHash.set(hash, added);
    }
    return added;
  }

  private copy(bytes: Uint8Array, start: number, end: number): T {
    const length = end - start;
    if (this.used + length > this.arena.length) {
      this.arena = new Uint8Array(Math.max(ARENA_BYTES, length));
      this.used = 0;
    }
    const { arena, used } = this;
    for (let i = 0; i < length; i++) arena[used + i] = bytes[start + i] as number;
    this.used += length;
    this.bytes += length;
    this.entries++;
    return this.create(arena, used, length);
  }
}

const MEMORY_ENTRIES = 100_000;
const MEMORY_BYTES = 16 * 1024 * 1024;

/** What is kept from page to page. */
export class ExpositionMemory {
  readonly names = new InternTable<Name>((bytes, start, length) => new Name(bytes, start, length));
  readonly blocks = new InternTable<Block>((bytes, start, length) => new Block(bytes, start, length));
  /** Names in quotes, apart from the plain ones: they may look like anything. */
  readonly quoted = new InternTable<Name>((bytes, start, length) => new Name(bytes, start, length));
  /** Stands before the first name of every page. */
  readonly head = new Name(new Uint8Array(0), 0, 0);
  /** The block of samples without labels. */
  readonly noLabels = new Block(Buffer.from('{}'), 0, 2);

  /** Time to start afresh: pages of ever new names and labels must not fill the process. */
  get full(): boolean {
    const tables = [this.names, this.quoted, this.blocks];
    const sum = (key: 'entries' | 'bytes') => tables.reduce((total, table) => total + table[key], 0);
    return sum('entries') > MEMORY_ENTRIES || sum('bytes') > MEMORY_BYTES;
  }
}
