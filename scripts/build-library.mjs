// Builds what `import … from 'taillight'` gives: dist/index.mjs, one file that runs alone, and dist/types/.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

await build({
  absWorkingDir: root,
  entryPoints: ['exporter/src/index.ts'],
  outfile: 'dist/index.mjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  preserveSymlinks: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { __TAILLIGHT_VERSION__: JSON.stringify(version) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

// What type checkers of others read.
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/typescript/bin/tsc', 'exporter/src/index.ts'],
    ...['--declaration', '--emitDeclarationOnly', '--outDir', 'dist/types', '--rootDir', '.'],
    ...[
      '--target',
      'ES2023',
      '--lib',
      'ES2023',
      '--module',
      'preserve',
      '--moduleResolution',
      'bundler',
      '--types',
      'node',
    ],
    ...['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--resolveJsonModule'],
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
