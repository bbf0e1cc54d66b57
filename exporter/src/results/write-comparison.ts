/** The folder that a comparison of results is written to. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ComparedResults } from './compare-results';
import { resultReadme, type ResultContext } from './result-text';

/** What every output is made from: the comparison, the requests of each level, and what they were read from. */
export type ComparisonOutput = ComparedResults & Pick<ResultContext, 'sources'>;

/** Files made of a comparison, in the order in which they are written. A further format is a further row. */
export const COMPARISON_OUTPUTS: readonly {
  /** Relative to the folder. */
  name: string;
  render(output: ComparisonOutput): string | Uint8Array | Promise<string | Uint8Array>;
}[] = [
  { name: 'comparison.json', render: ({ comparison }) => comparisonJson(comparison) },
  { name: 'README.md', render: (output) => resultReadme(output) },
];

export const comparisonJson = (comparison: ComparedResults['comparison']) =>
  `${JSON.stringify(comparison, null, 2)}\n`;

/** Writes all outputs; one line where that is not possible, else null. */
export async function writeComparison(folder: string, output: ComparisonOutput): Promise<string | null> {
  for (const { name, render } of COMPARISON_OUTPUTS) {
    const path = join(folder, name);
    const content = await render(output);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    } catch (error) {
      return `${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
    }
  }
  return null;
}
