/** Plots and the HTML report of a comparison of results. */
import type * as PlotsModule from '../plots/index';
import type { RasterFiles } from '../plots/render-png';
import { resultReadme } from './result-text';
import { comparisonJson, type ComparisonOutput, type OutputFile } from './write-comparison';

/** The plots' own bundle, loaded by whoever draws. */
interface PlotsBundle {
  draw: typeof PlotsModule;
  raster: RasterFiles;
}

/**
 * Everything that is written of a comparison: the numbers, the plots, and the report with both. The README stands beside the
 * plots too, where the comparison guide looks for it.
 */
export async function drawComparison(
  output: ComparisonOutput,
  { draw, raster }: PlotsBundle,
): Promise<OutputFile[]> {
  const { comparison, series, sources } = output;
  const plots = await draw.renderPlots({ comparison, series }, raster);
  const context = { facts: {}, settings: sources };
  return [
    { name: 'comparison.json', content: comparisonJson(comparison) },
    { name: 'README.md', content: resultReadme(output, draw.plotsMarkdown(plots, 'plots/')) },
    { name: 'report.html', content: await draw.reportHtml({ comparison, series, context }, plots) },
    { name: 'plots/README.md', content: resultReadme(output, draw.plotsMarkdown(plots, '')) },
    ...draw.plotFiles(plots).map(({ name, content }) => ({ name: `plots/${name}`, content })),
  ];
}
