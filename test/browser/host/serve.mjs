// Builds the host page and serves it, the built plugin, SystemJS and the captured frames on a free port.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(HERE, '../../..');
const BUILT = join(ROOT, 'test/output/host');
const FOLDERS = {
  host: BUILT,
  plugin: join(ROOT, 'plugin/dist'),
  vendor: join(ROOT, 'node_modules/systemjs/dist'),
  fixtures: join(ROOT, 'test/fixtures/frames'),
};
const TYPES = { '.js': 'text/javascript', '.html': 'text/html' };

/** The file of a path of the host page. */
function fileOf(path) {
  const [, folder = '', ...rest] = path.split('/');
  const parent = FOLDERS[folder];
  return parent === undefined ? join(HERE, 'index.html') : join(parent, ...rest);
}

if (!existsSync(join(FOLDERS.plugin, 'module.js'))) {
  throw new Error('plugin/dist/module.js is missing; build it with `npm run build:plugin`');
}
const built = spawnSync(process.execPath, [join(HERE, 'build.mjs'), BUILT], { stdio: 'inherit' });
if (built.status !== 0) throw new Error('the host page cannot be built');
const server = createServer((request, response) => {
  const file = fileOf(new URL(request.url ?? '/', 'http://host').pathname);
  response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
  createReadStream(file)
    .on('error', () => response.writeHead(404).end())
    .pipe(response);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`));
