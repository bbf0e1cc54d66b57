import { JSDOM } from 'jsdom';
import { PLOT_NAMES } from '../../exporter/src/plots/plot';
import { plotData } from '../../exporter/src/plots/input';
import { boxOf, ofClass, sample } from '../../exporter/src/plots/samples';
import { duration } from '../../exporter/src/plots/words';
import { Drawn } from './drawn';
import { failingInput, HOSTILE, levelsInput, summaryInput, turnsInput } from './inputs';
import { readPng } from './png';

let drawn: Drawn;

beforeAll(() => {
  drawn = new Drawn();
  drawn.draw(
    {
      turns: turnsInput(),
      levels: levelsInput(),
      failing: failingInput(),
      summary: summaryInput(),
      hostile: turnsInput(HOSTILE),
    },
    'first',
  );
}, 120_000);

afterAll(() => drawn?.remove());

const svgOf = (input: string, plot: string) =>
  new JSDOM(drawn.text('first', input, 'plots', `${plot}.svg`), { contentType: 'image/svg+xml' }).window
    .document;

/** What the marks of a plot say. */
const saysOf = (input: string, plot: string) =>
  [...svgOf(input, plot).querySelectorAll('[aria-roledescription="point"],[aria-roledescription="bar"]')].map(
    (mark) => mark.getAttribute('aria-label') ?? '',
  );

const textOf = (input: string, plot: string) =>
  [...svgOf(input, plot).querySelectorAll('text')].map((text) => text.textContent ?? '');

const skippedOf = (input: string) =>
  JSON.parse(drawn.text('first', input, 'skipped.json')) as { name: string; reason: string }[];

describe('which plots there are', () => {
  test('turns without levels: all but the one against load', () => {
    expect(skippedOf('turns')).toEqual([{ name: 'qps_comparison', reason: 'the result has no load levels' }]);
    expect(drawn.files('first', 'turns', 'plots')).toHaveLength(5 * 3);
  });

  test('levels without turns: all but the one by turn', () => {
    expect(skippedOf('levels').map(({ name }) => name)).toEqual(['ttft_by_turn']);
    expect(skippedOf('levels')[0]!.reason).toContain('same turn');
    expect(drawn.files('first', 'levels', 'plots')).toEqual(
      PLOT_NAMES.filter((name) => name !== 'ttft_by_turn')
        .flatMap((name) => [`${name}-dark.png`, `${name}.png`, `${name}.svg`])
        .sort(),
    );
  });

  test('summaries only: what needs no single request', () => {
    expect(skippedOf('summary').map(({ name }) => name)).toEqual([
      'latency_comparison',
      'qps_comparison',
      'ttft_ecdf',
      'ttft_by_turn',
    ]);
    expect(skippedOf('summary')[0]!.reason).toBe('only summaries are known, not single requests');
  });
});

