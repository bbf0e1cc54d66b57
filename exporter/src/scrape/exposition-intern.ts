import { BlockScan, decodeBlock, type Labels } from './exposition-labels';

/** Bytes that were seen on a page before, kept in a shared arena and compared in place: no string is made on the hot path. */
class Interned {
  /** The next entry with the same hash. */
  chained: this | null = null;

  constructor(
    readonly view: DataView,
    readonly start: number,
    readonly length: number,
  ) {}

  raw(): Buffer {
    return Buffer.from(this.view.buffer, this.view.byteOffset + this.start, this.length);
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

/** A label block as written, braces included; decoded when somebody asks. */
export class Block extends Interned {
  private decoded: ReturnType<typeof decodeBlock> | null = null;

  get labels(): Labels {
    return (this.decoded ??= decodeBlock(this.raw())).labels;
  }

  /** The metric name, where it stands in the block. */
  get name(): string | null {
    return (this.decoded ??= decodeBlock(this.raw())).name;
  }
}

/** Does the entry stand in `view` at `at`? Four bytes at a time, which makes this three times as fast as one by one. */
export function standsAt(entry: Interned, view: DataView, at: number): boolean {
  const { view: own, start, length } = entry;
  if (at + length > view.byteLength) return false;
  let i = 0;
  for (const end = length - 3; i < end; i += 4) {
    if (own.getInt32(start + i) !== view.getInt32(at + i)) return false;
  }
  for (; i < length; i++) {
    if (own.getUint8(start + i) !== view.getUint8(at + i)) return false;
  }
  return true;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const FIRST_ARENA_BYTES = 4 * 1024;
const MOST_ARENA_BYTES = 64 * 1024;
/** Longer chains are not searched, so that colliding input cannot make parsing quadratic. */
const MAX_CHAIN = 16;

/** Finds or adds entries by their bytes (FNV-1a). */
export class InternTable<T extends Name | Block> {
  bytes = 0;
  entries = 0;
  private arena = new Uint8Array(FIRST_ARENA_BYTES);
  private arenaView = viewOf(this.arena);
  private used = 0;
  private readonly byHash = new Map<number, T>();

  constructor(private readonly create: (view: DataView, start: number, length: number) => T) {}

  /** @param view of the same `bytes`. */
  intern(bytes: Uint8Array, view: DataView, start: number, end: number): T {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    const first = this.byHash.get(hash);
    let entry: T | null = first ?? null;
    let depth = 0;
    for (; entry !== null && depth < MAX_CHAIN; depth++) {
      if (entry.length === end - start && standsAt(entry, view, start)) return entry;
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
      this.arena = new Uint8Array(Math.max(Math.min(2 * this.arena.length, MOST_ARENA_BYTES), length));
      this.arenaView = viewOf(this.arena);
      this.used = 0;
    }
    const { arena, used } = this;
    for (let i = 0; i < length; i++) arena[used + i] = bytes[start + i] as number;
    this.used += length;
    this.bytes += length;
    this.entries++;
    return this.create(this.arenaView, used, length);
  }
}

const MEMORY_ENTRIES = 100_000;
const MEMORY_BYTES = 16 * 1024 * 1024;

/** What is kept from page to page. */
export class ExpositionMemory {
  readonly names = new InternTable<Name>((view, start, length) => new Name(view, start, length));
  readonly blocks = new InternTable<Block>((view, start, length) => new Block(view, start, length));
  /** Names in quotes, apart from the plain ones: they may look like anything. */
  readonly quoted = new InternTable<Name>((view, start, length) => new Name(view, start, length));
  /** The rests of TYPE lines: family name, blank, type. */
  readonly types = new InternTable<Name>((view, start, length) => new Name(view, start, length));
  /** Stand before the first name and the first type of every page. */
  readonly head = new Name(viewOf(new Uint8Array(0)), 0, 0);
  readonly typesHead = new Name(viewOf(new Uint8Array(0)), 0, 0);
  /** For whoever is reading: pages are read one after the other. */
  readonly scan = new BlockScan();
  /** The block of samples without labels. */
  readonly noLabels = new Block(viewOf(Buffer.from('{}')), 0, 2);

  /** Time to start afresh: pages of ever new names and labels must not fill the process. */
  get full(): boolean {
    const tables = [this.names, this.quoted, this.types, this.blocks];
    const sum = (key: 'entries' | 'bytes') => tables.reduce((total, table) => total + table[key], 0);
    return sum('entries') > MEMORY_ENTRIES || sum('bytes') > MEMORY_BYTES;
  }
}
