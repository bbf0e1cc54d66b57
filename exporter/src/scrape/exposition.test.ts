import { DEFAULT_LIMITS, ExpositionParser } from './exposition';
import type { ExpositionLimits } from './exposition-reader';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

function parse(
  text: string | Buffer,
  contentType: string | null = null,
  limits: Partial<ExpositionLimits> = {},
) {
  return new ExpositionParser({ ...DEFAULT_LIMITS, ...limits }).parse(text, contentType);
}

function page(text: string | Buffer, contentType: string | null = null) {
  const parsed = parse(text, contentType);
  if (!parsed.ok) throw new Error(`${parsed.reason}: ${parsed.detail}`);
  return parsed.page;
}

function samples(text: string, name: string) {
  return page(text)
    .samples(name)
    .map(({ labels, value }) => [Object.fromEntries(labels), value]);
}

describe('samples', () => {
  test.each([
    ['260782.0', 260782],
    ['1.9392065536e+010', 19392065536],
    ['1.7952653702481086e+09', 1795265370.2481086],
    ['66.5132155418396', 66.5132155418396],
    ['0.30000000000000004', 0.1 + 0.2],
    ['9.223372036854776e+18', 2 ** 63],
    ['1.8446744073709552e+19', 2 ** 64],
    ['2.1e-07', 2.1e-7],
    ['5e-324', Number.MIN_VALUE],
    ['1e400', Infinity],
    ['-1e-400', -0],
    ['-17', -17],
    ['+4', 4],
    ['.5', 0.5],
    ['5.', 5],
    ['1E3', 1000],
    ['9007199254740993', 9007199254740992],
    ['NaN', NaN],
    ['nan', NaN],
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
    ['inf', Infinity],
    ['1e99999999999', Infinity],
  ])('the number %s is read exactly', (text, value) => {
    expect(samples(`m ${text}\n`, 'm')).toEqual([[{}, value]]);
  });

  test('labels are unescaped, and other escapes stay as they are', () => {
    const text = String.raw`m{a="x\\y",b="say \"hi\"",c="two\nlines",d="C:\temp",e="{},= #"} 1` + '\n';
    expect(samples(text, 'm')).toEqual([
      [{ a: 'x\\y', b: 'say "hi"', c: 'two\nlines', d: 'C:\\temp', e: '{},= #' }, 1],
    ]);
  });

  test('blanks, tabs, trailing commas, empty blocks and CRLF do not matter', () => {
    const text = '  m {\ta = "1" , b="2" , } \t 3 \r\nm{} 4\r\n\r\n \r\nn\t5\r\n';
    expect(samples(text, 'm')).toEqual([
      [{ a: '1', b: '2' }, 3],
      [{}, 4],
    ]);
    expect(samples(text, 'n')).toEqual([[{}, 5]]);
  });

  test('label values hold any Unicode text', () => {
    expect(samples('m{model="Größe 模型 🦙"} 1\n', 'm')).toEqual([[{ model: 'Größe 模型 🦙' }, 1]]);
  });

  test('a label may be called __proto__', () => {
    expect(page('m{__proto__="x"} 1\n').samples('m')[0]?.labels.get('__proto__')).toBe('x');
  });

  test('timestamps and exemplars are accepted in both formats', () => {
    const text =
      'a 1 1395066363000\nb{x="y"} 2 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67\n' +
      'c_bucket{le="1"} 3 # {} 9.8 1520879607.789\nd 4 # {t="# }"} -1e3\n# EOF\n';
    for (const name of ['a', 'b', 'c_bucket', 'd']) expect(samples(text, name)).toHaveLength(1);
    expect(samples(text, 'd')).toEqual([[{}, 4]]);
  });

  test('names in quotes are read, and plain names that look alike are not taken for them', () => {
    const text = '{"my.metric é", a="1"} 1\n{"plain"} 2\nplain 3\nmy 4\n{"my 4"} 5\nmy 4\n{"x",} 6\n';
    expect(samples(text, 'my.metric é')).toEqual([[{ a: '1' }, 1]]);
    expect(samples(text, 'my 4')).toEqual([[{}, 5]]);
    expect(page(text).size).toBe(7);
    expect(samples('m{"label.name"="v"} 1\n', 'm')).toEqual([[{ 'label.name': 'v' }, 1]]);
  });

  test('pages without HELP and TYPE lines and without a last line feed are read', () => {
    expect(samples('m{gpu="0"} 91', 'm')).toEqual([[{ gpu: '0' }, 91]]);
  });

  test('a family that stands there twice is one family, and a doubled series counts once', () => {
    const text = '# TYPE m counter\nm{a="1"} 1\nn 5\n# TYPE m gauge\nm{a="2"} 2\nm{a="1"} 9\n';
    expect(samples(text, 'm')).toEqual([
      [{ a: '1' }, 1],
      [{ a: '2' }, 2],
    ]);
    expect(page(text).types()).toEqual(new Map([['m', 'counter']]));
    expect([...page(text).names()]).toEqual(['m', 'n']);
  });

  test('a histogram whose family name ends in _total stays a histogram', () => {
    const text = '# TYPE vllm:iteration_tokens_total histogram\nvllm:iteration_tokens_total_sum 80793.0\n';
    expect(page(text).types().get('vllm:iteration_tokens_total')).toBe('histogram');
    expect(page(text).has('vllm:iteration_tokens_total')).toBe(false);
    expect(samples(text, 'vllm:iteration_tokens_total_sum')).toEqual([[{}, 80793]]);
  });
});

