/** Pieces of Markdown that GitHub renders as they are meant, whatever names and messages hold. */
import type { Row } from './table';

export const list = (lines: readonly string[]): string => lines.map((line) => `- ${escape(line)}`).join('\n');

export function table(head: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

/** Names and messages come from outside: nothing in them may become a heading, a link, HTML or a further cell. */
export function escape(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]|#~]/g, '\\$&')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}
