/** A file as text, whatever its packing and encoding, within bounded memory. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { Refusal } from './refusal';

export interface Line {
  text: string;
  /** 1-based. */
  number: number;
}

export interface SourceLimits {
  /** Characters of a document that must be held as a whole (JSON, YAML), and of one line. */
  document: number;
  /** Unpacked bytes of a file that is read line by line. */
  stream: number;
}

export const SOURCE_LIMITS: SourceLimits = { document: 128 * 2 ** 20, stream: 2 ** 32 };

const MEBI = 2 ** 20;
/** Bytes that are read at once. */
const PIECE = 2 ** 18;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const OTHER_PACKING: readonly [number[], string][] = [
  [ZIP, 'a zip archive: unpack it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'packed with zstd: unpack it first'],
  [[0xfd, 0x37, 0x7a, 0x58], 'packed with xz: unpack it first'],
  [[0x42, 0x5a, 0x68], 'packed with bzip2: unpack it first'],
];

const startsWith = (bytes: Uint8Array, magic: readonly number[]) =>
  bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte);

/** Names the encoding by its mark; refuses what is no text. */
function encodingOf(bytes: Uint8Array): string {
  if (startsWith(bytes, [0xff, 0xfe])) return 'utf-16le';
  if (startsWith(bytes, [0xfe, 0xff])) return 'utf-16be';
  const other = OTHER_PACKING.find(([magic]) => startsWith(bytes, magic));
  if (other !== undefined) throw new Refusal(other[1]);
  if (bytes.subarray(0, 4096).includes(0))
    throw new Refusal('is no text: binary, or UTF-16 without its byte-order mark; save it as UTF-8');
  return 'utf-8';
}

/** The unpacked bytes of a file's bytes; gzip is told by its first bytes, not by the name. */
async function* unpacked(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let stream: Readable | null = null;
  try {
    const first = await chunks.next();
    if (first.done === true) return;
    const whole = async function* () {
      yield first.value;
      yield* chunks;
    };
    if (startsWith(first.value, [0x1f, 0x8b])) {
      stream = pipeline(whole, createGunzip(), () => undefined);
      yield* stream as AsyncIterable<Buffer>;
    } else yield* whole();
  } finally {
    // Whoever wants no more of it leaves the file open otherwise.
    stream?.destroy();
    await chunks.return(undefined);
  }
}

export class Source {
  /** A file of one piece: its format is looked for before it is read, and small files are many. */
  private small: Buffer | null = null;

  private constructor(
    readonly path: string,
    /** How the file is named to people. */
    readonly name: string,
    private readonly size: number,
    private readonly limits: SourceLimits,
  ) {}

  /** Refuses what is no regular, non-empty file: a pipe would block for ever, a device never ends. */
  static async open(path: string, name = path, limits: SourceLimits = SOURCE_LIMITS): Promise<Source> {
    const found = await stat(path);
    if (found.isDirectory()) throw new Refusal('a folder, not a file');
    if (!found.isFile()) throw new Refusal('not a regular file');
    if (found.size === 0) throw new Refusal('the file is empty');
    return new Source(path, name, found.size, limits);
  }

  /** The bytes as they are stored. */
  private async *chunks(): AsyncGenerator<Buffer> {
    if (this.size > PIECE)
      yield* createReadStream(this.path, { highWaterMark: PIECE }) as AsyncIterable<Buffer>;
    else yield (this.small ??= await readFile(this.path));
  }

  /** Decoded pieces of text, without a byte-order mark. Bytes that are no UTF-8 become U+FFFD: numbers do not suffer. */
  private async *pieces(): AsyncGenerator<string> {
    let decoder: TextDecoder | null = null;
    let bytes = 0;
    for await (const chunk of unpacked(this.chunks())) {
      bytes += chunk.length;
      if (bytes > this.limits.stream)
        throw new Refusal(`holds more than ${Math.round(this.limits.stream / MEBI)} MiB`);
      decoder ??= new TextDecoder(encodingOf(chunk));
      yield decoder.decode(chunk, { stream: true });
    }
    if (decoder !== null) yield decoder.decode();
  }

  /** Lines in batches (one batch a piece), without their ends; LF and CRLF. */
  async *lines(): AsyncGenerator<Line[]> {
    // The pieces of a line that has not ended: joined once, or a line of many pieces would be copied for each of them.
    let begun: string[] = [];
    let length = 0;
    let number = 0;
    for await (const piece of this.pieces()) {
      const parts = piece.split('\n');
      const rest = parts.pop() ?? '';
      if (parts.length > 0) {
        parts[0] = begun.join('') + (parts[0] ?? '');
        [begun, length] = [[], 0];
      }
      begun.push(rest);
      length += rest.length;
      yield parts.map((text) => ({ text: text.endsWith('\r') ? text.slice(0, -1) : text, number: ++number }));
      if (length > this.limits.document) throw this.tooLarge(number + 1);
    }
    const last = begun.join('');
    if (last !== '') yield [{ text: last, number: number + 1 }];
  }

  /** The whole text. */
  async text(): Promise<string> {
    const pieces: string[] = [];
    let length = 0;
    for await (const piece of this.pieces()) {
      length += piece.length;
      if (length > this.limits.document) throw this.tooLarge(null);
      pieces.push(piece);
    }
    return pieces.join('');
  }

  /** The first non-blank line; null where there is none. */
  async firstLine(): Promise<Line | null> {
    for await (const batch of this.lines()) {
      const found = batch.find(({ text }) => text.trim() !== '');
      if (found !== undefined) return found;
    }
    return null;
  }

  private tooLarge(line: number | null): Refusal {
    const limit = `${Math.round(this.limits.document / MEBI)} MiB`;
    return new Refusal(`more than ${limit} in one piece: write the result without prompts and answers`, line);
  }
}
