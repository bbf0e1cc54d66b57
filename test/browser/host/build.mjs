// Builds the host page's script into the folder that is given as argument.
import { build } from 'esbuild';
import { join } from 'node:path';
import { grafanaBundling } from '../../../scripts/grafana-bundling.mjs';

const root = new URL('../../..', import.meta.url).pathname;
await build({
  absWorkingDir: root,
  entryPoints: ['test/browser/host/host.mjs'],
  outfile: join(process.argv[2], 'host.js'),
  tsconfig: 'plugin/tsconfig.json',
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', define: 'undefined' },
  loader: { '.svg': 'dataurl', '.ttf': 'dataurl', '.woff2': 'dataurl', '.png': 'dataurl' },
  plugins: [grafanaBundling(root)],
});
