import type { RunResult } from '../run-result';
import { aiperfFile, aiperfJsonl } from './aiperf';
import { benchmarkReportFile, benchmarkReportYaml } from './benchmark-report';
import { exportParts, type ExportPart } from './export-part';
import { lmbenchCsv, lmbenchFile } from './lmbench';

/** Formats of other tools that a run is also written in, one file per target and load level. */
const FORMATS = {
  lmbench: { file: lmbenchFile, render: lmbenchCsv },
  aiperf: { file: aiperfFile, render: aiperfJsonl },
  'benchmark-report': { file: benchmarkReportFile, render: benchmarkReportYaml },
} as const satisfies Record<string, { file(part: ExportPart): string; render(part: ExportPart): string }>;

export type ExportFormat = keyof typeof FORMATS;
export const EXPORT_FORMATS = Object.keys(FORMATS) as ExportFormat[];

export interface ExportFile {
  /** Relative to the folder of the run; a run of several targets has a folder for each. */
  name: string;
  render(): string;
}

/** The files of a run in the formats that were asked for. */
export function exportFiles(result: RunResult, formats: readonly ExportFormat[]): ExportFile[] {
  const several = result.records.size > 1;
  const parts = formats.length === 0 ? [] : exportParts(result);
  return parts.flatMap((part) =>
    formats.map((format): ExportFile => {
      const { file, render } = FORMATS[format];
      return { name: `${several ? `${part.target}/` : ''}${file(part)}`, render: () => render(part) };
    }),
  );
}

/**
 * Reads values of `--export`, each a format or several with commas between.
 *
 * @returns the formats, each once; a line for people where one is unknown.
 */
export function readExports(values: readonly string[]): ExportFormat[] | string {
  const names = values.flatMap((value) => value.split(',').map((name) => name.trim()));
  const unknown = names.find((name) => !(EXPORT_FORMATS as string[]).includes(name));
  if (unknown !== undefined)
    return `--export: ${JSON.stringify(unknown)} is not a format; use ${EXPORT_FORMATS.join(', ')}`;
  return EXPORT_FORMATS.filter((format) => names.includes(format));
}
