import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLError,
} from 'yaml';
import { oneLine } from '../http/network-error';
import type { Path } from './section';

/** A parsed file: plain values, and where each of them stands. */
export interface YamlFile {
  value: unknown;
  /** Offset of the key (or entry) in the text; of the nearest one above it where there is none. */
  positionOf(path: Path): number;
}

export type YamlResult = { ok: true; file: YamlFile } | { ok: false; mistakes: string[] };

const MAX_BYTES = 2 ** 20;
/** Expansions of anchors; against files that are small and grow without bound. */
const MAX_ALIASES = 100;
const MAX_DEPTH = 40;

/**
 * Parses YAML 1.2 text. `name` stands before each mistake. Values are null, boolean, number, string, array or plain object;
 * never cyclic and never deeper than 40 levels. Texts never quote the file, as it may hold secrets.
 */
export function parseYaml(text: string, name: string): YamlResult {
  const refuse = (mistake: string): YamlResult => ({ ok: false, mistakes: [`${name}: ${mistake}`] });
  if (Buffer.byteLength(text) > MAX_BYTES)
    return refuse('is larger than 1 MiB; it is not a configuration of Taillight');
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      version: '1.2',
    });
    const errors = [...document.errors, ...document.warnings];
    if (errors.length > 0) {
      return { ok: false, mistakes: errors.map((error) => `${name}:${inWords(error, text, lines)}`) };
    }
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (!isPlain(value, MAX_DEPTH))
      return refuse(`nests deeper than ${MAX_DEPTH} levels or holds values that JSON has not`);
    return { ok: true, file: { value, positionOf: (path) => positionOf(document, path) } };
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith('Unresolved alias')) {
      return refuse('has an alias without its anchor; put values that begin with * in quotes');
    }
    if (message.startsWith('Excessive alias')) {
      return refuse(`uses more than ${MAX_ALIASES} aliases; write the values out`);
    }
    return refuse('cannot be parsed as YAML; it nests too deeply');
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of them',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent keys of one section alike',
  MULTIPLE_DOCS: 'keep one document, without a further `---`',
  MULTILINE_IMPLICIT_KEY: 'is a colon or a quote missing?',
  TAG_RESOLVE_FAILED: 'remove it, or put values that begin with ! in quotes',
  BAD_SCALAR_START: 'put the value in quotes',
};

/** Where the parser's own words speak to programmers or quote the file. */
const WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins',
  DUPLICATE_KEY: 'the same key stands twice',
  MISSING_CHAR: 'a colon, a quote or a bracket is missing',
  TAG_RESOLVE_FAILED: 'a tag of an unknown type',
  BAD_DIRECTIVE: 'an unknown directive',
};

function inWords({ code, message, pos }: YAMLError, text: string, lines: LineCounter): string {
  const { line, col } = lines.linePos(pos[0]);
  const key = code === 'DUPLICATE_KEY' ? ` ("${/^[\w.-]{1,60}/.exec(text.slice(pos[0]))?.[0] ?? '?'}")` : '';
  const words = oneLine(WORDS[code] ?? message.replace(/:.*$/s, ''));
  return `${line}:${col}: ${words}${key}; ${REMEDIES[code] ?? 'mend the YAML there'}`;
}

/** Also false for what is cyclic, as that has no end of depth. */
function isPlain(value: unknown, depth: number): boolean {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (depth === 0 || typeof value !== 'object') return false;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.entries(value).every(([key, inner]) => key !== '__proto__' && isPlain(inner, depth - 1));
}

function positionOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let position = 0;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
      if (pair === undefined) break;
      position = isScalar(pair.key) ? (pair.key.range?.[0] ?? position) : position;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
      position = range?.[0] ?? position;
    } else break;
  }
  return position;
}
