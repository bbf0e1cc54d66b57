import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Pictures to be looked at by people. */
export const OUTPUT = join(__dirname, '../output');

export const SIZES = [
  [1600, 900],
  [1024, 700],
  [420, 800],
] as const;
export const THEMES = ['light', 'dark'] as const;

/** Debian's Chromium; it speaks to nobody but the page under test. */
export function launchBrowser(): Promise<Browser> {
  mkdirSync(OUTPUT, { recursive: true });
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Watched {
  page: Page;
  /** What the page complained about: exceptions, console errors and warnings, broken policies. */
  complaints: string[];
  /** Requests to anywhere but `origin`. */
  foreign: string[];
}

export async function openPage(browser: Browser, url: string, [width, height]: readonly [number, number]) {
  const page = await browser.newPage({ viewport: { width, height } });
  const watched: Watched = { page, complaints: [], foreign: [] };
  page.on('pageerror', (error) => watched.complaints.push(error.message));
  page.on('console', (entry) => {
    if (['error', 'warning'].includes(entry.type())) watched.complaints.push(entry.text());
  });
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const other = request.url();
    if (!other.startsWith(`${origin}/`) && !other.startsWith('data:')) watched.foreign.push(other);
  });
  await page.goto(url);
  return watched;
}

/** What axe finds that is serious or critical, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** The accessible names of all marks: the numbers that the picture shows, in words. */
export const marksOf = (page: Page): Promise<string[]> =>
  page.evaluate(
    "[...document.querySelectorAll('[data-mark]')].map((mark) => mark.getAttribute('aria-label').replace(/\\s/g, ' '))",
  );
