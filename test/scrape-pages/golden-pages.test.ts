import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectJson } from '../../exporter/src/scrape/inspect-report';
import { readPage } from '../../exporter/src/scrape/read-page';

const PAGES = join(__dirname, '../fixtures/pages');
const GOLDEN = join(__dirname, '../golden/pages');
const files = readdirSync(PAGES).filter((file) => file !== 'README.md');

function inspectFile(path: string) {
  const page = readPage(readFileSync(path));
  if (!page.ok) throw new Error(page.detail);
  return inspectJson(page.reading);
}

/** An independent reading: lines found by a pattern, numbers added. Null without such a line. */
function search(text: string, name: string, label = ''): number | null {
  const found = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}\\n]*${label}[^}\\n]*\\})? (\\S+)$`, 'gm'))];
  return found.length === 0 ? null : found.reduce((total, [, value]) => total + Number(value), 0);
}

test('every recorded page has its golden file', () => {
  expect(files.length).toBe(34);
  expect(readdirSync(GOLDEN).sort()).toEqual(files.map((file) => `${file}.json`).sort());
});

describe.each(files)('%s', (file) => {
  const golden = join(GOLDEN, `${file}.json`);
  const text = readFileSync(join(PAGES, file), 'utf8');

  test('reads as its golden file says', () => {
    const actual = inspectFile(join(PAGES, file));
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeFileSync(golden, `${JSON.stringify(actual, null, 2)}\n`);
    }
    expect(actual).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });

  test('has golden values that a plain search of the page finds too', () => {
    const { values, histograms, samples, router } = JSON.parse(readFileSync(golden, 'utf8'));
    expect(samples).toBe(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length);
    const simulator = file.startsWith('sim-');
    const engine = (name: string, zero: number | null = null) => search(text, `vllm:${name}`) ?? zero;
    const zero = simulator ? 0 : null;
    expect(values).toMatchObject({
      prompt_tokens_total: engine('prompt_tokens_total', zero),
      cached_prompt_tokens_total: engine('prompt_tokens_cached_total'),
      prefix_cache_queries_total: engine('prefix_cache_queries_total', zero),
      prefix_cache_hits_total: engine('prefix_cache_hits_total', zero),
      generation_tokens_total: engine('generation_tokens_total', zero),
      requests_running: engine('num_requests_running'),
      requests_waiting: engine('num_requests_waiting'),
      kv_cache_usage_ratio: engine('kv_cache_usage_perc'),
      preemptions_total: engine('num_preemptions_total'),
      requests_finished_total: engine('request_success_total', zero),
    });
    for (const [ours, name] of [
      ['ttft_seconds', 'time_to_first_token_seconds'],
      ['itl_seconds', 'inter_token_latency_seconds'],
      ['e2e_seconds', 'e2e_request_latency_seconds'],
      ['queue_seconds', 'request_queue_time_seconds'],
    ] as const) {
      expect(histograms[ours]?.count ?? null).toBe(engine(`${name}_count`));
      expect(histograms[ours]?.sum ?? null).toBe(engine(`${name}_sum`));
    }
    if (!file.startsWith('epp-')) return;
    expect(router).toMatchObject({
      ready_endpoints: search(text, 'llm_d_epp_ready_endpoints'),
      requests_total: search(text, 'llm_d_epp_request_total'),
    });
    for (const [endpoint, times] of Object.entries(router.decisions_by_endpoint)) {
      expect(times).toBe(search(text, 'llm_d_epp_scheduler_attempts_total', `endpoint_name="${endpoint}"`));
    }
  });
});

test('the fleet of simulators gives the hit rates that its recording states', () => {
  const rate = (side: string) => {
    const sums = { hits: 0, queries: 0 };
    for (const replica of [0, 1, 2, 3]) {
      const [before, after] = ['before', 'after'].map(
        (when) => inspectFile(join(PAGES, `sim-fleet-${side}-${replica}-${when}.prom`)).values,
      );
      sums.hits += (after?.prefix_cache_hits_total ?? NaN) - (before?.prefix_cache_hits_total ?? NaN);
      sums.queries +=
        (after?.prefix_cache_queries_total ?? NaN) - (before?.prefix_cache_queries_total ?? NaN);
    }
    return sums;
  };
  expect(rate('llmd')).toEqual({ hits: 369_728, queries: 428_256 });
  expect(rate('plain')).toEqual({ hits: 233_504, queries: 428_256 });
});

test('a restart shows as a new start time and as counters from 0', () => {
  const before = inspectFile(join(PAGES, 'vllm-0.32-restart-before.prom'));
  const after = inspectFile(join(PAGES, 'vllm-0.32-restart-after.prom'));
  expect(after.process_start_time_seconds).toBeGreaterThan((before.process_start_time_seconds ?? NaN) + 60);
  expect(before.values.prompt_tokens_total).toBeGreaterThan(0);
  expect(after.values.prompt_tokens_total).toBe(0);
  expect([before.values.kv_capacity_tokens, after.values.kv_capacity_tokens]).toEqual([131_072, 20_480]);
});

test('the two formats of one endpoint say the same', () => {
  const text = inspectFile(join(PAGES, 'epp-after.prom'));
  const openMetrics = inspectFile(join(PAGES, 'epp-after.openmetrics.txt'));
  expect([text.format, openMetrics.format]).toEqual(['text', 'openmetrics']);
  expect(openMetrics).toEqual({ ...text, format: 'openmetrics' });
});
