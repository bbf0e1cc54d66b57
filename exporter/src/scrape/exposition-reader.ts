import { isUtf8 } from 'node:buffer';
import { standsAt, viewOf, type Block, type ExpositionMemory, type Name } from './exposition-intern';
import {
  blockProblem,
  continuesName,
  endOfBlock,
  endOfName,
  HASH,
  NEWLINE,
  OPEN,
  skipBlanks,
  SPACE,
  type BlockScan,
} from './exposition-labels';
import { readNumber } from './exposition-number';
import { Page, splitType } from './exposition-page';
import { notMetrics } from './not-metrics';

export interface ExpositionLimits {
  max_body_bytes: number;
  max_line_bytes: number;
  /** Samples on one page. */
  max_series: number;
}

export type ExpositionFailure =
  'body_too_large' | 'line_too_long' | 'too_many_series' | 'bad_syntax' | 'not_metrics';

export type ParsedPage =
  | { ok: true; page: Page }
  /** `detail` is one line for people; it names the line where one is to blame. */
  | { ok: false; reason: ExpositionFailure; detail: string };

/** Takes a body in pieces, cut anywhere. */
export interface PageFeed {
  /** @returns false once the page has failed, so that its reader can hang up; `end` tells why. */
  feed(piece: Buffer): boolean;
  end(): ParsedPage;
}

const TYPES = new Set(
  'counter gauge histogram summary untyped unknown gaugehistogram stateset info'.split(' '),
);
const UPPER_E = 69;
const UPPER_T = 84;
/** How many label blocks of one name are foreseen. */
const FORESEEN_BLOCKS = 10_000;
/** How much of the page's beginning is kept to tell what it is, should it be no metrics page. */
const BEGINNING_BYTES = 256;
const EMPTY = Buffer.alloc(0);

/** Reads one page. Each `private` scanner returns where it stopped, or -1 after `fail`. */
export class ExpositionReader implements PageFeed {
  private failure: { reason: ExpositionFailure; detail: string } | null = null;
  private size = 0;
  private line = 0;
  private beginning = EMPTY;
  /** Pieces of a line whose end has not come yet. */
  private carry: Buffer[] = [];
  private carried = 0;
  /** The last content was `# EOF`. */
  private ended = false;
  private readonly openMetrics: boolean;

  /** The lines under way, to compare them. */
  private view = viewOf(EMPTY);
  /** The name of the line before, the name before that, and how many samples it had so far. */
  private name: Name;
  private nameBefore: Name;
  private run = 0;

  private readonly names: Name[] = [];
  private readonly starts: number[] = [];
  private readonly blocks: Block[] = [];
  private values = new Float64Array(1024);
  private type: Name;
  private readonly types: Name[] = [];
  private readonly number = new Float64Array(1);

  constructor(
    private readonly memory: ExpositionMemory,
    private readonly limits: ExpositionLimits,
    contentType: string | null,
  ) {
    this.name = memory.head;
    this.nameBefore = memory.head;
    this.type = memory.typesHead;
    this.openMetrics = /openmetrics-text/i.test(contentType ?? '');
    if (/protobuf/i.test(contentType ?? '')) {
      this.fail('not_metrics', 'protobuf exposition, which is not supported: ask for text');
    }
  }

  feed(piece: Buffer): boolean {
    if (this.failure !== null) return false;
    this.size += piece.length;
    if (this.beginning.length < BEGINNING_BYTES) {
      this.beginning = Buffer.concat([this.beginning, piece.subarray(0, BEGINNING_BYTES)]);
    }
    const { max_body_bytes: most } = this.limits;
    if (this.size > most) this.fail('body_too_large', `the page is larger than ${most} bytes`);
    else this.split(piece);
    return this.failure === null;
  }

  end(): ParsedPage {
    if (this.failure === null && this.carried > 0) this.readLines(this.takeCarry(Buffer.from('\n')));
    const { failure, blocks, openMetrics, ended } = this;
    if (failure === null && openMetrics && !ended) {
      this.fail('bad_syntax', 'the page breaks off: OpenMetrics ends with "# EOF"');
    }
    const nothing = blocks.length === 0;
    const what = nothing && failure?.reason !== 'body_too_large' ? notMetrics(this.beginning) : null;
    if (what !== null) return { ok: false, reason: 'not_metrics', detail: what };
    if (this.failure !== null) return { ok: false, ...this.failure };
    const { names, starts, types } = this;
    const format = openMetrics || ended ? 'openmetrics' : 'text';
    const values = this.values.slice(0, blocks.length);
    return { ok: true, page: new Page({ format, names, starts, blocks, values, types }) };
  }

  private fail(reason: ExpositionFailure, detail: string): -1 {
    this.failure ??= { reason, detail };
    return -1;
  }

