// node draw.mjs BUNDLE INPUTS OUT: draws every input of a JSON file (by name) with the built bundle.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [bundle, inputs, out] = process.argv.slice(2);
const { plotFiles, rasterFilesIn, renderPlots, reportHtml, reportMarkdown } = await import(
  pathToFileURL(join(bundle, 'index.mjs')).href
);
for (const [name, input] of Object.entries(JSON.parse(readFileSync(inputs, 'utf8')))) {
  const folder = join(out, name);
  mkdirSync(join(folder, 'plots'), { recursive: true });
  const plots = await renderPlots(input, rasterFilesIn(bundle));
  const report = { ...input, context: { facts: {}, settings: [['Workload', 'a & b < c']] } };
  for (const file of plotFiles(plots)) writeFileSync(join(folder, 'plots', file.name), file.content);
  writeFileSync(join(folder, 'report.html'), await reportHtml(report, plots));
  writeFileSync(join(folder, 'report.md'), reportMarkdown(report, plots, 'plots/'));
  writeFileSync(join(folder, 'skipped.json'), JSON.stringify(plots.skipped));
}
