// `npm run bench -- panel`: scripting time of the panel's renders in Chromium, and the sizes of what is shipped.
import { build } from 'esbuild';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { grafanaBundling } from './grafana-bundling.mjs';
import { buildLive, buildPlugin, installDebian, root } from './setup.mjs';

installDebian({ chromium: 'chromium' });
buildPlugin();
buildLive();
const ok = (good) => (good ? 'ok' : 'MISSED');
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['plugin/src/testing/bench-page.tsx'],
  tsconfig: 'plugin/tsconfig.json',
  outfile: 'page.js',
  bundle: true,
  write: false,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  plugins: [grafanaBundling(root)],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
// A panel gets its first data no sooner than its queries are answered. Until then the browser is busy with starting the page,
// on the same two cores, which is no time of the panel's.
const ANSWER_MS = 400;
const runs = [];
for (let run = 0; run < 10; run += 1) {
  const page = await browser.newPage();
  await page.setContent('<div id="root"></div>');
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.waitForTimeout(ANSWER_MS);
  runs.push(await page.evaluate('measure()'));
  await page.close();
}
await browser.close();
// The browser's own first page starts more than a page.
runs.shift();
const first = median(runs.map((run) => run.first));
const refresh = median(runs.map((run) => median(run.refreshes)));
const early = median(runs.map((run) => Math.max(...run.refreshes.slice(0, 3))));
const module = readFileSync(join(root, 'plugin/dist/module.js'));
const assets = join(root, 'dist/live/assets');
const live = readdirSync(assets).find((name) => name.endsWith('.js'));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log('Panel with 2 x 16 replicas and an hour of history, in Chromium, medians of 9 fresh pages');
console.log(`  first render ${first.toFixed(1)} ms (below 50: ${ok(first < 50)})`);
console.log(
  `  refresh ${refresh.toFixed(1)} ms (below 16: ${ok(refresh < 16)}), slowest of the first three ${early.toFixed(1)} ms`,
);
console.log(
  `  module.js ${kB(gzipSync(module, { level: 9 }).length)} gzip (at most 60: ${ok(gzipSync(module).length <= 60_000)})`,
);
console.log(
  `  live page ${kB(readFileSync(join(assets, `${live}.gz`)).length)} gzip, ${kB(readFileSync(join(assets, `${live}.br`)).length)} brotli`,
);
