/** Text in columns: a label, then one cell per target. Widths follow the content. */

export type Row = readonly [label: string, ...cells: string[]];

const GAP = 3;
const INDENT = '  ';

/** Lines of a table, cells left-aligned; trailing blanks are cut. */
export function tableLines(rows: readonly Row[], labelWidth: number, cellWidth: number): string[] {
  return rows.map(([label, ...cells]) =>
    [(INDENT + label).padEnd(labelWidth), ...cells.map((cell) => cell.padEnd(cellWidth))].join('').trimEnd(),
  );
}

/** Widths that fit all rows of a report, so that its sections stand under one another. */
export function columnWidths(rows: readonly Row[]): { label: number; cell: number } {
  const label = Math.max(0, ...rows.map(([first]) => INDENT.length + first.length));
  const cell = Math.max(0, ...rows.flatMap(([, ...cells]) => cells.map((text) => text.length)));
  return { label: label + GAP, cell: cell + GAP };
}

/** Cuts a line to a width; what is cut off is shown as an ellipsis. */
export const fit = (line: string, width: number) =>
  line.length <= width ? line : `${line.slice(0, width - 1)}…`;

/** Breaks a sentence at blanks so that no line exceeds the width; the first line and the further ones may be indented. */
export function wrap(text: string, width: number, first = '', further = '    '): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (!empty && longer.length > width) {
      lines.push(line);
      line = further + word;
    } else {
      line = longer;
    }
    empty = false;
  }
  return [...lines, line].map((one) => fit(one, width));
}
