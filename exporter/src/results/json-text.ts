/** JSON as benchmark tools write it: Python's `NaN` and `Infinity` are read as null, and depth is bounded. */
import { Refusal } from './refusal';

/** No result file nests deeper; a file of opening brackets must not take all memory. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Offsets of Python's non-finite numbers outside strings; refuses text that nests too deeply. */
function nonFinite(text: string): [start: number, end: number][] {
  const found: [number, number][] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new Refusal(`nests deeper than ${MAX_DEPTH} levels`, lineAt(text, at));
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1;
    } else if (code === 0x4e && text.startsWith('NaN', at)) {
      found.push([at, at + 3]);
    } else if (code === 0x49 && text.startsWith('Infinity', at)) {
      found.push([text[at - 1] === '-' ? at - 1 : at, at + 8]);
      at += 7;
    }
  }
  return found;
}

/** Offset of the quote that closes the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

const lineAt = (text: string, offset: number) => {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
};

/** The value; a refusal with the line where the text is no JSON. `firstLine`: the number of the text's first line. */
export function parseJson(text: string, firstLine = 1): unknown {
  try {
    return JSON.parse(withoutNonFinite(text)) as unknown;
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.reason, (error.line ?? 1) + firstLine - 1);
    throw new Refusal(jsonMistake(error as Error), lineOfMistake(error as Error, text) + firstLine - 1);
  }
}

function withoutNonFinite(text: string): string {
  let clean = '';
  let from = 0;
  for (const [start, end] of nonFinite(text)) {
    clean += `${text.slice(from, start)}null`;
    from = end;
  }
  return from === 0 ? text : clean + text.slice(from);
}

/** V8 quotes the text in its message; a result may hold prompts, so only the kind of mistake is told. */
function jsonMistake({ message }: Error): string {
  return /end of JSON|Unterminated/i.test(message) ? 'not valid JSON: the text is cut off' : 'not valid JSON';
}

function lineOfMistake({ message }: Error, text: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  return lineAt(text, position === undefined ? text.length : Number(position));
}
