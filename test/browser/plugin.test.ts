import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser, marksOf, openPage, OUTPUT, seriousFindings, THEMES } from './browser';

const ROOT = join(__dirname, '../..');
const BUILT = join(OUTPUT, 'host');
const MODULE = join(ROOT, 'plugin/dist/module.js');

const FOLDERS: Record<string, string> = {
  host: BUILT,
  plugin: join(ROOT, 'plugin/dist'),
  vendor: join(ROOT, 'node_modules/systemjs/dist'),
};
/** Of a library in the host's own bundle that defines itself by name; the plugin's `define` has none (tested below). */
const NAMED_DEFINE = 'SystemJS Error#W6';
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' };

/** The file of a path of the host page; the pages that are asked for are the test's own. */
function fileOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/');
  const parent = FOLDERS[folder];
  return parent === undefined ? join(__dirname, 'host/index.html') : join(parent, ...rest);
}

let browser: Browser;
let server: Server;
let url: string;

beforeAll(async () => {
  if (!existsSync(MODULE))
    throw new Error('plugin/dist/module.js is missing; build it with `npm run build:plugin`');
  const build = spawnSync(process.execPath, [join(__dirname, 'host/build.mjs'), BUILT], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`the host page cannot be built:\n${build.stderr}`);
  server = createServer((request, response) => {
    const file = fileOf(new URL(request.url ?? '/', 'http://host').pathname);
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser();
}, 90_000);

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

describe('the built plugin in a page that loads it as Grafana does', () => {
  test.each(THEMES)(
    'draws every section in the %s theme without a complaint',
    async (theme) => {
      const { page, complaints } = await openPage(browser, `${url}?theme=${theme}`, [1400, 720]);
      await page.getByRole('heading', { level: 3 }).first().waitFor();
      await page.screenshot({ path: join(OUTPUT, `plugin-${theme}.png`) });
      expect(await page.getByRole('status').textContent()).toBe('llm-d answers sooner');
      expect(await page.getByRole('heading', { level: 3 }).allTextContents()).toHaveLength(6);
      const marks = await marksOf(page);
      expect(marks.filter((mark) => /^vllm: P95 TTFT, all turns, estimate 745 ms/.test(mark))).toHaveLength(
        1,
      );
      expect(await seriousFindings(page)).toEqual([]);
      expect(complaints.filter((complaint) => !complaint.includes(NAMED_DEFINE))).toEqual([]);
      await page.close();
    },
    60_000,
  );

  test('is one anonymous AMD module that asks for nothing but what Grafana shares', () => {
    const [, list = ''] = /^define\(\[([^\]]*)\],function/m.exec(readFileSync(MODULE, 'utf8')) ?? [];
    const shared = ['@emotion/css', '@grafana/data', '@grafana/ui', 'react', 'react-dom'];
    expect(JSON.parse(`[${list}]`)).toEqual(shared);
  });

  test('says what to do where there is no data', async () => {
    const { page, complaints } = await openPage(browser, `${url}?empty=1`, [1400, 720]);
    await page.getByText('Check that the exporter runs').waitFor();
    expect(complaints.filter((complaint) => !complaint.includes(NAMED_DEFINE))).toEqual([]);
    await page.close();
  }, 60_000);
});
