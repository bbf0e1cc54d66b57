import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage, OUTPUT, seriousFindings, THEMES } from '../browser/browser';
import { Drawn } from './drawn';
import { HOSTILE, levelsInput, turnsInput } from './inputs';

let drawn: Drawn;
let server: Server;
let origin: string;
let browser: Browser;

beforeAll(async () => {
  drawn = new Drawn();
  drawn.draw({ turns: turnsInput(), levels: levelsInput(), hostile: turnsInput(HOSTILE) }, 'out');
  server = createServer((request, response) => {
    const name = /^\/(\w+)$/.exec(request.url ?? '')?.[1] ?? 'turns';
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(drawn.text('out', name, 'report.html'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
  drawn?.remove();
});

const open = (name: string) => openPage(browser, `${origin}/${name}`, [1200, 900]);

const colorOf = (page: Page, selector: string, property: string) =>
  page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`);

describe('the HTML report in a browser', () => {
  test.each(THEMES)(
    'is accessible and complains of nothing in the %s theme',
    async (theme) => {
      for (const name of ['turns', 'levels', 'hostile']) {
        const { page, complaints, foreign } = await open(name);
        await page.emulateMedia({ colorScheme: theme });
        expect([name, await seriousFindings(page)]).toEqual([name, []]);
        await page.screenshot({ path: join(OUTPUT, `report-${name}-${theme}.png`), fullPage: true });
        expect([name, complaints, foreign]).toEqual([name, [], []]);
        await page.close();
      }
    },
    120_000,
  );

  test('plots follow the theme, and paper is white', async () => {
    const { page } = await open('turns');
    const card = '.plot > svg > rect';
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await colorOf(page, card, 'fill')).toBe('rgb(22, 27, 34)');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await colorOf(page, card, 'fill')).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    expect(await colorOf(page, card, 'fill')).toBe('rgb(255, 255, 255)');
    await page.getByRole('button', { name: 'Light / dark' }).click();
    expect(await colorOf(page, card, 'fill')).toBe('rgb(22, 27, 34)');
    await page.close();
  });

  test('the pointer and the arrow keys read marks out', async () => {
    const { page } = await open('turns');
    const plot = page.locator('#ttft_ecdf .plot').first();
    await plot.focus();
    await page.keyboard.press('ArrowRight');
    const tip = page.locator('#tip');
    expect(await tip.textContent()).toMatch(/^vllm, first turns: P50 \d+ ms \(\d+ ms to \d+ ms\), n = 48$/);
    await page.keyboard.press('Escape');
    expect(await tip.isHidden()).toBe(true);
    await page.locator('#ttft_by_turn [aria-roledescription="point"]').last().hover({ force: true });
    expect(await tip.textContent()).toMatch(/^llm-d, turn 10: median \d+ ms/);
    await page.close();
  });

  test('choices show another drawing, filters fewer ratios', async () => {
    const { page } = await open('levels');
    const shown = () =>
      page.evaluate(
        "[...document.querySelectorAll('#ttft_ecdf .plot')].filter((plot) => !plot.hidden).map((plot) => plot.getAttribute('aria-label'))",
      );
    expect(await shown()).toEqual([expect.stringContaining(', all loads;')]);
    await page.locator('#ttft_ecdf select').selectOption({ label: '4 QPS' });
    expect(await shown()).toEqual([expect.stringContaining(', 4 QPS;')]);
    await page.getByLabel('Metric').selectOption('ttft');
    await page.getByLabel('Percentile').selectOption('p95');
    const rows = await page.locator('tr[data-metric]:visible th').allTextContents();
    expect(rows).toEqual(['TTFT first turns P95', 'TTFT all turns P95']);
    await page.close();
  });

  test('the data can be saved', async () => {
    const { page } = await open('levels');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the data' }).click(),
    ]);
    const saved = JSON.parse(readFileSync(await download.path(), 'utf8')) as unknown;
    expect(saved).toEqual(JSON.parse(JSON.stringify(levelsInput().comparison)));
    await page.close();
  });

  test('says everything without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${origin}/levels`);
    expect(await page.locator('#ttft_ecdf .plot:visible').count()).toBe(4);
    expect(await page.locator('button:visible, select:visible').count()).toBe(0);
    await context.close();
  });

  test('weighs little', () => {
    expect(gzipSync(drawn.bytes('out', 'levels', 'report.html')).length).toBeLessThan(150_000);
  });
});
