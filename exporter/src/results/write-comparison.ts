/** The folder that a comparison of results is written to. */
import { readdir, rm, writeFile } from 'node:fs/promises';
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

const PLOTS =
  /^(?:(?:latency|throughput|qps)_comparison|ttft_ecdf|ttft_by_turn|ratio_forest)(?:-dark)?\.(?:png|svg)$/;

/** Takes away plots of a comparison that was written there before, and that this one has not. */
export async function removeOldPlots(folder: string, files: readonly OutputFile[]): Promise<void> {
  const plots = join(folder, 'plots');
  const fresh = new Set(files.map(({ name }) => join(folder, name)));
  const names = await readdir(plots).catch(() => []);
  const old = names.filter((name) => PLOTS.test(name) && !fresh.has(join(plots, name)));
  await Promise.all(old.map((name) => rm(join(plots, name), { force: true })));
}

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
