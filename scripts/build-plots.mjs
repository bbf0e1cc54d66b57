// Builds dist/plots/: what commands load that draw (`run`, `compare`): index.mjs with Vega and Vega-Lite, the rasteriser's
// WebAssembly, and two fonts; or `node scripts/build-plots.mjs FOLDER`. The same sources give the same bytes.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shares } from './build.mjs';
import { slimFont } from './slim/font.mjs';

const root = new URL('..', import.meta.url).pathname;
const modules = join(root, 'node_modules');

/** The folder's files by name, and what the script is made of (esbuild's metafile). */
export async function bundlePlots() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['exporter/src/plots/index.ts'],
    outfile: 'dist/plots/index.mjs',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Vega's code for browsers asks for no canvas, no files and no network: it draws the same wherever it runs.
    conditions: ['browser'],
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    // The paths of modules are part of the bundle, so they must not tell where node_modules really is.
    preserveSymlinks: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const files = new Map([
    ['index.mjs', result.outputFiles[0].contents],
    ['resvg.wasm', readFileSync(join(modules, '@resvg/resvg-wasm/index_bg.wasm'))],
  ]);
  for (const name of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'])
    files.set(name, slimFont(readFileSync(join(modules, 'dejavu-fonts-ttf/ttf', name))));
  return { files, metafile: result.metafile };
}

function write(folder, files) {
  // Written aside and moved in one step: a running command never reads half of it.
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(fresh, name), content);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { files, metafile } = await bundlePlots();
  const folder = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
  write(folder ?? join(root, 'dist/plots'), files);
  if (process.argv.includes('--why'))
    for (const [name, size] of shares(metafile)) console.log(`  ${size} ${name}`);
}
