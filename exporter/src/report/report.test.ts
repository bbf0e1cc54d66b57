import { failure, input, record, records, replicas, type Side } from '../../../test/stats/workload';
import { compareNow } from '../compare/comparison';
import type { Comparison } from '../model/comparison';
import { targetFacts } from './facts';
import { LIVE_COLUMNS, LIVE_LINES, liveSummary } from './live-summary';
import { textReport } from './text-report';
import { verdictSentence } from './verdict-sentence';

const compare = (baseline: Side = {}, candidate: Side = {}) => compareNow(input(baseline, candidate));
const sentence = (comparison: Comparison) => verdictSentence(comparison, comparison.comparisons[0]!);

const few = { conversations: 3 };

describe('the verdict in one sentence', () => {
  test('names values, change with interval, and both n', () => {
    const comparison = compare({}, { records: records('llm-d', { later_ms: 100 }) });
    expect(sentence(comparison)).toMatch(
      /^llm-d answers sooner: P95 TTFT of later turns 1\d\d ms vs \d\d\d ms, 6\d % less \(\d\d–\d\d %\), n = 432 \+ 432$/,
    );
  });

  test('says so when the candidate is slower', () => {
    const comparison = compare({}, { records: records('llm-d', { later_ms: 600 }) });
    expect(sentence(comparison)).toMatch(
      /^llm-d answers later: P95 TTFT .* \d+ % more \(\d+–\d+ %\), n = 432 \+ 432$/,
    );
  });

  test('claims nothing where nothing is shown', () => {
    expect(sentence(compare())).toMatch(/^No difference shown: P95 .* ratio [01]\.\d\d \(0\.\d\d–1\.\d\d\)/);
  });

  test('falls back to a lower percentile before it gives up', () => {
    const short = { conversations: 7 };
    const some = compare(
      { records: records('vllm', short) },
      { records: records('llm-d', { ...short, later_ms: 60 }) },
    );
    expect(sentence(some)).toContain('P90 TTFT of later turns');
    const none = compare({ records: records('vllm', few) }, { records: records('llm-d', few) });
    expect(sentence(none)).toBe(
      'Too few requests for a verdict: P95 TTFT of later turns needs 72 matched requests per target, n = 27 + 27 in 3 conversations',
    );
  });

  test('gives the reason where the targets are not comparable', () => {
    expect(sentence(compare({}, { observation: { model: 'other' } }))).toMatch(
      /^Not comparable: the targets serve different models: vllm Qwen\/Qwen3-0\.6B, llm-d other; P95 TTFT/,
    );
    const shedding = records('llm-d', { later_ms: 100 }).map((one, index) =>
      index % 10 === 5 ? { ...one, ...failure('http_503') } : one,
    );
    expect(sentence(compare({}, { records: shedding }))).toMatch(
      /^Not comparable: the shares of failed requests differ by 10 points/,
    );
  });

  test('says which target is silent', () => {
    const comparison = compare({ records: [] }, { records: [], observation: { up: false } });
    expect(sentence(comparison)).toBe('Nothing to compare: vllm has answered no request, llm-d is down');
  });

  test('speaks of first turns where there are no others', () => {
    const single = { turns: 1, conversations: 80 };
    const comparison = compare(
      { records: records('vllm', single) },
      { records: records('llm-d', { ...single, first_ms: 200 }) },
    );
    expect(sentence(comparison)).toMatch(/^llm-d answers sooner: P95 TTFT of first turns/);
  });
});

