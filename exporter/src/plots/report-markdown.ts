/** The report as Markdown with its plots, as GitHub and its like show it. */
import { markdownReport } from '../report/markdown-report';
import { escapeMarkup } from './escape';
import { plotFileNames } from './plot-files';
import type { Plots } from './render-plots';
import type { ReportInput } from './report-html';

/**
 * The verdict, the plots, then every table. `folder` leads from the report to the plots: `plots/`, or empty where the report
 * lies beside them. Each picture is there for light and dark pages.
 */
export function reportMarkdown({ comparison, context }: ReportInput, plots: Plots, folder: string): string {
  const report = markdownReport(comparison, context);
  // Before the first section: names and messages cannot hold a heading, as the report escapes them.
  const at = report.indexOf('\n## ');
  const pictures = plotsMarkdown(plots, folder);
  return at < 0 ? `${report}\n${pictures}` : `${report.slice(0, at)}\n${pictures}${report.slice(at)}`;
}

/** The plots alone, each for light and dark pages. */
export function plotsMarkdown({ plots, skipped }: Plots, folder: string): string {
  const pictures = plots.map(({ name, title, alt }) => {
    const { png, pngDark, svg } = plotFileNames(name);
    return [
      `### ${title}`,
      '',
      `<a href="${folder}${svg}"><picture>`,
      `  <source media="(prefers-color-scheme: dark)" srcset="${folder}${pngDark}">`,
      `  <img alt="${escapeMarkup(alt)}" src="${folder}${png}">`,
      '</picture></a>',
    ].join('\n');
  });
  const left = skipped.map(({ name, reason }) => `- ${name}: ${escapeMarkup(reason)}`);
  return [
    '## Plots',
    ...pictures,
    ...(left.length === 0 ? [] : [`Not drawn:\n\n${left.join('\n')}`]),
    '',
  ].join('\n\n');
}
