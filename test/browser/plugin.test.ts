import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser, marksOf, openPage, OUTPUT, seriousFindings, THEMES } from './browser';

const MODULE = join(__dirname, '../../plugin/dist/module.js');
/** Of a library in the host's own bundle that defines itself by name; the plugin's `define` has none (tested below). */
const NAMED_DEFINE = 'SystemJS Error#W6';

let browser: Browser;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  server = spawn(process.execPath, [join(__dirname, 'host/serve.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(server.stdout!, 'data')) as [Buffer];
  url = line.toString().trim();
  browser = await launchBrowser();
}, 90_000);

afterAll(async () => {
  await browser?.close();
  server?.kill();
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
    const { page, complaints } = await openPage(browser, `${url}?frames=none`, [1400, 720]);
    await page.getByText('Check that the exporter runs').waitFor();
    expect(complaints.filter((complaint) => !complaint.includes(NAMED_DEFINE))).toEqual([]);
    await page.close();
  }, 60_000);
});
