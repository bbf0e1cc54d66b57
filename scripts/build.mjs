// Builds dist/taillight.mjs: one file that runs alone on Node >= 20, no node_modules needed.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { chmodSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const root = new URL('..', import.meta.url).pathname;

const outfile = `${root}dist/taillight.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: ['exporter/src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: process.argv.includes('--minify'),
  legalComments: 'none',
  logLevel: 'warning',
  define: { __TAILLIGHT_VERSION__: JSON.stringify(version) },
  // express drags in a table of character sets for request bodies; Taillight reads none of them.
  alias: { 'iconv-lite': `${root}scripts/no-iconv.cjs` },
  // Bundled CommonJS dependencies still call require() for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
chmodSync(outfile, 0o755);