describe('the drawn values', () => {
  test('are those of the data: a box says its quantiles', () => {
    const data = plotData(turnsInput());
    const box = boxOf(sample(ofClass(data.records('vllm', null), 'later'), 'ttft'))!;
    const said = saysOf('turns', 'latency_comparison').find((one) =>
      one.startsWith('vllm, later turns: median'),
    );
    expect(said).toBe(
      `vllm, later turns: median ${duration(box.p50)}, middle half ${duration(box.p25)} to ${duration(box.p75)}, ` +
        `5 % to 95 % ${duration(box.p5)} to ${duration(box.p95)}, slowest ${duration(box.max)}, n = 432`,
    );
  });

  test('a box stands where its quartiles are on the logarithmic axis', () => {
    const data = plotData(turnsInput());
    const box = boxOf(sample(ofClass(data.records('vllm', null), 'first'), 'ttft'))!;
    const document = svgOf('turns', 'latency_comparison');
    const mark = [...document.querySelectorAll('[aria-roledescription="bar"]')].find((one) =>
      one.getAttribute('aria-label')!.startsWith('vllm, first turns'),
    )!;
    const label = (text: string) =>
      [...document.querySelectorAll('text')].find((one) => one.textContent === text)!;
    const y = (element: Element) => Number(/,(-?[\d.]+)\)/.exec(element.getAttribute('transform')!)![1]);
    const perDecade = y(label('100 ms')) - y(label('1 s'));
    const height = Math.abs(Math.log10(box.p75 / box.p25)) * perDecade;
    const numbers = mark
      .getAttribute('d')!
      .match(/-?[\d.]+/g)!
      .map(Number);
    const downs = numbers.filter((_, index) => index % 2 === 1);
    const drawnHeight = Math.max(...downs) - Math.min(...downs);
    expect(drawnHeight).toBeGreaterThan(height - 0.6);
    expect(drawnHeight).toBeLessThan(height + 0.6);
  });

  test('percentiles against load are those of the comparison, with interval and n', () => {
    const { comparison } = levelsInput();
    const p95 = comparison.levels![1]!.targets[0]!.ttft_seconds.all.p95!;
    expect(saysOf('levels', 'qps_comparison')).toContain(
      `vllm, 1 QPS: TTFT P95 ${duration(p95.estimate)} (${duration(p95.lower!)} to ${duration(p95.upper!)}), n = 90`,
    );
  });

  test('throughput is work by wall time, and its difference', () => {
    const { comparison } = levelsInput();
    const [before, after] = comparison.levels![0]!.targets.map((one) => one.output_tokens_per_second!);
    const change = (after! / before! - 1) * 100;
    expect(saysOf('levels', 'throughput_comparison')).toContain(
      `llm-d against vllm, 0.5 QPS: ${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} %`,
    );
  });

  test('a level where requests are missing is named, faded, and takes part in no claim', () => {
    const note = textOf('levels', 'latency_comparison').find((text) => text.startsWith('Faded'));
    expect(note).toBe('Faded: llm-d is not comparable at 4 QPS: one side lacks requests that the other has.');
    expect(
      saysOf('levels', 'throughput_comparison').filter((one) => one.endsWith(', not comparable')),
    ).toHaveLength(1);
    const ratios = saysOf('levels', 'ratio_forest');
    expect(ratios.filter((one) => one.startsWith('TTFT P50 by QPS, 4'))[0]).toMatch(/, not comparable$/);
    expect(ratios.filter((one) => one.startsWith('TTFT P50 by QPS, 0.5'))[0]).toMatch(/, faster$/);
  });

  test('failed requests keep a curve below 100 %', () => {
    expect(textOf('failing', 'ttft_ecdf').join(' ')).toContain('a curve that ends below 100 %');
    expect(textOf('turns', 'ttft_ecdf').join(' ')).not.toContain('a curve that ends below 100 %');
  });
});

