// Builds plugin/dist/ (what Grafana loads) and the zip beside it. The same sources give the same bytes.
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = new URL('..', import.meta.url).pathname;
const plugin = join(root, 'plugin');
const dist = join(plugin, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What Grafana shares with plugins. @grafana/schema and @grafana/i18n are not shared: they must be bundled. */
const SHARED = ['react', 'react-dom', '@emotion/css', '@grafana/data', '@grafana/ui', '@grafana/runtime'];

/** Most that module.js may weigh, gzipped. */
const BUDGET = 60_000;

/** The date of the release as the changelog tells it, so that a rebuild is byte for byte the same. */
function releaseDate() {
  const text = readFileSync(join(plugin, 'CHANGELOG.md'), 'utf8');
  const match = new RegExp(`^## ${version.replaceAll('.', '\\.')} \\((\\d{4}-\\d{2}-\\d{2})\\)`, 'm').exec(
    text,
  );
  if (match !== null) return match[1];
  throw new Error(`plugin/CHANGELOG.md has no heading "## ${version} (YYYY-MM-DD)"; add one`);
}

/** Wraps a CommonJS bundle as an anonymous AMD module, the form that every Grafana loads. */
function asAmd(code, dependencies) {
  const banner = `/* taillight-comparison-panel ${version}, Apache-2.0 */`;
  const list = JSON.stringify(dependencies);
  return (
    `${banner}\ndefine(${list},function(){var a=arguments,l=${list},require=function(n){return a[l.indexOf(n)]},` +
    `module={exports:{}},exports=module.exports;\n${code}return module.exports});\n`
  );
}

async function buildModule() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['plugin/src/module.ts'],
    tsconfig: 'plugin/tsconfig.json',
    outfile: 'plugin/dist/module.js',
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'cjs',
    platform: 'browser',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    external: SHARED,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [output] = Object.values(result.metafile.outputs);
  const used = [...new Set(output.imports.filter((one) => one.external).map((one) => one.path))].sort();
  const foreign = used.filter((name) => !SHARED.includes(name));
  if (foreign.length > 0)
    throw new Error(`module.js needs ${foreign.join(', ')}, which Grafana does not share`);
  return { code: asAmd(result.outputFiles[0].text, used), metafile: result.metafile };
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => statSync(name).isFile())
    .sort();
}

function writeZip(name) {
  // Local time on purpose: zip stores local fields, so this is the same everywhere.
  const options = { level: 9, mtime: new Date(1980, 0, 1) };
  const entries = filesUnder(dist).map((file) => [
    `taillight-comparison-panel/${relative(dist, file)}`,
    [readFileSync(file), options],
  ]);
  writeFileSync(join(plugin, name), zipSync(Object.fromEntries(entries)));
}

/** What Grafana loads: files by path; and what module.js is made of. */
export async function bundlePlugin() {
  const manifest = readFileSync(join(plugin, 'src/plugin.json'), 'utf8')
    .replaceAll('%VERSION%', version)
    .replaceAll('%TODAY%', releaseDate());
  const pictures = filesUnder(join(plugin, 'src/img')).map((path) => [
    relative(join(plugin, 'src'), path),
    readFileSync(path),
  ]);
  const { code, metafile } = await buildModule();
  const files = new Map([
    ['module.js', Buffer.from(code)],
    ['plugin.json', Buffer.from(manifest)],
    ...pictures,
    ...['README.md', 'CHANGELOG.md'].map((name) => [name, readFileSync(join(plugin, name))]),
    ['LICENSE', readFileSync(join(root, 'LICENSE'))],
  ]);
  return { files, metafile };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { files } = await bundlePlugin();
  rmSync(dist, { recursive: true, force: true });
  for (const [name, content] of files) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), content);
  }
  const zip = `taillight-comparison-panel-${version}.zip`;
  writeZip(zip);
  const code = files.get('module.js');
  const gz = gzipSync(code, { level: 9 }).length;
  console.log(
    `build: plugin/dist/module.js ${code.length} B (gzip ${gz} B), plugin/${zip} ${statSync(join(plugin, zip)).size} B`,
  );
  if (gz > BUDGET) throw new Error(`module.js is ${gz} B gzipped; the budget is ${BUDGET} B`);
}
