import { compareNow } from '../compare/comparison';
import type { TargetObservation } from '../model/observation';
import type { TimedRecord } from '../model/record';
import { resultsComparison } from './results-comparison';

const OPTIONS = { resamples: 300, seed: 1, min_effect: 0.05 };

const observation = (name: string): TargetObservation => ({
  name,
  up: true,
  model: 'm',
  engine: { name: 'vllm', version: '1' },
  replica_count: 4,
  replicas: [],
  hit_rate: null,
  balance: { gpu: null, running: null, tokens: null },
  block_size: 16,
  kv_capacity_tokens: null,
  gpu_model: null,
  kv_cache_usage_max: null,
  prompt_tokens: null,
  preemptions: null,
  queries_per_prompt_token: null,
});

/** 40 conversations of 10 turns: first turns of 500 ms, later ones of `later_ms`; all differ a little. */
const records = (target: string, later_ms: number, start: number): TimedRecord[] =>
  Array.from({ length: 400 }, (_, i) => {
    const [conversation, turn] = [Math.floor(i / 10), (i % 10) + 1];
    const ttft_ms = (turn === 1 ? 500 : later_ms) * (1 + ((conversation * 7 + turn) % 10) / 100);
    return {
      request_id: `r/${target}/${conversation}/${turn}`,
      run: 'r',
      target,
      conversation: `c${conversation}`,
      round: 0,
      turn,
      intended_ms: i * 100,
      sent_ms: i * 100,
      sent_at: start + i / 10,
      ttft_ms,
      e2e_ms: ttft_ms + 100,
      tpot_ms: null,
      itl_ms: null,
      prompt_tokens: 1000,
      cached_tokens: turn === 1 ? 0 : 800,
      completion_tokens: 10,
      outcome: 'ok',
      http_status: 200,
    };
  });

function printed(vllm_ms: number, llmd_ms: number): string {
  const all = new Map([
    ['vllm', records('vllm', vllm_ms, 1000)],
    ['llm-d', records('llm-d', llmd_ms, 2000)],
  ]);
  const comparison = compareNow({
    generated: new Date(0),
    baseline: 'vllm',
    targets: [
      { role: 'baseline', observation: observation('vllm'), records: all.get('vllm')! },
      { role: 'candidate', observation: observation('llm-d'), records: all.get('llm-d')! },
    ],
    client: { event_loop_delay_p50_seconds: null, event_loop_delay_p99_seconds: null },
    options: OPTIONS,
  });
  return resultsComparison({ comparison, records: all, options: OPTIONS });
}

const rowOf = (text: string, metric: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`| ${metric} `))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(1, -1);

test('a candidate of half the time is faster, its cache twice the help, the tail of first turns unmoved', () => {
  const text = printed(200, 100);
  expect(rowOf(text, 'P95 TTFT, later turns')?.at(-1)).toBe('50 % faster');
  expect(rowOf(text, 'P50 TTFT, first turns')?.at(-1)).toBe('no difference shown');
  expect(rowOf(text, 'Cache speed-up (first / later turns)')).toMatchObject([
    'Cache speed-up (first / later turns)',
    expect.stringMatching(/^2\.50x \(2\.\d\dx–2\.\d\dx\)$/),
    expect.stringMatching(/^5\.00x \([45]\.\d\dx–5\.\d\dx\)$/),
    expect.stringMatching(/^2\.00 \(/),
    '100 % higher',
  ]);
  expect(rowOf(text, 'Cache hit rate')?.at(-1)).toBe('no difference shown');
  expect(text).toContain('1. llm-d answers sooner: P95 TTFT of later turns');
  expect(text).toMatch(/2\. P99 over all turns: no difference shown\. It consists of first turns/);
  expect(text).not.toContain('not shown to be better');
  expect(text).toContain('windows_apart: ');
});

test('a candidate that is slower is called slower, and nothing is said in its favour', () => {
  const text = printed(100, 200);
  expect(rowOf(text, 'P95 TTFT, later turns')?.at(-1)).toBe('100 % slower');
  expect(rowOf(text, 'Cache speed-up (first / later turns)')?.at(-1)).toBe('50 % lower');
  expect(text).toContain('1. llm-d answers later: ');
  expect(text).toContain('2. llm-d is not shown to be better here');
  expect(text).toMatch(/What got worse: .*TTFT later turns P95/s);
});

test('equal targets show no difference in any row', () => {
  const text = printed(150, 150);
  expect(text).toContain('1. No difference shown: ');
  expect(text).not.toMatch(/(faster|slower|higher|lower) +(\||\()/);
  expect(text).toContain('about the same (one value each, no interval)');
});

test('without two targets it says so', () => {
  const comparison = {
    schema: 'taillight.comparison/1',
    generated: '',
    baseline: 'vllm',
    targets: [],
    comparisons: [],
  } as const;
  expect(
    resultsComparison({
      comparison: { ...comparison, targets: [], comparisons: [] },
      records: new Map(),
      options: OPTIONS,
    }),
  ).toBe('Results Comparison: there are no two targets to compare.');
});
