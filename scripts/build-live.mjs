// Builds dist/live/: the live page that the exporter serves at `/`. The same sources give the same bytes.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { grafanaBundling } from './grafana-bundling.mjs';

const root = new URL('..', import.meta.url).pathname;
const dist = join(root, 'dist/live');
/** Written aside and moved in one step: a running exporter never reads half a page. */
const fresh = join(root, 'dist/live.new');

async function bundle() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['plugin/src/live/app.tsx'],
    tsconfig: 'plugin/tsconfig.json',
    outfile: 'dist/live/app.js',
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    plugins: [grafanaBundling(root)],
  });
  return { code: result.outputFiles[0].contents, metafile: result.metafile };
}

/** Writes a file under a name that holds its digest, compressed copies beside it; returns the name. */
function emit(stem, extension, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const name = `${stem}-${hash}.${extension}`;
  const path = join(fresh, 'assets', name);
  writeFileSync(path, content);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
  return name;
}

/** What the bundle is made of, by package; printed with --why. */
function shares(metafile) {
  const bytes = new Map();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'taillight';
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes].sort((a, b) => b[1] - a[1]);
}

rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, 'assets'), { recursive: true });
const { code, metafile } = await bundle();
const script = emit('app', 'js', code);
const logo = emit('logo', 'svg', readFileSync(join(root, 'plugin/src/img/logo.svg')));
const template = readFileSync(join(root, 'plugin/src/live/index.html'), 'utf8');
writeFileSync(
  join(fresh, 'index.html'),
  template.replaceAll('%SCRIPT%', `assets/${script}`).replaceAll('%LOGO%', `assets/${logo}`),
);
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
const size = (suffix) =>
  `${(readFileSync(join(dist, 'assets', script + suffix)).length / 1000).toFixed(0)} kB`;
console.log(`build: dist/live/ ${size('')} of script (gzip ${size('.gz')}, brotli ${size('.br')})`);
if (process.argv.includes('--why'))
  for (const [name, bytes] of shares(metafile)) console.log(`  ${bytes} ${name}`);
