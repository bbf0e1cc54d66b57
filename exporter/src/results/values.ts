/** The values that a JSON, JSON-lines or YAML file holds. */
import { parseDocument } from 'yaml';
import { parseJson } from './json-text';
import type { Located } from './reading';
import { Refusal } from './refusal';
import type { Line, Source } from './source';

/** Reports have some tens of kilobytes; parsing YAML is slow. */
const MAX_YAML = 8 * 2 ** 20;
const MAX_ALIASES = 100;

const opens = (text: string) => /^\s*[[{]/.test(text);

/** Whether a line is a whole JSON value of its own: then each line of the file is one. */
export function lineValue(line: Line): { value: unknown } | null {
  if (!opens(line.text)) return null;
  try {
    return { value: parseJson(line.text, line.number) };
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** One value a line. A line that is none is handed on as the refusal that names it, for the reader to count. */
export async function* lineValues(source: Source): AsyncGenerator<Located> {
  for await (const batch of source.lines()) {
    for (const { text, number } of batch) {
      if (text.trim() === '') continue;
      let value: unknown;
      try {
        value = parseJson(text, number);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        value = null;
      }
      yield { value, line: number };
    }
  }
}

/** The whole document as one value. */
export async function documentValue(source: Source): Promise<unknown> {
  return parseJson(await source.text());
}

export async function yamlValue(source: Source): Promise<unknown> {
  const text = await source.text();
  if (text.length > MAX_YAML) throw new Refusal('more than 8 MiB of YAML');
  try {
    const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
    const mistake = document.errors[0];
    if (mistake !== undefined) throw new Refusal('not valid YAML', mistake.linePos?.[0].line ?? null);
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // Too many aliases, or a nesting that exhausts the stack: the parser says both with exceptions of its own.
    throw new Refusal('not usable YAML: too deep, or too many aliases');
  }
}

export async function* single(value: unknown): AsyncGenerator<Located> {
  await Promise.resolve();
  yield { value, line: 1 };
}