  private wrong(why: string): -1 {
    return this.fail('bad_syntax', `line ${this.line}: ${why}`);
  }

  /** Reads the complete lines of a piece and keeps the rest for the next one. */
  private split(piece: Buffer): void {
    let start = 0;
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end > 0 && this.carried > 0) {
      start = piece.indexOf(NEWLINE) + 1;
      this.readLines(this.takeCarry(piece.subarray(0, start)));
    }
    if (end > start && this.failure === null) this.readLines(piece.subarray(start, end));
    if (end < piece.length) {
      this.carry.push(piece.subarray(end));
      this.carried += piece.length - end;
      if (this.carried > this.limits.max_line_bytes) this.tooLong(this.line + 1);
    }
  }

  private takeCarry(last: Buffer): Buffer {
    const line = Buffer.concat([...this.carry, last]);
    this.carry = [];
    this.carried = 0;
    return line;
  }

  private tooLong(line: number): void {
    this.fail('line_too_long', `line ${line} is longer than ${this.limits.max_line_bytes} bytes`);
  }

  /** @param bytes whole lines, the last line feed included. */
  private readLines(bytes: Buffer): void {
    if (!isUtf8(bytes)) {
      this.line += firstNotUtf8(bytes);
      this.wrong('not UTF-8');
      return;
    }
    this.view = viewOf(bytes);
    const longest = this.limits.max_line_bytes + 1;
    for (let at = 0, next = 0; at < bytes.length; at = next) {
      this.line++;
      const start = skipBlanks(bytes, at);
      next = bytes[start] === NEWLINE ? start + 1 : this.readLine(bytes, start);
      if (next > 0 && next - at <= longest) continue;
      const length = bytes.indexOf(NEWLINE, at) + 1 - at;
      if (length > longest) {
        this.failure = null;
        this.tooLong(this.line);
      }
      return;
    }
  }

  private readLine(bytes: Buffer, at: number): number {
    if (this.ended && this.openMetrics) return this.wrong('there is more behind "# EOF"');
    this.ended = false;
    return bytes[at] === HASH ? this.readComment(bytes, at) : this.readSample(bytes, at);
  }

  private readComment(bytes: Buffer, at: number): number {
    const start = skipBlanks(bytes, at + 1);
    const word = bytes[start];
    if (word === UPPER_T) return this.readType(bytes, start);
    const end = bytes.indexOf(NEWLINE, start);
    if (word === UPPER_E) this.ended = bytes.toString('latin1', start, end).trimEnd() === 'EOF';
    return end + 1;
  }

  /** A `# TYPE` line, or a comment that begins alike. Types are foreseen as names are. */
  private readType(bytes: Buffer, at: number): number {
    const { next } = this.type;
    if (next !== null && standsAt(next, this.view, at) && bytes[at + next.length] === NEWLINE) {
      this.type = next;
      this.types.push(next);
      return at + next.length + 1;
    }
    const end = bytes.indexOf(NEWLINE, at);
    const text = bytes.toString('utf8', at, end);
    if (!/^TYPE\s/.test(text)) return end + 1;
    const { family, type } = splitType(text);
    if (family === '') return this.wrong('a TYPE line holds a metric name and a type');
    if (!TYPES.has(type)) return this.wrong(`"${excerpt(type)}" is not a metric type`);
    const found = this.memory.types.intern(bytes, this.view, at, end);
    this.type.next = found;
    this.type = found;
    this.types.push(found);
    return end + 1;
  }

  private readSample(bytes: Buffer, at: number): number {
    let i = this.readName(bytes, at);
    if (i < 0) return -1;
    if (i === at) return this.readQuoted(bytes, at);
    let block = this.memory.noLabels;
    if (bytes[i] !== OPEN) i = skipBlanks(bytes, i);
    if (bytes[i] === OPEN) {
      const { name, run } = this;
      const foreseen = name.blocks[run] ?? this.nameBefore.blocks[run];
      if (foreseen !== undefined && standsAt(foreseen, this.view, i)) block = foreseen;
      else {
        const parsed = this.readBlock(bytes, i);
        if (parsed === null) return -1;
        if (this.memory.scan.named) return this.wrong('two metric names');
        block = parsed;
      }
      i += block.length;
      if (run < FORESEEN_BLOCKS) name.blocks[run] = block;
    }
    return this.readValue(bytes, i, block);
  }

  /** Enters the name of the line; returns its end, which is `at` where a label block opens instead. */
  private readName(bytes: Buffer, at: number): number {
    const { name, memory, view } = this;
    const same = at + name.length;
    if (name !== memory.head && standsAt(name, view, at) && !continuesName(bytes, same)) {
      this.run++;
      return same;
    }
    const { next } = name;
    if (next !== null && standsAt(next, view, at) && !continuesName(bytes, at + next.length)) {
      this.enter(next);
      return at + next.length;
    }
    const end = endOfName(bytes, at);
    if (end === at) return bytes[at] === OPEN ? at : this.wrong('a line starts with a metric name or "#"');
    const found = memory.names.intern(bytes, view, at, end);
    name.next = found;
    this.enter(found);
    return end;
  }

  private enter(name: Name): void {
    this.nameBefore = this.name;
    this.name = name;
    this.run = 0;
    this.names.push(name);
    this.starts.push(this.blocks.length);
  }

  /** A sample whose name stands in its label block (`{"my.metric", a="b"} 1`), as OpenMetrics with UTF-8 names has it. */
  private readQuoted(bytes: Buffer, at: number): number {
    const block = this.readBlock(bytes, at);
    if (block === null) return -1;
    if (block.name === null) return this.wrong('a sample without a metric name');
    const name = Buffer.from(block.name);
    this.enter(this.memory.quoted.intern(name, viewOf(name), 0, name.length));
    const end = this.readValue(bytes, at + block.length, block);
    // A quoted name may look like anything: it must not serve to foresee a plain one.
    this.name = this.memory.head;
    return end;
  }

  private readBlock(bytes: Buffer, at: number): Block | null {
    const { scan, blocks } = this.memory;
    const end = endOfBlock(bytes, at, scan);
    const twice = end < 0 ? null : scan.twice(bytes);
    if (end >= 0 && twice === null) return blocks.intern(bytes, this.view, at, end);
    this.wrong(twice === null ? blockProblem(end) : `label "${excerpt(twice)}" stands there twice`);
    return null;
  }

  private readValue(bytes: Buffer, at: number, block: Block): number {
    const start = skipBlanks(bytes, at);
    const end = readNumber(bytes, start, this.number);
    if (end < 0) return this.wrongNumber(bytes, start);
    const next = bytes[end] === NEWLINE ? end + 1 : this.readTail(bytes, end);
    if (next < 0) return -1;
    const { blocks, limits } = this;
    const count = blocks.length;
    const { max_series: most } = limits;
    if (count >= most) return this.fail('too_many_series', `more than ${most} samples`);
    if (count === this.values.length) {
      const grown = new Float64Array(2 * count);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[count] = this.number[0] as number;
    blocks.push(block);
    return next;
  }

  /** What may follow a value: a timestamp, an exemplar. */
  private readTail(bytes: Buffer, at: number): number {
    let i = skipBlanks(bytes, at);
    if (i === at) return this.wrongNumber(bytes, at);
    const dropped = new Float64Array(1);
    if (bytes[i] !== NEWLINE && bytes[i] !== HASH) {
      const end = readNumber(bytes, i, dropped);
      if (end < 0) return this.wrong(`"${wordAt(bytes, i)}" is not a timestamp`);
      i = skipBlanks(bytes, end);
    }
    if (bytes[i] === HASH) i = endOfExemplar(bytes, i, this.memory.scan, dropped);
    if (i < 0) return this.wrong('malformed exemplar');
    return bytes[i] === NEWLINE ? i + 1 : this.wrong(`"${wordAt(bytes, i)}" behind the value`);
  }

  private wrongNumber(bytes: Buffer, at: number): -1 {
    if (bytes[at] === NEWLINE) return this.wrong('a metric name without a value');
    let start = at;
    while (start > 0 && (bytes[start - 1] as number) > SPACE) start--;
    return this.wrong(`"${wordAt(bytes, start)}" is not a number`);
  }
}

/** ` # {trace_id="…"} 0.67 1520879607.789` */
function endOfExemplar(bytes: Buffer, at: number, scan: BlockScan, dropped: Float64Array): number {
  const open = skipBlanks(bytes, at + 1);
  if (bytes[open] !== OPEN) return -1;
  const close = endOfBlock(bytes, open, scan);
  if (close < 0) return -1;
  const value = readNumber(bytes, skipBlanks(bytes, close), dropped);
  if (value < 0) return -1;
  const i = skipBlanks(bytes, value);
  const time = bytes[i] === NEWLINE ? i : readNumber(bytes, i, dropped);
  return time < 0 ? -1 : skipBlanks(bytes, time);
}

/** How many lines lie before the first byte that is not UTF-8, that line included. */
function firstNotUtf8(bytes: Buffer): number {
  let lines = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at) + 1;
    lines++;
    if (!isUtf8(bytes.subarray(at, end))) break;
    at = end;
  }
  return lines;
}

function wordAt(bytes: Buffer, at: number): string {
  return excerpt(/^\S*/.exec(bytes.toString('utf8', at, at + 160))?.[0] ?? '');
}

/** What a stranger wrote, fit for one line of a log. */
function excerpt(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean;
}