describe('the format', () => {
  test('is OpenMetrics where the text ends with # EOF or the server says so', () => {
    expect(page('m 1\n').format).toBe('text');
    expect(page('m 1\n# EOF\n').format).toBe('openmetrics');
    expect(page('m 1\n# EOF', OPENMETRICS).format).toBe('openmetrics');
    expect(page('# EOF\n', OPENMETRICS).size).toBe(0);
    expect(page('m 1\n# EOF\nm 2\n', 'text/plain; version=0.0.4').format).toBe('text');
  });

  test('OpenMetrics that breaks off or goes on behind # EOF is refused', () => {
    expect(parse('m 1\n', OPENMETRICS)).toMatchObject({ ok: false, reason: 'bad_syntax' });
    expect(parse('m 1\n# EOF\nm 2\n', OPENMETRICS)).toEqual({
      ok: false,
      reason: 'bad_syntax',
      detail: 'line 3: there is more behind "# EOF"',
    });
  });

  test('OpenMetrics types and units are accepted', () => {
    const text =
      '# TYPE m counter\n# UNIT m seconds\n# HELP m Text.\nm_total 1\nm_created 2\n# TYPE s stateset\n# EOF\n';
    expect(page(text, OPENMETRICS).types()).toEqual(
      new Map([
        ['m', 'counter'],
        ['s', 'stateset'],
      ]),
    );
  });
});

