import { failure, input, records } from '../../../test/stats/workload';
import { compareNow } from '../compare/comparison';
import type { Comparison } from '../model/comparison';
import { levelBlocks } from './level-report';
import { keptUpCell, loadOf, saturationCell } from './load';
import { markdownReport } from './markdown-report';

const comparison = compareNow(input({}, { records: records('llm-d', { later_ms: 100 }) }));
const { targets, comparisons } = comparison;
const context = { facts: {}, settings: [['Run', 'r_1 <b>'] as const] };

test('Markdown has the sections as headings and tables, and nothing from outside is markup in it', () => {
  const evil = { ...targets[0]!, model: 'a|b\n# c [x](y) <img>' };
  const text = markdownReport({ ...comparison, targets: [evil, targets[1]!] }, context);
  expect(text).toContain('# BENCHMARK SUMMARY\n\n**llm-d answers sooner: P95 TTFT of later turns');
  expect(text).toContain('- Run: r\\_1 &lt;b&gt;');
  expect(text).toContain('| Model | a\\|b \\# c \\[x\\](y) &lt;img&gt; | ');
  expect(text).toContain(
    '## First Turn vs Subsequent Turns (Prefix Caching Indicator)\n\n|  | vllm (baseline) | llm-d (candidate) |\n| --- | --- | --- |\n',
  );
  expect(text).toMatch(/\| TTFT later turns P95 \| 0\.\d\d \(0\.\d\d–0\.\d\d\) \| faster \|/);
  const columns = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| TTFT') && line.includes('requests)'));
  for (const line of columns) expect(line.replace(/\\\|/g, '').split('|')).toHaveLength(5);
});

test('a ladder has a block per level, with its verdict and what to mind', () => {
  const levels: Comparison['levels'] = [
    { level: 0.5, unit: 'qps', targets, comparisons },
    { level: 8, unit: 'concurrency', targets, comparisons },
  ];
  const blocks = levelBlocks({ ...comparison, levels });
  expect(blocks.map(({ title }) => title)).toEqual(['0.5 requests per second', '8 at a time']);
  expect(blocks[0]?.notes[0]).toMatch(/^llm-d answers sooner: P95 TTFT of later turns/);
  expect(blocks[0]?.rows.map(([label]) => label)).toContain('TTFT later turns P99');
  expect(markdownReport({ ...comparison, levels }, context)).toContain(
    '## Load levels\n\n### 0.5 requests per second\n\n| ',
  );
});

describe('load', () => {
  const facts = { offered: 'x', cut_short: 0, skipped_down: 0, skipped_saturated: 0, given_up: 0 };

  test('lag is of counted requests only, and none is negative', () => {
    const some = records('vllm', { conversations: 2 }).map((one, index) => ({
      ...one,
      intended_ms: 100,
      sent_ms: index === 0 ? 90 : 110,
      ...(index === 1 && { warmup: true as const, sent_ms: 9000 }),
    }));
    expect(loadOf(some, facts).send_lag_p99_seconds).toBeCloseTo(0.01, 9);
    expect(loadOf([], facts)).toMatchObject({ send_lag_p99_seconds: null, trend: null });
  });

  test('a target whose TTFT grows through the run is called saturated', () => {
    const growing = records('vllm', {}).map((one, index) => ({
      ...one,
      sent_at: index,
      ttft_ms: 100 + index * 3,
    }));
    expect(saturationCell(loadOf(growing, facts))).toMatch(
      /^target saturated: TTFT grew (\d+\.\d-fold|many-fold) through the run$/,
    );
    const steady = growing.map((one, index) => ({ ...one, ttft_ms: 100 + (index % 7) }));
    expect(saturationCell(loadOf(steady, facts))).toBe('no: TTFT does not grow through the run');
    expect(saturationCell(loadOf(growing.slice(0, 20), facts))).toBe('too few requests to tell');
    expect(saturationCell({ ...loadOf(growing, facts), trend: undefined })).toBe('see the load levels');
    const failing = growing.map((one) => ({ ...one, ...failure('timeout') }));
    expect(saturationCell(loadOf(failing, facts))).toBe('too few requests to tell');
  });

  test('conversations that were not played whole are counted by their reason', () => {
    const load = loadOf([], { ...facts, cut_short: 2, skipped_down: 1, skipped_saturated: 12_000 });
    expect(keptUpCell(load)).toBe(
      '2 conversations cut short, 1 not started (down), 12 000 not started (target too slow)',
    );
    expect(keptUpCell(loadOf([], { ...facts, given_up: 48 }))).toBe('48 given up (down)');
    expect(keptUpCell(loadOf([], facts))).toBe('all conversations played');
  });
});
