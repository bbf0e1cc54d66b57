// The exporter as a user runs it: the built bundle, a configuration file, HTTP and signals.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { root } from '../setup.mjs';
import { Child } from './processes.mjs';

const BUNDLE = join(root, 'dist', 'taillight.mjs');
export const WORKLOAD = { turns: 4, document_tokens: 1500, max_tokens: 16 };

/** A closed loop of one conversation after another, each new to the caches; no `seed`, which kills this engine. */
export function writeConfig(folder, servers) {
  const targets = servers.map(({ name, url }) => [
    `  - name: ${name}`,
    `    url: ${url}/v1`,
    '    replicas:',
    `      static: [{ name: ${name}-0, url: ${url} }]`,
  ]);
  const lines = [
    'listen: 127.0.0.1:0',
    'data_dir: ./data',
    'targets:',
    ...targets.flat(),
    'probe:',
    '  conversations: 10000',
    ...Object.entries(WORKLOAD).map(([key, value]) => `  ${key}: ${value}`),
    '  think_time: 200ms',
    '  rate: null',
    '  concurrency: 1',
    '  warmup: 1',
  ];
  const path = join(folder, 'taillight.yaml');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** Runs another command of the bundle to its end. */
export function taillight(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

export async function getText(url) {
  const { statusCode, body } = await request(url, { headersTimeout: 30_000, bodyTimeout: 30_000 });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${text.slice(0, 200)}`);
  return text;
}

export async function startExporter(config, folder) {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'exporter.log');
  const child = new Child('exporter', process.execPath, [BUNDLE, 'serve', '--config', config], { log });
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    const port = /event=listening .*\bport=(\d+)/.exec(child.output())?.[1];
    if (port !== undefined) return { child, url: `http://127.0.0.1:${port}` };
    if (child.ended !== null || Date.now() > deadline) {
      throw new Error(
        `The exporter does not listen (${child.ended ?? 'still running'}):\n${child.lastLines(10)}`,
      );
    }
  }
}

/** SIGTERM, as Kubernetes does; the seconds until it had ended and how. */
export async function stopExporter({ child }) {
  const begun = Date.now();
  child.signal('SIGTERM');
  const exit = await Promise.race([child.exited, sleep(60_000, 'still running after 60 s')]);
  return { exit, seconds: (Date.now() - begun) / 1000 };
}

/** What is in `data_dir` in the end; a line that is no record is a problem. */
export function readResults(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1));
  const values = lines.map((line) => JSON.parse(line));
  return {
    files,
    headers: values.filter(({ schema }) => schema),
    records: values.filter(({ schema }) => !schema),
  };
}

export function promtool(page) {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  });
  return { status, text: `${stdout}${stderr}`.trim() };
}