describe('pictures', () => {
  test('PNGs are twice the size of the SVG, white or dark, with clear corners', () => {
    const document = svgOf('turns', 'ttft_by_turn').documentElement;
    const [width, height] = ['width', 'height'].map((name) => Number(document.getAttribute(name)));
    const light = readPng(drawn.bytes('first', 'turns', 'plots', 'ttft_by_turn.png'));
    const dark = readPng(drawn.bytes('first', 'turns', 'plots', 'ttft_by_turn-dark.png'));
    expect([light.width, light.height, dark.width, dark.height]).toEqual([
      2 * width!,
      2 * height!,
      2 * width!,
      2 * height!,
    ]);
    expect([light.at(40, 12), dark.at(40, 12), light.at(0, 0)[3]]).toEqual([
      [255, 255, 255, 255],
      [22, 27, 34, 255],
      0,
    ]);
  });

  test('text is drawn although the machine may have no fonts', () => {
    const picture = readPng(drawn.bytes('first', 'turns', 'plots', 'ttft_by_turn.png'));
    let ink = 0;
    for (let y = 50; y < 100; y += 1)
      for (let x = 50; x < 700; x += 1) if (picture.at(x, y)[0] < 90) ink += 1;
    expect(ink).toBeGreaterThan(1500);
  });

  test('an SVG follows the reader, colour by colour, and names nothing outside itself', () => {
    const svg = drawn.text('first', 'turns', 'plots', 'ratio_forest.svg');
    expect(svg).toContain('@media (prefers-color-scheme:dark){');
    expect(svg).toContain('[fill="#0a764e"]{fill:#56d39a}');
    expect(svg.match(/https?:\/\/[^"]+/g)).toEqual(['http://www.w3.org/2000/svg']);
    expect(svg).not.toMatch(/ id="/);
  });

  test('the same input gives the same bytes in another process', () => {
    drawn.draw({ turns: turnsInput(), levels: levelsInput() }, 'again');
    const files = drawn.files('again').filter((name) => /\.\w+$/.test(name));
    expect(files.length).toBeGreaterThan(30);
    for (const name of files)
      expect([name, drawn.bytes('again', name).equals(drawn.bytes('first', name))]).toEqual([name, true]);
  }, 120_000);
});

describe('names that try to be markup', () => {
  test('stay text in every SVG', () => {
    for (const name of PLOT_NAMES.filter((one) => one !== 'qps_comparison')) {
      const document = svgOf('hostile', name);
      expect([name, document.querySelectorAll('script,img,parsererror').length]).toEqual([name, 0]);
    }
    expect(textOf('hostile', 'ttft_ecdf').join(' ')).toContain(HOSTILE[0]);
  });

  test('stay text in HTML and Markdown', () => {
    const { document } = new JSDOM(drawn.text('first', 'hostile', 'report.html')).window;
    expect(document.querySelectorAll('img')).toHaveLength(0);
    expect(
      [...document.querySelectorAll('script')].map((one) => one.textContent!.includes('alert(1)')),
    ).toEqual([true, false]);
    expect(document.querySelector('h1')!.textContent).toBe(HOSTILE.join(' and '));
    const data = JSON.parse(document.getElementById('taillight-data')!.textContent!) as { baseline: string };
    expect(data.baseline).toBe(HOSTILE[0]);
    const markdown = drawn.text('first', 'hostile', 'report.md');
    expect(markdown).not.toContain('<script');
    expect(markdown).not.toContain('<img src=x');
  });
});

describe('reports', () => {
  test('Markdown: verdict, then pictures for light and dark, then tables', () => {
    const markdown = drawn.text('first', 'turns', 'report.md');
    const places = [
      'llm-d answers sooner',
      '<source media="(prefers-color-scheme: dark)" srcset="plots/ratio_forest-dark.png">',
      'src="plots/ratio_forest.png"',
      'qps_comparison: the result has no load levels',
      '## Time to First Token',
    ].map((text) => markdown.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((left, right) => left - right));
  });

  test('HTML: the verdict before everything, every ratio in the table, a drawing for each level', () => {
    const { document } = new JSDOM(drawn.text('first', 'levels', 'report.html')).window;
    const { comparison } = levelsInput();
    expect(document.querySelector('.verdict')!.textContent).toContain('Not comparable');
    const known = comparison.comparisons[0]!.ratios.filter(({ estimate }) => estimate !== null);
    expect(document.querySelectorAll('tr[data-metric]')).toHaveLength(known.length);
    expect([...document.querySelectorAll('#ttft_ecdf option')].map((one) => one.textContent)).toEqual([
      'all loads',
      '0.5 QPS',
      '1 QPS',
      '4 QPS',
    ]);
    expect(document.querySelectorAll('#ratio_forest .plot > svg')).toHaveLength(4);
  });

  test('HTML of single turns has a curve that counts what is missing', () => {
    const { document } = new JSDOM(drawn.text('first', 'levels', 'report.html')).window;
    const last = [...document.querySelectorAll('#ttft_ecdf .plot')].at(-1)!;
    expect(last.textContent).toContain('candidate, n = 90');
  });
});
