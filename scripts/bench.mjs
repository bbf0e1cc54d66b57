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
run(process.execPath, [outfile, ...process.argv.slice(2)]);
