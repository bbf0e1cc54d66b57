import { join } from 'node:path';
import { drawRun, type PlotsBundle } from './draw-run';
import { exportFiles, type ExportFormat } from './exports/export-files';
import { markComplete, SUMMARY_FILE, writeOut } from './out-folder';
import { runMarkdownReport } from './run-report';
import type { RunResult } from './run-result';

/** Files made of a finished run, in the order in which they are written. A further format is a further row. */
export const OUTPUTS: readonly {
  name: string;
  render(result: RunResult): string | Uint8Array | Promise<string | Uint8Array>;
}[] = [
  { name: SUMMARY_FILE, render: ({ comparison }) => `${JSON.stringify(comparison, null, 2)}\n` },
  { name: 'observations.json', render: observationsJson },
  { name: 'report.md', render: runMarkdownReport },
];

/** What is made of a run on top. */
export interface Extras {
  exports: readonly ExportFormat[];
  /** What draws; or why nothing is drawn; null: it is not wanted. */
  plots: PlotsBundle | string | null;
}

export interface Written {
  files: string[];
  /** One line; null when all is written. */
  problem: string | null;
  /** Why there are no plots that were wanted, one line; else null. A run is worth no less without them. */
  undrawn: string | null;
}

/**
 * Writes everything that is made of a run beside its `run.jsonl`, and last that it is complete, if it is. What cannot be
 * written is told; the rest is written all the same. `whole`: every target answered, so that the run need not be repeated.
 */
export async function writeResults(
  folder: string,
  result: RunResult,
  whole: boolean,
  { exports, plots }: Extras = { exports: [], plots: null },
): Promise<Written> {
  const files: string[] = [];
  let problem: string | null = null;
  const attempt = async (name: string, write: () => Promise<void>) => {
    try {
      await write();
      files.push(name);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      problem ??= `${join(folder, name)}: cannot be written (${code}); make room, then run it again`;
    }
  };
  for (const { name, render } of [...OUTPUTS, ...exportFiles(result, exports)])
    await attempt(name, async () => writeOut(folder, name, await render(result)));
  const drawn =
    typeof plots === 'object' && plots !== null ? await drawRun(result, plots).catch(reasonOf) : plots;
  for (const { name, content } of typeof drawn === 'object' ? (drawn ?? []) : [])
    await attempt(name, () => writeOut(folder, name, content));
  if (whole && result.end.kind === 'finished' && problem === null)
    await attempt('complete.json', () => markComplete(folder, result.run, result.ended));
  return { files, problem, undrawn: typeof drawn === 'string' ? drawn : null };
}

const reasonOf = (error: unknown): string => (error as Error).message.split('\n')[0] ?? '';

/** What the servers were like: a later comparison of this run with another needs it beside the records. */
function observationsJson({ observations }: RunResult): string {
  return `${JSON.stringify({ schema: 'taillight.observations/1', targets: observations }, null, 2)}\n`;
}
