/** The folder that a comparison of results is written to. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../store/make-folder';
import type { ComparedResults } from './compare-results';
import { resultReadme, type ResultContext } from './result-text';

/** What every output is made from: the comparison, the requests of each level, and what they were read from. */
export type ComparisonOutput = ComparedResults & Pick<ResultContext, 'sources'>;

export interface OutputFile {
  /** Relative to the folder. */
  name: string;
  content: string | Uint8Array;
}

export const comparisonJson = (comparison: ComparedResults['comparison']) =>
  `${JSON.stringify(comparison, null, 2)}\n`;

/** The numbers alone, where nothing can be drawn. */
export const comparisonFiles = (output: ComparisonOutput): OutputFile[] => [
  { name: 'comparison.json', content: comparisonJson(output.comparison) },
  { name: 'README.md', content: resultReadme(output) },
];

/** Writes the files, folders first where they are missing; one line where that is not possible, else null. */
export async function writeFiles(folder: string, files: readonly OutputFile[]): Promise<string | null> {
  for (const { name, content } of files) {
    const path = join(folder, name);
    try {
      await makeFolder(dirname(path));
      await writeFile(path, content);
    } catch (error) {
      return `${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}); name another folder`;
    }
  }
  return null;
}
