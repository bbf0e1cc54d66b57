// `npm run bench [-- NAME …]`: bundles the benches and runs them against the bundle of the product.
import { build } from 'esbuild';
import { buildBundle, checkNode, installPackages, root, run } from './setup.mjs';

checkNode();
installPackages();
buildBundle();
const outfile = `${root}dist/bench.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: ['test/bench/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
const names = process.argv.slice(2);
// The panel is measured in a browser, so it has a script of its own.
const others = names.filter((name) => name !== 'panel');
if (names.length === 0 || others.length > 0) run(process.execPath, [outfile, ...others]);
if (names.length === 0 || names.includes('panel')) run(process.execPath, [`${root}scripts/bench-panel.mjs`]);
