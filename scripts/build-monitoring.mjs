// `npm run build:monitoring [-- --out DIR]`: writes what is generated and committed, so that `oc apply -k monitoring` works
// from a fresh clone without a build. The same sources give the same bytes: test/monitoring/code-freshness.test.ts builds
// into a folder of its own (--out) and compares.
import { build } from 'esbuild';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeLicences, exporterCode, liveCode, plotsCode, pluginCode } from './code-configmaps.mjs';
import { prometheusRule } from './prometheus-rule.mjs';

const root = new URL('..', import.meta.url).pathname;

/**
 * Everything that is generated. A row is one `file` with a function that makes its content (text or bytes), or a `folder`
 * that holds nothing else, with a function that makes a Map of its files by name. Both may be async.
 */
const OUTPUTS = [
  { folder: 'monitoring/code/exporter', make: exporterCode },
  { folder: 'monitoring/code/live', make: liveCode },
  { folder: 'monitoring/code/plots', make: plotsCode },
  { folder: 'monitoring/code/plugin', make: pluginCode },
  { file: 'monitoring/code/THIRD-PARTY-LICENCES.txt', make: codeLicences },
  { file: 'dashboards/llm-performance.json', make: () => dashboard('llm-performance.json') },
  { file: 'dashboards/llm-replica.json', make: () => dashboard('llm-replica.json') },
  { file: 'monitoring/operator/prometheus-rule.yaml', make: prometheusRule },
];

/** What a module in TypeScript exports, for rows that are made by such a module. */
async function loadTypeScript(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

async function dashboard(name) {
  const { dashboardFile } = await loadTypeScript('dashboards/src/dashboards.ts');
  return dashboardFile(name);
}

function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function writeRow(out, row) {
  const made = await row.make();
  if (row.file !== undefined) {
    write(join(out, row.file), made);
    return `${row.file} (${kilobytes([made])})`;
  }
  rmSync(join(out, row.folder), { recursive: true, force: true });
  for (const [name, content] of made) write(join(out, row.folder, name), content);
  return `${row.folder}/ (${made.size} files, ${kilobytes([...made.values()])})`;
}

function kilobytes(contents) {
  const bytes = contents.reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  return `${(bytes / 1000).toFixed(0)} kB`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [option, out = root] = process.argv.slice(2);
  if (option !== undefined && option !== '--out')
    throw new Error(`unknown option ${option}; known is --out DIR`);
  for (const row of OUTPUTS) console.log(`build: ${await writeRow(out, row)}`);
}
