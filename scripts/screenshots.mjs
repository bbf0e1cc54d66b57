// Makes the pictures of the README and of the plugin anew: docs/images/*.png and plugin/src/img/screenshot-*.png.
// The live page shows a running demo; the panel shows what a real Prometheus told of one (test/fixtures/frames).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { buildBundle, buildLive, buildPlugin, root } from './setup.mjs';

/** Long enough for the support of a P99 of later turns. */
const DEMO_SECONDS = 100;
const images = join(root, 'docs/images');
mkdirSync(images, { recursive: true });
buildBundle();
buildLive();
buildPlugin();

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

/** One picture of a page once it has drawn its sections. */
async function shoot(url, file, [width, height], now) {
  const page = await browser.newPage({ viewport: { width, height } });
  if (now !== undefined) await page.clock.setFixedTime(now);
  await page.goto(url);
  await page.getByRole('heading', { level: 3 }).first().waitFor();
  await sleep(500);
  await page.screenshot({ path: join(images, file) });
  await page.close();
  console.log(`screenshots: ${file}`);
}

const host = spawn(process.execPath, ['test/browser/host/serve.mjs'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = await once(host.stdout, 'data');
const { range } = JSON.parse(
  gunzipSync(readFileSync(join(root, 'test/fixtures/frames/demo.json.gz'))).toString(),
);
const options = encodeURIComponent(JSON.stringify({ turn: 'later' }));
const query = `frames=captured&to=${range.to * 1000}&seconds=${range.to - range.from}&options=${options}`;
for (const theme of ['dark', 'light']) {
  const url = `${line.toString().trim()}?theme=${theme}&${query}`;
  await shoot(url, `panel-${theme}.png`, [1400, 700], range.to * 1000);
  copyFileSync(join(images, `panel-${theme}.png`), join(root, `plugin/src/img/screenshot-${theme}.png`));
}
host.kill();

const demo = spawn(process.execPath, ['dist/taillight.mjs', 'demo'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let printed = '';
demo.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
await sleep(DEMO_SECONDS * 1000);
const [base] = /http:\/\/127\.0\.0\.1:\d+(?=\/metrics)/.exec(printed);
for (const theme of ['dark', 'light']) {
  await shoot(`${base}/?theme=${theme}`, `live-${theme}.png`, [1440, 860]);
}
demo.kill('SIGTERM');
await once(demo, 'exit');
await browser.close();
