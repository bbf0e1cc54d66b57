/** Label name -> value, decoded. A Map, as a label may be called `__proto__`. */
export type Labels = ReadonlyMap<string, string>;

export const NEWLINE = 10;
export const SPACE = 32;
export const QUOTE = 34;
export const HASH = 35;
export const OPEN = 123;
const TAB = 9;
const RETURN = 13;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
const CLOSE = 125;

/** More are no monitoring data; the bound also keeps the search for duplicates linear in the input. */
const MAX_LABELS = 256;

/** What each byte may be part of: a label name's start, its rest, a metric name. */
const LABEL_START = 1;
const LABEL_REST = 2;
const NAME_START = 4;
const NAME_REST = 8;
const CLASSES = new Uint8Array(256);
for (const [pattern, flag] of [
  [/[a-zA-Z_]/, LABEL_START],
  [/[a-zA-Z0-9_]/, LABEL_REST],
  [/[a-zA-Z_:]/, NAME_START],
  [/[a-zA-Z0-9_:]/, NAME_REST],
] as const) {
  for (let byte = 0; byte < 128; byte++) {
    if (pattern.test(String.fromCharCode(byte))) CLASSES[byte] = (CLASSES[byte] as number) | flag;
  }
}

/** Where the metric name that starts at `at` ends; `at` itself when none starts there. */
export function endOfName(bytes: Uint8Array, at: number): number {
  if (((CLASSES[bytes[at] as number] as number) & NAME_START) === 0) return at;
  let i = at + 1;
  while (((CLASSES[bytes[i] as number] as number) & NAME_REST) !== 0) i++;
  return i;
}

/** Would the name that ends before `at` go on there? */
export function continuesName(bytes: Uint8Array, at: number): boolean {
  return ((CLASSES[bytes[at] as number] as number) & NAME_REST) !== 0;
}

/** The carriage return counts as a blank, so that CRLF pages read like any other. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i] === SPACE || bytes[i] === TAB || bytes[i] === RETURN) i++;
  return i;
}

/** Reasons of `endOfBlock`, by its negated answer. */
const PROBLEMS = [
  '',
  'a label name is missing or malformed',
  'a label lacks its "="',
  'a label value must stand in double quotes',
  'a label value lacks its closing quote',
  'labels must be separated by commas and closed by "}"',
  `more than ${MAX_LABELS} labels`,
] as const;

export function blockProblem(answer: number): string {
  return PROBLEMS[-answer] ?? 'malformed labels';
}

/** What `endOfBlock` saw on its way: where the label names stand, and whether the metric name is one of the items. */
export class BlockScan {
  named = false;
  count = 0;
  readonly starts = new Int32Array(MAX_LABELS);
  readonly ends = new Int32Array(MAX_LABELS);

  /** The first label name that stands there twice; null where none does. */
  twice(bytes: Buffer): string | null {
    const { starts, ends } = this;
    for (let i = 1; i < this.count; i++) {
      const start = starts[i] as number;
      const end = ends[i] as number;
      for (let j = 0; j < i; j++) {
        const other = starts[j] as number;
        if ((ends[j] as number) - other !== end - start || bytes[other] !== bytes[start]) continue;
        if (bytes.compare(bytes, start, end, other, other + end - start) === 0)
          return bytes.toString('utf8', start, end);
      }
    }
    return null;
  }
}

/**
 * Where the label block that opens at `at` ends (behind the brace), or a negative number: see `blockProblem`. Every line ends
 * with a line feed, which is part of no token, so no scan leaves its line.
 */
export function endOfBlock(bytes: Uint8Array, at: number, scan: BlockScan): number {
  scan.named = false;
  scan.count = 0;
  let i = at + 1;
  for (;;) {
    i = skipBlanks(bytes, i);
    if (bytes[i] === CLOSE) return i + 1;
    if (scan.count === MAX_LABELS) return -6;
    i = endOfLabel(bytes, i, scan);
    if (i < 0) return i;
    i = skipBlanks(bytes, i);
    if (bytes[i] === CLOSE) return i + 1;
    if (bytes[i] !== COMMA) return -5;
    i++;
  }
}

/** One `name="value"`, or, as the first item only, a quoted metric name (`{"my.metric", a="b"}`). */
function endOfLabel(bytes: Uint8Array, at: number, scan: BlockScan): number {
  const quoted = bytes[at] === QUOTE;
  let i = at;
  if (quoted) {
    i = endOfString(bytes, at);
    if (i < 0) return i;
  } else {
    if (((CLASSES[bytes[i] as number] as number) & LABEL_START) === 0) return -1;
    while (((CLASSES[bytes[i] as number] as number) & LABEL_REST) !== 0) i++;
  }
  const end = i;
  i = skipBlanks(bytes, i);
  if (bytes[i] !== EQUALS) {
    if (!quoted || scan.named || scan.count > 0) return -2;
    scan.named = true;
    return end;
  }
  scan.starts[scan.count] = quoted ? at + 1 : at;
  scan.ends[scan.count++] = quoted ? end - 1 : end;
  i = skipBlanks(bytes, i + 1);
  if (bytes[i] !== QUOTE) return -3;
  return endOfString(bytes, i);
}

function endOfString(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; ; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i++;
    if (bytes[i] === NEWLINE || bytes[i] === undefined) return -4;
  }
}

/** Decodes a block that `endOfBlock` accepted: its labels, and the metric name where that stands among them. */
export function decodeBlock(block: Buffer): { labels: Labels; name: string | null } {
  const labels = new Map<string, string>();
  let name: string | null = null;
  let i = skipBlanks(block, 1);
  while (block[i] !== CLOSE) {
    const end = block[i] === QUOTE ? endOfString(block, i) : endOfName(block, i);
    const key = block[i] === QUOTE ? unescape(block, i, end) : block.toString('latin1', i, end);
    i = skipBlanks(block, end);
    if (block[i] === EQUALS) {
      const start = skipBlanks(block, i + 1);
      i = endOfString(block, start);
      labels.set(key, unescape(block, start, i));
      i = skipBlanks(block, i);
    } else name = key;
    if (block[i] === COMMA) i = skipBlanks(block, i + 1);
  }
  return { labels, name };
}

/** The text of a quoted string that stands in `start..end`, quotes included. */
function unescape(block: Buffer, start: number, end: number): string {
  const text = block.toString('utf8', start + 1, end - 1);
  if (!text.includes('\\')) return text;
  // Other escapes stay as they are written, as in Prometheus.
  return text.replace(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