describe('refusals name the line and what is wrong', () => {
  test.each([
    ['ok 1\n9lives 2\n', 'line 2: a line starts with a metric name or "#"'],
    ['m\n', 'line 1: a metric name without a value'],
    ['m{a="1"}\n', 'line 1: a metric name without a value'],
    ['m 0x10\n', 'line 1: "0x10" is not a number'],
    ['m 1_000\n', 'line 1: "1_000" is not a number'],
    ['m 12abc\n', 'line 1: "12abc" is not a number'],
    ['m 1e\n', 'line 1: "1e" is not a number'],
    ['m Infinite\n', 'line 1: "Infinite" is not a number'],
    ['m 1 soon\n', 'line 1: "soon" is not a timestamp'],
    ['m 1 2 3\n', 'line 1: "3" behind the value'],
    ['m 1 # {a="1"}\n', 'line 1: malformed exemplar'],
    ['m 1 # seen\n', 'line 1: malformed exemplar'],
    ['m{a="1" 1\n', 'line 1: labels must be separated by commas and closed by "}"'],
    ['m{a="1"b="2"} 1\n', 'line 1: labels must be separated by commas and closed by "}"'],
    ['m{a="1} 1\n', 'line 1: a label value lacks its closing quote'],
    ['m{a="1\\\n"} 1\n', 'line 1: a label value lacks its closing quote'],
    ['m{a=1} 1\n', 'line 1: a label value must stand in double quotes'],
    ['m{a} 1\n', 'line 1: a label lacks its "="'],
    ['m{9="1"} 1\n', 'line 1: a label name is missing or malformed'],
    ['m{a:b="1"} 1\n', 'line 1: a label lacks its "="'],
    ['m{,} 1\n', 'line 1: a label name is missing or malformed'],
    ['m{a="1",a="2"} 1\n', 'line 1: label "a" stands there twice'],
    ['m{"n"} 1\n', 'line 1: two metric names'],
    ['{a="1"} 1\n', 'line 1: a sample without a metric name'],
    ['# TYPE m\nm 1\n', 'line 1: a TYPE line holds a metric name and a type'],
    ['# TYPE m banana\nm 1\n', 'line 1: "banana" is not a metric type'],
    [
      'm{' + Array.from({ length: 300 }, (_, i) => `l${i}="1"`).join() + '} 1\n',
      'line 1: more than 256 labels',
    ],
  ])('%j', (text, detail) => {
    expect(parse(text)).toEqual({ ok: false, reason: 'bad_syntax', detail });
  });

  test('bytes that are not UTF-8', () => {
    const text = Buffer.concat([Buffer.from('m 1\nm{a="'), Buffer.from([0xff]), Buffer.from('"} 2\n')]);
    expect(parse(text)).toEqual({ ok: false, reason: 'bad_syntax', detail: 'line 2: not UTF-8' });
  });

  test.each([
    ['', 'the page is empty'],
    [' \n\r\n', 'the page is empty'],
    ['<!DOCTYPE html>\n<html></html>\n', 'an HTML or XML page, not metrics; is the path right?'],
    ['{"object":"list","data":[]}', 'JSON, not metrics; is the path right?'],
    ['{\n  "detail": "Not Found"\n}\n', 'JSON, not metrics; is the path right?'],
    ['[1,2]', 'JSON, not metrics; is the path right?'],
    [Buffer.from([0x1f, 0x8b, 8, 0, 0xff, 0xfe]), 'gzip-compressed data'],
  ])('what is no metrics page at all: %j', (text, detail) => {
    expect(parse(text)).toEqual({ ok: false, reason: 'not_metrics', detail });
  });

  test('protobuf is told by its content type', () => {
    expect(parse('m 1\n', 'application/vnd.google.protobuf; encoding=delimited')).toMatchObject({
      ok: false,
      reason: 'not_metrics',
    });
  });

  test('what a stranger wrote reaches a log line short and without control characters', () => {
    const refused = parse(`m ${'\u001b'.repeat(3)}${'x'.repeat(500)}\n`);
    expect(refused).toEqual({
      ok: false,
      reason: 'bad_syntax',
      detail: `line 1: "???${'x'.repeat(37)}…" is not a number`,
    });
  });
});