describe('the report', () => {
  const vllm = records('vllm', { miss: 0.3 }).map((one, index) => ({
    ...one,
    document: index % 20 < 10 ? ('code' as const) : ('text' as const),
  }));
  const llmd = vllm.map((one, index) => ({
    ...one,
    target: 'llm-d',
    ...(index % 100 === 3 ? failure('timeout') : {}),
  }));
  const comparison = compare({ records: vllm }, { records: llmd });
  const text = textReport(comparison, {
    facts: { vllm: targetFacts(vllm), 'llm-d': targetFacts(llmd) },
    settings: [['Workload', '48 conversations × 10 turns']],
  });
  const lines = text.split('\n');

  test('has the sections of the multi-turn benchmark, in its order and under its names', () => {
    const titles = [
      'BENCHMARK SUMMARY',
      'Time to First Token (TTFT):',
      'Total Request Time:',
      'TTFT by Turn Number:',
      'TTFT by Document Type:',
      'First Turn vs Subsequent Turns (Prefix Caching Indicator):',
      'Errors:',
      'Prefix Cache Hit Rate:',
      'Balance over the Replicas:',
      'What got worse:',
      'Read with care:',
    ];
    const places = titles.map((title) => lines.indexOf(title));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((left, right) => left - right));
  });

  test('sets both targets side by side, with interval and n', () => {
    expect(text).toMatch(/^ {2}Total requests +480 +480$/m);
    expect(text).toMatch(/^ {2}Completed conversations +48\/48 +43\/48$/m);
    expect(text).toMatch(/^ {2}P95 +\d+ ms \(\d+–\d+\), n = 480 +\d+ ms \(\d+–\d+\), n = 475$/m);
    expect(text).toMatch(/^ {2}Turn 10 +.* \(48 requests\) +.* \(48 requests\)$/m);
    expect(text).toMatch(/^ {2}CODE +\d+ ms avg \(240 requests\)/m);
    expect(text).toMatch(/^ {2}Speedup ratio +\d\.\d\dx +\d\.\d\dx$/m);
    expect(text).toMatch(/^ {2}Outcomes +480 ok +475 ok, 5 timeout$/m);
  });

  test('marks percentiles without support', () => {
    expect(text).toMatch(/^ {2}P99 +.*n = 48 \(n too small\)/m);
    expect(text).toMatch(/^ {2}TTFT first turns P99 +.* too few$/m);
  });

  test('names what got worse and why to read with care', () => {
    expect(lines[lines.indexOf('What got worse:') + 1]).toBe('  errors');
    expect(text).toContain('  errors: llm-d: 5 of 480 requests failed (5 timeout).');
  });

  test('leaves the section on documents out where their kind is unknown', () => {
    expect(textReport(comparison, { facts: {}, settings: [] })).not.toContain('TTFT by Document Type');
  });
});

describe('the live summary', () => {
  const context = { progress: '212 of 480 requests' };
  const crowded = compare(
    { records: records('vllm', { miss: 0.5 }), observation: { engine: { name: 'vllm', version: '0.20.2' } } },
    {
      records: records('llm-d', few).map((one, index) =>
        index < 9 ? { ...one, ...failure('http_429') } : one,
      ),
      observation: {
        balance: { gpu: null, running: null, tokens: { cv: 1.66, max_to_mean: 3.9 } },
        replicas: replicas([1, 1, 97, 1]),
        gpu_model: 'NVIDIA H200',
        replica_count: 5,
        kv_capacity_tokens: 5,
        up: false,
      },
    },
  );

  test.each([
    ['an ordinary run', compare({}, { records: records('llm-d', { later_ms: 60 }) })],
    ['many caveats', crowded],
    ['no data', compare({ records: [] }, { records: [] })],
  ])('fits a screen of 28 lines of 100 columns with %s', (_, comparison) => {
    const lines = liveSummary(comparison, context);
    expect(lines.length).toBeLessThanOrEqual(LIVE_LINES);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(LIVE_COLUMNS);
    expect(lines[0]).toBe('212 of 480 requests');
  });

  test('begins with the verdict and cuts no value', () => {
    const lines = liveSummary(compare({}, { records: records('llm-d', { later_ms: 60 }) }), {
      progress: null,
    });
    expect(lines[0]).toMatch(/^llm-d answers sooner/);
    expect(lines.join('\n')).not.toContain('…');
    expect(lines.join('\n')).toMatch(
      /Cache hit rate +\d\d\.\d % +\d\d\.\d %\n {4}expected +random .* sticky/,
    );
  });
});

test('conversations are completed when they came to the last turn without a failure', () => {
  const facts = targetFacts([
    record('vllm', 'a', 1),
    record('vllm', 'a', 2),
    record('vllm', 'b', 1),
    record('vllm', 'c', 1),
    record('vllm', 'c', 2, failure('timeout')),
    record('vllm', 'd', 1, { warmup: true }),
  ]);
  expect(facts).toMatchObject({ requests: 5, completed: 1, started: 3, total_seconds: 1, documents: [] });
  expect(targetFacts([])).toEqual({
    requests: 0,
    total_seconds: null,
    completed: 0,
    started: 0,
    documents: [],
  });
});
