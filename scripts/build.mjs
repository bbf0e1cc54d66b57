// Builds dist/taillight.mjs: one file that runs alone on Node >= 20, no node_modules needed. The same sources give the
// same bytes.
import { build } from 'esbuild';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slimming } from './slim/plugin.mjs';

const root = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The program as one file, and what it is made of (esbuild's metafile). */
export async function bundleExporter() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['exporter/src/main.ts'],
    outfile: 'dist/taillight.mjs',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Identifiers stay whole: they are what a stack trace from somebody's cluster tells, and cost 12 % when compressed.
    minifyWhitespace: true,
    minifySyntax: true,
    // One endless line would be printed whole with every uncaught error.
    lineLimit: 160,
    // The paths of modules are part of the bundle, so they must not tell where node_modules really is.
    preserveSymlinks: true,
    legalComments: 'none',
    logLevel: 'warning',
    define: { __TAILLIGHT_VERSION__: JSON.stringify(version) },
    plugins: [slimming(root)],
    // Bundled CommonJS dependencies still call require() for Node's own modules.
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return { code: result.outputFiles[0].contents, metafile: result.metafile };
}

/** What a bundle is made of: bytes by package, the largest first. */
export function shares({ outputs }) {
  const bytes = new Map();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'taillight';
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes].sort((a, b) => b[1] - a[1]);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { code, metafile } = await bundleExporter();
  mkdirSync(join(root, 'dist'), { recursive: true });
  const path = join(root, 'dist/taillight.mjs');
  writeFileSync(path, code);
  chmodSync(path, 0o755);
  if (process.argv.includes('--why'))
    for (const [name, size] of shares(metafile)) console.log(`  ${size} ${name}`);
}
