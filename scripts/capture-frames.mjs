// Writes test/fixtures/frames/: what a real Prometheus answers to the panel's own queries about a running demo.
// `node scripts/capture-frames.mjs [SECONDS]`; needs Debian's `prometheus` and a built exporter.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { root } from './setup.mjs';

const seconds = Number(process.argv[2] ?? 150);
const out = join(root, 'test/fixtures/frames');
const folder = mkdtempSync(join(tmpdir(), 'taillight-frames-'));
const children = [];
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function queries(options) {
  const outfile = join(folder, 'queries.mjs');
  await build({ entryPoints: [join(root, 'plugin/src/queries.ts')], bundle: true, format: 'esm', outfile });
  const { defaultQueries } = await import(outfile);
  return defaultQueries(options);
}

async function getJson(url) {
  const answer = await request(url);
  if (answer.statusCode !== 200)
    throw new Error(`${url} answered ${answer.statusCode}: ${await answer.body.text()}`);
  return answer.body.json();
}

/** Starts a program and resolves to the first match of `mark` in what it prints. */
function start(command, args, mark) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (part) => {
      text += part;
      const match = mark.exec(text);
      if (match !== null) resolve(match);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${command} ended with ${code}:\n${text}`)));
  });
}

const demo = [join(root, 'dist/taillight.mjs'), 'demo', '--port', '0'];
const [, exporter] = await start(process.execPath, demo, /http:\/\/(\S+)\/metrics/);
const config = {
  global: { scrape_interval: '2s', scrape_timeout: '2s' },
  scrape_configs: [{ job_name: 'taillight', static_configs: [{ targets: [exporter] }] }],
};
writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
const port = 20_000 + Math.floor(Math.random() * 20_000);
const flags = [
  `--config.file=${join(folder, 'prometheus.yml')}`,
  `--storage.tsdb.path=${join(folder, 'data')}`,
  `--web.listen-address=127.0.0.1:${port}`,
];
await start('prometheus', flags, /Server is ready/);
await sleep(seconds * 1000);

const api = `http://127.0.0.1:${port}/api/v1`;
const now = Math.floor(Date.now() / 1000);
const range = { from: now - seconds, to: now, step: 5 };
const answers = [];
for (const { refId, expr, format, instant } of await queries({ turn: 'later' })) {
  const query = encodeURIComponent(expr);
  const url = instant
    ? `${api}/query?query=${query}&time=${now}`
    : `${api}/query_range?query=${query}&start=${range.from}&end=${range.to}&step=${range.step}`;
  answers.push({ refId, format, ...(await getJson(url)).data });
}
const { version } = (await getJson(`${api}/status/buildinfo`)).data;
const comparison = await getJson(`http://${exporter}/api/v1/comparison`);
mkdirSync(out, { recursive: true });
const text = JSON.stringify({ prometheus: version, range, answers, comparison });
writeFileSync(join(out, 'demo.json.gz'), gzipSync(text, { level: 9 }));
console.log(
  `capture: ${answers.map(({ result }) => result.length).join(' + ')} series, Prometheus ${version}`,
);
process.exit(0);
