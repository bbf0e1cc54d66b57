// Installs what is missing and nothing else; quick when there is nothing to do.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = new URL('..', import.meta.url).pathname;
const say = (text) => console.log(`setup: ${text}`);

/** Runs a command with its output visible; ends the process with its code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) {
    console.error(`setup: cannot run ${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesUnder(folder, keep) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => keep.test(name) && statSync(join(root, name)).isFile())
    .sort();
}

/** True when `stamp` already holds `value`: the step's inputs have not changed since it last succeeded. */
function upToDate(stamp, value) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === value;
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 11)) return;
  console.error(`setup: Node ${process.versions.node} is too old; Taillight needs Node 20.11 or newer`);
  process.exit(2);
}

export function installPackages() {
  const stamp = join(root, 'node_modules', '.taillight-installed');
  const value = digest(['package-lock.json', 'package.json']);
  if (upToDate(stamp, value)) return;
  say('installing npm packages (first time or lock file changed) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, value);
}

/** Runs a build script when its product is missing or what it is made of has changed. */
function buildWhenChanged({ product, script, sources }) {
  const stamp = join(root, 'dist', `.built-${product.replaceAll('/', '-')}`);
  const value = digest([...sources, 'package-lock.json', script]);
  if (upToDate(stamp, value) && existsSync(join(root, product))) return;
  say(`building ${product} …`);
  mkdirSync(join(root, 'dist'), { recursive: true });
  run(process.execPath, [script]);
  writeFileSync(stamp, value);
}

export function buildBundle() {
  const typescript = /(?<!\.test)\.ts$/;
  buildWhenChanged({
    product: 'dist/taillight.mjs',
    script: 'scripts/build.mjs',
    sources: [
      ...filesUnder('exporter/src', typescript),
      ...filesUnder('demo/fleet', typescript),
      ...filesUnder('scripts/slim', /./),
      'package.json',
    ],
  });
}

const pluginSources = () => filesUnder('plugin/src', /(?<!\.test)\.(tsx?|json|html|svg|png)$/);

/** What `import … from 'taillight'` gives. */
export function buildLibrary() {
  buildWhenChanged({
    product: 'dist/index.mjs',
    script: 'scripts/build-library.mjs',
    sources: filesUnder('exporter/src', /(?<!\.test)\.ts$/),
  });
}

/** The page that the exporter serves at `/`. */
export function buildLive() {
  buildWhenChanged({
    product: 'dist/live/index.html',
    script: 'scripts/build-live.mjs',
    sources: [...pluginSources(), 'scripts/grafana-bundling.mjs', 'scripts/build.mjs'],
  });
}

/** What `run` and `compare` draw with. */
export function buildPlots() {
  buildWhenChanged({
    product: 'dist/plots/index.mjs',
    script: 'scripts/build-plots.mjs',
    sources: [...filesUnder('exporter/src', /(?<!\.test)\.ts$/), ...filesUnder('scripts/slim', /./)],
  });
}

/** What Grafana loads. */
export function buildPlugin() {
  buildWhenChanged({
    product: 'plugin/dist/module.js',
    script: 'scripts/build-plugin.mjs',
    sources: [...pluginSources(), 'plugin/README.md', 'plugin/CHANGELOG.md', 'package.json'],
  });
}

/** Debian packages that tests call by command name; installed only when the command is missing. */
export function installDebian(packagesByCommand) {
  const missing = Object.entries(packagesByCommand).filter(
    ([command]) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0,
  );
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  say(`installing Debian packages: ${packages.join(', ')} …`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    run(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  };
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  checkNode();
  installPackages();
  buildBundle();
  buildLibrary();
  buildLive();
  buildPlots();
}