describe('limits', () => {
  test('a body of the greatest size is read, one byte more is refused', () => {
    expect(parse('m 1\nn 2\n', null, { max_body_bytes: 8 }).ok).toBe(true);
    expect(parse('m 1\nn 22\n', null, { max_body_bytes: 8 })).toEqual({
      ok: false,
      reason: 'body_too_large',
      detail: 'the page is larger than 8 bytes',
    });
  });

  test('an endless line is refused as too long before it ends, whatever it holds', () => {
    const feed = new ExpositionParser({ ...DEFAULT_LIMITS, max_line_bytes: 1000 }).begin();
    expect(feed.feed(Buffer.from('m 1\n'))).toBe(true);
    let pieces = 0;
    while (feed.feed(Buffer.alloc(100, 'x'))) pieces++;
    expect(pieces).toBe(10);
    expect(feed.end()).toEqual({
      ok: false,
      reason: 'line_too_long',
      detail: 'line 2 is longer than 1000 bytes',
    });
  });

  test('a long line inside a page is refused as too long even where it is also malformed', () => {
    for (const line of ['9'.repeat(1001), `m{a="${'x'.repeat(1000)}"} 1`, '#'.repeat(1001)]) {
      expect(parse(`m 1\n${line}\n`, null, { max_line_bytes: 1000 })).toMatchObject({
        reason: 'line_too_long',
      });
    }
    expect(parse(`m{a="${'x'.repeat(990)}"} 1\n`, null, { max_line_bytes: 1000 })).toMatchObject({
      ok: true,
    });
  });

  test('more samples than allowed are refused', () => {
    expect(parse('m 1\nm{a="1"} 2\n', null, { max_series: 2 }).ok).toBe(true);
    expect(parse('m 1\nm{a="1"} 2\nn 3\n', null, { max_series: 2 })).toEqual({
      ok: false,
      reason: 'too_many_series',
      detail: 'more than 2 samples',
    });
  });

  test('numbers and label values of nearly a megabyte do not overflow anything', () => {
    const digits = '1'.repeat(1_000_000);
    const read = page(`a 0.${digits}\nb{l="${'\\"'.repeat(500_000)}"} 1\nc 1e-${digits}\n`);
    expect(read.samples('a')[0]?.value).toBeCloseTo(1 / 9, 15);
    expect(read.samples('b')[0]?.labels.get('l')).toBe('"'.repeat(500_000));
    expect(read.samples('c')[0]?.value).toBe(0);
  });

  test('TYPE lines of nearly a megabyte take no more than their length', () => {
    const blanks = ' '.repeat(1_000_000);
    expect(page(`# TYPE a${blanks}gauge \nm 1\n`).types()).toEqual(new Map([['a', 'gauge']]));
    expect(parse(`# TYPE a${blanks}b c\n`)).toMatchObject({ detail: 'line 1: "c" is not a metric type' });
  });
});

describe('a parser that reads many pages', () => {
  test('reads each page as if it were the first, whatever came before', () => {
    const pages = [
      'a{x="1"} 1\na{x="2"} 2\nb 3\n',
      'a{x="1"} 4\na{x="3"} 5\na{x="2"} 6\nb 7\nc{x="1"} 8\n',
      'b{x="1"} 9\na 1\n',
      'ab{x="1"} 1\na{x="1"} 2\nb{x="1"} 3\nb 4\n',
      '{"a"} 1\na 2\n{"b", x="1"} 3\n',
    ];
    const parser = new ExpositionParser();
    for (const text of [...pages, ...pages.reverse(), ...pages]) {
      const again = parser.parse(text);
      const fresh = page(text);
      if (!again.ok) throw new Error(again.detail);
      expect([...again.page.names()]).toEqual([...fresh.names()]);
      for (const name of fresh.names()) expect(again.page.samples(name)).toEqual(fresh.samples(name));
    }
  });

  test('goes on after a page that failed', () => {
    const parser = new ExpositionParser();
    expect(parser.parse('m{a="1",a="1"} 1\n').ok).toBe(false);
    expect(parser.parse('m{a="1",a="1"} 1\n').ok).toBe(false);
    expect(parser.parse('m{a="1"} 1\n').ok).toBe(true);
  });

  test('forgets when there is too much to remember, and keeps what it gave out', () => {
    const parser = new ExpositionParser();
    const first = parser.parse('m{a="first"} 1\n');
    for (let round = 0; round < 12; round++) {
      const lines = Array.from({ length: 10_000 }, (_, i) => `m{a="${round}-${i}"} ${i}\n`).join('');
      expect(parser.parse(lines).ok).toBe(true);
    }
    expect(parser.parse('m{a="last"} 2\n').ok).toBe(true);
    if (!first.ok) throw new Error(first.detail);
    expect(first.page.samples('m')[0]?.labels.get('a')).toBe('first');
  });
});
