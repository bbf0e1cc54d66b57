import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { DEFAULT_LIMITS, ExpositionParser } from '../../exporter/src/scrape/exposition';
import type { ParsedPage } from '../../exporter/src/scrape/exposition-reader';
import { readPage } from '../../exporter/src/scrape/read-page';

interface Family {
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | null;
  series: { suffix: string; labels: Record<string, string>; value: number }[];
}

const word = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/);
const series = fc.record({
  suffix: fc.constantFrom('', '_total', '_bucket', '_created'),
  labels: fc.dictionary(word, fc.string({ unit: 'grapheme', maxLength: 12 }), { maxKeys: 4 }),
  value: fc.oneof(fc.double(), fc.integer()),
});
const family: fc.Arbitrary<Family> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}:?[a-z_]{1,12}$/),
  type: fc.constantFrom('counter', 'gauge', 'histogram', null),
  series: fc.array(series, { maxLength: 8 }),
});
const families = fc.array(family, { minLength: 1, maxLength: 8 });

function renderValue(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function render(list: Family[], format: 'text' | 'openmetrics'): string {
  const lines = list.flatMap(({ name, type, series: rows }) => [
    ...(type === null ? [] : [`# HELP ${name} Some text.`, `# TYPE ${name} ${type}`]),
    ...rows.map(({ suffix, labels, value }) => {
      const pairs = Object.entries(labels).map(
        ([key, text]) => `${key}="${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`,
      );
      const block = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
      return `${name}${suffix}${block} ${renderValue(value)}${format === 'openmetrics' ? ' # {t="x"} 1' : ' 1395066363000'}`;
    }),
  ]);
  return `# made up\n${lines.join('\n')}\n${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

/** Series -> value; the first of a doubled series holds. */
function expected(list: Family[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const { name, series: rows } of list) {
    for (const { suffix, labels, value } of rows) {
      const key = JSON.stringify([name + suffix, Object.entries(labels)]);
      if (!result.has(key)) result.set(key, value);
    }
  }
  return result;
}

function actual(parsed: ParsedPage): Map<string, number> {
  if (!parsed.ok) throw new Error(parsed.detail);
  const result = new Map<string, number>();
  for (const name of parsed.page.names()) {
    for (const { labels, value } of parsed.page.samples(name))
      result.set(JSON.stringify([name, [...labels]]), value);
  }
  return result;
}

function feedInPieces(body: Buffer, cuts: number[], contentType: string | null = null): ParsedPage {
  const feed = new ExpositionParser().begin(contentType);
  const at = [0, ...cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b), body.length];
  for (let i = 1; i < at.length; i++) feed.feed(body.subarray(at[i - 1], at[i]));
  return feed.end();
}

test.each(['text', 'openmetrics'] as const)(
  'what is rendered as %s is read back, also by a parser that saw other pages',
  (format) => {
    const parser = new ExpositionParser();
    fc.assert(
      fc.property(families, (list) => {
        const parsed = parser.parse(render(list, format));
        const want = expected(list);
        expect(actual(parsed)).toEqual(want);
        expect(parsed.ok && parsed.page.format).toBe(format);
      }),
      { numRuns: 300 },
    );
  },
);

test('where the pieces of a body are cut never matters', () => {
  const cuts = fc.array(fc.nat(), { maxLength: 12 });
  fc.assert(
    fc.property(families, cuts, (list, places) => {
      const body = Buffer.from(render(list, 'openmetrics'));
      expect(actual(feedInPieces(body, places))).toEqual(actual(new ExpositionParser().parse(body)));
    }),
    { numRuns: 200 },
  );
});

test('where a malformed body is cut does not change the reason, nor the line', () => {
  const junk = fc.constantFrom(
    'm{a="1} 2\n',
    'm 1 x\n',
    '9 1\n',
    '# TYPE a b\n',
    'm{a="é\n',
    '\u0000\n',
    'm',
    '{',
  );
  fc.assert(
    fc.property(families, junk, fc.array(fc.nat(), { maxLength: 8 }), (list, wrong, places) => {
      const body = Buffer.from(render(list, 'text') + wrong);
      expect(feedInPieces(body, places)).toEqual(new ExpositionParser().parse(body));
    }),
    { numRuns: 200 },
  );
});

test('one byte at a time, a real page reads the same', () => {
  const body = readFileSync(join(__dirname, '../fixtures/pages/vllm-0.32-busy.prom'));
  const feed = new ExpositionParser().begin();
  for (let i = 0; i < body.length; i++) feed.feed(body.subarray(i, i + 1));
  const byBytes = actual(feed.end());
  expect(byBytes.size).toBe(496);
  expect(byBytes).toEqual(actual(new ExpositionParser().parse(body)));
});

describe('hostile input ends as a value', () => {
  const parser = new ExpositionParser({ ...DEFAULT_LIMITS, max_series: 1000 });

  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const parsed = parser.parse(Buffer.from(bytes));
        expect(parsed.ok || parsed.detail.length > 0).toBe(true);
        if (!parsed.ok) expect(parsed.detail).not.toMatch(/[\n\r]/);
      }),
      { numRuns: 2000 },
    );
  });

  test('arbitrary strings of the characters that matter', () => {
    const character = fc.constantFrom(
      ...'m_:{}",=\\# \t\r\n1.eE+-NaInfTYPEHLOF'.split(''),
      '{a="',
      '"} 1\n',
      '# TYPE ',
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 60 }), (characters) => {
        const parsed = parser.parse(characters.join(''));
        // Whatever is accepted can be looked at in full.
        if (parsed.ok) expect(actual(parsed).size).toBeLessThanOrEqual(parsed.page.size);
        else expect(parsed.detail.length).toBeGreaterThan(0);
      }),
      { numRuns: 5000 },
    );
  });

  test('a real page with bytes changed, dropped or doubled', () => {
    const body = readFileSync(join(__dirname, '../fixtures/pages/sim-busy.prom'));
    fc.assert(
      fc.property(
        fc.nat(body.length - 1),
        fc.nat(50),
        fc.uint8Array({ maxLength: 5 }),
        (at, length, bytes) => {
          const mutated = Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + length)]);
          const page = readPage(mutated);
          if (page.ok) expect(page.reading.samples).toBeLessThanOrEqual(270);
          else expect(page.reason).toMatch(/^(bad_syntax|not_metrics)$/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('labels made to collide in the memory of the parser stay distinct', () => {
    const values = collidingValues('{a="', 5);
    expect(new Set(values.map((value) => fnv(0x811c9dc5, `{a="${value}`))).size).toBe(1);
    expect(new Set(values).size).toBe(32);
    const text = values.map((value, i) => `m{a="${value}"} ${i}\n`).join('');
    for (let round = 0; round < 2; round++) {
      const read = parser.parse(text);
      if (!read.ok) throw new Error(read.detail);
      const samples = read.page.samples('m').map(({ labels, value }) => [labels.get('a'), value]);
      expect(samples).toEqual(values.map((value, i) => [value, i]));
    }
  });
});

function fnv(state: number, text: string): number {
  let hash = state;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** 2^stages label values of one hash: at each stage a pair of pieces that lead to the same state is found and appended. */
function collidingValues(prefix: string, stages: number): string[] {
  let values = [''];
  let state = fnv(0x811c9dc5, prefix);
  for (let stage = 0; stage < stages; stage++) {
    const seen = new Map<number, string>();
    for (let i = 0; ; i++) {
      const piece = (Math.imul(i, 2_654_435_761) >>> 0).toString(36);
      const next = fnv(state, piece);
      const other = seen.get(next);
      if (other !== undefined) {
        values = values.flatMap((value) => [value + other, value + piece]);
        state = next;
        break;
      }
      seen.set(next, piece);
    }
  }
  return values;
}
