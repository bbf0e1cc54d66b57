// Builds dist/live/: the live page that the exporter serves at `/`. The same sources give the same bytes.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { shares } from './build.mjs';
import { grafanaBundling } from './grafana-bundling.mjs';

const root = new URL('..', import.meta.url).pathname;
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

/** A name that holds the content's digest, so that browsers may keep it for ever. */
function named(stem, extension, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return `assets/${stem}-${hash}.${extension}`;
}

/** The page's files by path, without compressed copies; and what the script is made of. */
export async function bundleLive() {
  const { code, metafile } = await bundle();
  const logo = readFileSync(join(root, 'plugin/src/img/logo.svg'));
  const [script, image] = [named('app', 'js', code), named('logo', 'svg', logo)];
  const template = readFileSync(join(root, 'plugin/src/live/index.html'), 'utf8');
  const index = Buffer.from(template.replaceAll('%SCRIPT%', script).replaceAll('%LOGO%', image));
  const files = new Map([
    [script, code],
    [image, logo],
    ['index.html', index],
  ]);
  return { files, metafile, script };
}

function write(dist, files) {
  // Written aside and moved in one step: a running exporter never reads half a page.
  const fresh = `${dist}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const [name, content] of files) {
    const path = join(fresh, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    if (!name.startsWith('assets/')) continue;
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const dist = join(root, 'dist/live');
  const { files, metafile, script } = await bundleLive();
  write(dist, files);
  const size = (suffix) => `${(readFileSync(join(dist, script + suffix)).length / 1000).toFixed(0)} kB`;
  console.log(`build: dist/live/ ${size('')} of script (gzip ${size('.gz')}, brotli ${size('.br')})`);
  if (process.argv.includes('--why'))
    for (const [name, bytes] of shares(metafile)) console.log(`  ${bytes} ${name}`);
}
