import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { QUANTILE_NAMES, type Comparison } from '../../exporter/src/model/comparison';
import { TURN_CLASSES } from '../../exporter/src/model/record';
import { until } from '../support/until';
import {
  launchBrowser,
  marksOf,
  openPage,
  OUTPUT,
  seriousFindings,
  SIZES,
  THEMES,
  type Watched,
} from './browser';
import { DemoProcess } from './demo-process';

/** What is promised on a machine of its own; beside other tests it may take longer. */
const PROMISED_MS = 20_000;

const SECTIONS = [
  'TTFT percentiles',
  'P95 TTFT over time',
  'Cache hit rate',
  'Balance over replicas',
  'TTFT by turn',
  'Everything else',
];

let browser: Browser;
let demo: DemoProcess;
let url: string;
let watched: Watched;

beforeAll(async () => {
  demo = new DemoProcess();
  // One after the other: what failed must not hide a browser that has started, and would never end.
  browser = await launchBrowser();
  url = await demo.page();
  watched = await openPage(browser, url, [1600, 900]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

const PER_UNIT: Record<string, number> = { ms: 0.001, s: 1, h: 3600 };

/** "559 ms" in seconds. */
function inSeconds(text: string): number {
  const [, number = '', unit = ''] = /^([\d .]+) (ms|s|h)$/.exec(text) ?? [];
  return Number(number.replaceAll(' ', '')) * (PER_UNIT[unit] ?? NaN);
}

interface Told {
  estimate: number;
  lower: number;
  upper: number;
  n: number;
}

/** The percentiles on screen by "target P95 later". */
function percentilesOf(marks: readonly string[]): Map<string, Told> {
  const form =
    /^(\S+): (P\d+) TTFT, (\w+) turns, estimate ([^,]+), 95 % interval (.+?) to ([^,]+), requests ([\d ]+)/;
  return new Map(
    marks.flatMap((mark): [string, Told][] => {
      const [found, target, quantile, turn, estimate = '', lower = '', upper = '', n = ''] =
        form.exec(mark) ?? [];
      if (found === undefined) return [];
      const told = { estimate: inSeconds(estimate), lower: inSeconds(lower), upper: inSeconds(upper) };
      return [[`${target} ${quantile} ${turn}`, { ...told, n: Number(n.replaceAll(' ', '')) }]];
    }),
  );
}

/** Where the screen says something else than the comparison; three digits are shown. */
function differences(shown: Map<string, Told>, comparison: Comparison): string[] {
  const close = (a: number, b: number) => Math.abs(a - b) <= 0.0051 * b;
  return comparison.targets.flatMap((target) =>
    TURN_CLASSES.flatMap((turn) =>
      QUANTILE_NAMES.filter((name) => name !== 'p90').flatMap((name) => {
        const key = `${target.name} ${name.toUpperCase()} ${turn}`;
        const [told, wanted] = [shown.get(key), target.ttft_seconds[turn][name]];
        if (wanted === null) return [];
        const same =
          told !== undefined &&
          told.n === wanted.n &&
          (['estimate', 'lower', 'upper'] as const).every((bound) =>
            close(told[bound], wanted[bound] ?? NaN),
          );
        return same ? [] : [`${key}: ${JSON.stringify(told)} is not ${JSON.stringify(wanted)}`];
      }),
    ),
  );
}

const headline = async () => (await watched.page.getByRole('status').textContent()) ?? '';
const generated = () => watched.page.getByTestId('status').textContent();

describe('the live page of a running demo', () => {
  test('shows every section with live data soon after the start', async () => {
    const { page } = watched;
    await until('no section is empty', async () => {
      const titles = await page.getByRole('heading', { level: 3 }).allTextContents();
      expect(titles).toEqual(expect.arrayContaining(SECTIONS));
      const marks = await marksOf(page);
      for (const mark of [/P95 TTFT, later turns, estimate/, /cache hit rate, measured/, /GPU activity \d/])
        expect(marks.filter((one) => mark.test(one)).length).toBeGreaterThanOrEqual(2);
      const curves = "document.querySelectorAll('[role=slider]').length";
      expect(await page.evaluate(curves)).toBe(2);
      return true;
    });
    const took = Date.now() - demo.started;
    if (took > PROMISED_MS)
      process.stderr.write(`live page: ${took} ms to the first picture (busy machine?)\n`);
    expect(took).toBeLessThan(3 * PROMISED_MS);
  }, 60_000);

  test('shows the very numbers of the comparison', async () => {
    let [found, count]: [string[], number] = [[], 0];
    await until('the screen and the comparison agree', async () => {
      const [marks, comparison] = await Promise.all([marksOf(watched.page), demo.comparison()]);
      const shown = percentilesOf(marks);
      [found, count] = [differences(shown, comparison), shown.size];
      return found.length === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${found.join('\n')}`);
    });
    expect(count).toBe(2 * 3 * 3);
  }, 60_000);

  test('is drawn anew with every comparison without anything moving', async () => {
    const { page } = watched;
    await page.evaluate(`
      window.shift = 0;
      window.moved = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          window.shift += entry.value;
          for (const { node, previousRect: from, currentRect: to } of entry.sources ?? [])
            window.moved.push((node?.textContent ?? '').slice(0, 80) + ' ' + [from.x, from.y, '->', to.x, to.y].join(' '));
        }
      }).observe({ type: 'layout-shift' });
    `);
    // A caveat that comes or goes is news, and is shown as such; without one everything has its place.
    const caveats = () => page.getByRole('list', { name: 'Caveats' }).allTextContents();
    const moved: unknown[] = [];
    let quiet = 0;
    for (let refresh = 0; quiet < 3 && refresh < 12; refresh++) {
      const [before, noted] = [await generated(), await caveats()];
      await page.evaluate('window.shift = 0; window.moved = [];');
      await until('the next comparison is shown', async () => (await generated()) !== before);
      // What moved is told after the frame in which it did.
      await page.evaluate('new Promise((told) => requestAnimationFrame(() => setTimeout(told, 200)))');
      if ((await caveats()).join() !== noted.join()) continue;
      quiet += 1;
      if (Number(await page.evaluate('window.shift')) >= 0.01)
        moved.push(await page.evaluate('window.moved'));
    }
    expect({ quiet, moved }).toEqual({ quiet: 3, moved: [] });
  }, 180_000);

  test('the keyboard reaches a mark, its tooltip and its neighbour; Escape closes it', async () => {
    const { page } = watched;
    const tooltip = page.getByRole('tooltip');
    await page.locator('[data-mark][tabindex="0"]').first().focus();
    for (let tab = 0; tab < 12; tab++) {
      const here = (await page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")) as string;
      if (here.includes('P50 TTFT')) break;
      await page.keyboard.press('Tab');
    }
    await expect(tooltip.textContent()).resolves.toMatch(/vllm: P50 TTFT.*estimate/s);
    await page.keyboard.press('ArrowDown');
    await expect(tooltip.textContent()).resolves.toMatch(/llm-d: P50 TTFT/);
    await page.keyboard.press('Escape');
    expect(await tooltip.count()).toBe(0);
  });

  test.each(THEMES)(
    'axe finds nothing serious in the %s theme, at any size; pictures are kept',
    async (theme) => {
      for (const size of SIZES) {
        const { page, complaints } = await openPage(browser, `${url}?theme=${theme}`, size);
        await page.getByRole('heading', { level: 3 }).first().waitFor();
        await page.screenshot({
          path: join(OUTPUT, `live-${size.join('x')}-${theme}.png`),
          fullPage: size[0] < 500,
        });
        expect(await seriousFindings(page)).toEqual([]);
        const overflow = 'document.documentElement.scrollWidth - window.innerWidth';
        expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
        expect(complaints).toEqual([]);
        await page.close();
      }
    },
    90_000,
  );

  test('a choice goes into the address, and the address brings it back', async () => {
    const { page } = await openPage(browser, `${url}?percentile=p50&sections=verdict,table`, [1024, 700]);
    await page.getByRole('heading', { name: 'Everything else' }).waitFor();
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
    await page.getByText('First turns', { exact: true }).click();
    await until('the address tells it', () =>
      page.url().endsWith('?turn=first&percentile=p50&sections=verdict,table'),
    );
    await page.close();
  });

  test('a candidate that becomes slower changes the picture and the verdict', async () => {
    const { page } = watched;
    await until('the candidate is the faster one', async () => (await headline()) === 'llm-d answers sooner');
    const p95 = async () => percentilesOf(await marksOf(page)).get('llm-d P95 later')?.estimate ?? 0;
    const before = await p95();
    await demo.fault({ fleet: 'candidate', replica: 'all', fault: 'slow', factor: 8 });
    await until('the verdict is another', async () => (await headline()) !== 'llm-d answers sooner');
    await until('its P95 has grown', async () => (await p95()) > 1.5 * before);
    await page.screenshot({ path: join(OUTPUT, 'live-fault.png') });
  }, 90_000);

  test('loads nothing from elsewhere and complains about nothing', () => {
    expect(watched.foreign).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });

  test('says so when the exporter is gone, and keeps the last picture', async () => {
    await demo.stop();
    await watched.page.getByRole('alert').waitFor({ timeout: 20_000 });
    expect(await watched.page.getByRole('alert').textContent()).toMatch(
      /The exporter does not answer \(\d+ s\)/,
    );
    expect(await watched.page.getByRole('heading', { level: 3 }).count()).toBe(SECTIONS.length);
  });
});
