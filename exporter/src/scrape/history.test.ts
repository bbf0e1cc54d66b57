import fc from 'fast-check';
import { engineReading } from '../../../test/support/readings';
import type { EngineValues } from '../model/reading';
import { hitRate, ratioOfSums, ReplicaHistory, type ReplicaWindow } from './history';

const SETTINGS = { window_seconds: 900, margin_seconds: 60 };

type Step = [at: number, values: Partial<EngineValues>, processStart?: number | null, gpu?: number | null];

function history(steps: Step[], settings = SETTINGS): ReplicaHistory {
  const made = new ReplicaHistory(settings);
  for (const [at, values, start = null, gpu = null] of steps) {
    made.add(at, engineReading(values, { process_start_time_seconds: start }), gpu);
  }
  return made;
}

const prompt = (value: number): Partial<EngineValues> => ({ prompt_tokens_total: value });
const delta = (made: ReplicaHistory, from: number, to: number) =>
  made.window(from, to).deltas.prompt_tokens_total;

describe('counters over a window', () => {
  test('the delta counts from the last reading before the window to the last one in it', () => {
    const made = history([
      [100, prompt(10)],
      [110, prompt(25)],
      [120, prompt(45)],
      [130, prompt(85)],
    ]);
    expect(delta(made, 110, 125)).toBe(20);
    expect(delta(made, 105, 200)).toBe(75);
    expect(made.window(105, 200)).toMatchObject({ readings: 3, seconds: 30, restarts: 0 });
  });

  test('a replica that appears with a past is not credited with that past', () => {
    const made = history([
      [500, prompt(1_000_000)],
      [510, prompt(1_000_300)],
    ]);
    expect(delta(made, 0, 600)).toBe(300);
  });

  test('one reading tells no delta, and none tells nothing at all', () => {
    expect(delta(history([[100, prompt(7)]]), 0, 200)).toBeNull();
    const empty = new ReplicaHistory(SETTINGS).window(0, 200);
    expect(empty).toMatchObject({
      readings: 0,
      seconds: 0,
      tokens_per_second: null,
      kv_cache_usage_max: null,
    });
    expect(Object.values(empty.deltas)).toEqual(Array(7).fill(null));
    expect(Object.values(empty.means)).toEqual(Array(4).fill(null));
  });

  test('a window after the last reading is empty, not a repetition of it', () => {
    const made = history([
      [100, prompt(1)],
      [110, prompt(2)],
    ]);
    expect(made.window(110, 300)).toMatchObject({ readings: 0, seconds: 0 });
    expect(delta(made, 110, 300)).toBeNull();
  });

  test('a counter that the page does not tell stays null beside those it tells', () => {
    const made = history([
      [100, { prompt_tokens_total: 5, generation_tokens_total: 1 }],
      [110, { prompt_tokens_total: 9, generation_tokens_total: 3 }],
    ]);
    expect(made.window(0, 200).deltas).toMatchObject({
      prompt_tokens_total: 4,
      generation_tokens_total: 2,
      cached_prompt_tokens_total: null,
    });
  });

  test('NaN and infinities tell nothing: the delta spans them', () => {
    const made = history([
      [100, { ...prompt(10), requests_running: 2 }],
      [110, { ...prompt(Number.NaN), requests_running: Number.NaN }],
      [120, { ...prompt(Number.POSITIVE_INFINITY), requests_running: Number.NEGATIVE_INFINITY }],
      [130, { ...prompt(50), requests_running: 4 }],
    ]);
    const window = made.window(0, 200);
    expect(window.deltas.prompt_tokens_total).toBe(40);
    expect(window.means.requests_running).toBe(3);
    expect(window.restarts).toBe(0);
  });

  test('a gap of failed scrapes inside the window is spanned', () => {
    const made = history([
      [100, prompt(10)],
      [110, prompt(20)],
      [400, prompt(320)],
      [410, prompt(330)],
    ]);
    expect(delta(made, 105, 410)).toBe(320);
  });

  test('after a gap longer than the margin nothing from before the window is counted in', () => {
    const made = history([
      [100, prompt(10)],
      [400, prompt(320)],
      [410, prompt(330)],
    ]);
    expect(delta(made, 390, 410)).toBe(10);
    expect(delta(made, 150, 410)).toBe(320);
  });
});

describe('restarts', () => {
  test('after a decrease the new value counts from 0', () => {
    const made = history([
      [100, prompt(500)],
      [110, prompt(600)],
      [120, prompt(40)],
      [130, prompt(70)],
    ]);
    expect(delta(made, 0, 200)).toBe(100 + 40 + 30);
    expect(made.window(0, 200).restarts).toBe(1);
  });

  test('a new process start is a restart even where the counter grew past its old value', () => {
    const made = history([
      [1000, prompt(500), 10],
      [1010, prompt(800), 1002],
    ]);
    expect(delta(made, 0, 2000)).toBe(800);
    expect(made.restarts).toBe(1);
  });

  test('a decrease of one counter restarts all of them, as they belong to one process', () => {
    const made = history([
      [100, { prompt_tokens_total: 500, prefix_cache_hits_total: 5 }],
      [110, { prompt_tokens_total: 60, prefix_cache_hits_total: 9 }],
    ]);
    expect(made.window(0, 200).deltas).toMatchObject({ prompt_tokens_total: 60, prefix_cache_hits_total: 9 });
  });

  test('a counter that a fresh process does not tell at first counts from 0 when it comes', () => {
    const made = history([
      [100, { prompt_tokens_total: 500, generation_tokens_total: 50 }, 10],
      [110, { generation_tokens_total: 0 }, 105],
      [120, { prompt_tokens_total: 80, generation_tokens_total: 8 }, 105],
    ]);
    expect(made.window(0, 200)).toMatchObject({
      restarts: 1,
      deltas: { prompt_tokens_total: 80, generation_tokens_total: 8 },
    });
  });

  test('a start that wobbles by a second with the clock is no restart', () => {
    const made = history([
      [1000, prompt(500), 10],
      [1010, prompt(510), 11],
    ]);
    expect(delta(made, 0, 2000)).toBe(10);
    expect(made.restarts).toBe(0);
  });

  test('two pods that answer in turn under one address give no invented tokens', () => {
    const made = history([
      [1000, prompt(500), 10],
      [1010, prompt(90_000), 400],
      [1020, prompt(510), 10],
      [1030, prompt(90_020), 400],
      [1040, prompt(90_050), 400],
    ]);
    expect(delta(made, 0, 2000)).toBe(30);
  });

  test('no sequence of values gives a negative delta, and without restarts it is last - first', () => {
    const values = fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(values, (list) => {
        const anyOrder = history(list.map((value, index) => [100 + index * 5, prompt(value)]));
        expect(delta(anyOrder, 0, 10_000)).toBeGreaterThanOrEqual(0);
        const sorted = [...list].sort((a, b) => a - b);
        const rising = history(sorted.map((value, index) => [100 + index * 5, prompt(value)]));
        expect(delta(rising, 0, 10_000)).toBe(sorted.at(-1)! - sorted[0]!);
      }),
    );
  });

  test('adjoining windows add up to the whole, wherever they are cut', () => {
    const increments = fc.array(fc.nat(1000), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(increments, fc.nat(200), (list, cut) => {
        let total = 0;
        const made = history(list.map((step, index) => [100 + index * 5, prompt((total += step))]));
        const end = 100 + list.length * 5;
        const parts = [delta(made, 0, 100 + cut), delta(made, 100 + cut, end)];
        expect((parts[0] ?? 0) + (parts[1] ?? 0)).toBe(delta(made, 0, end));
      }),
    );
  });
});

describe('gauges over a window', () => {
  test('means are over the readings inside, the largest KV use too', () => {
    const made = history([
      [100, { requests_running: 100, kv_cache_usage_ratio: 0.99 }, null, 0.1],
      [110, { requests_running: 2, requests_waiting: 0, kv_cache_usage_ratio: 0.25 }, null, 0.5],
      [120, { requests_running: 4, requests_waiting: 6, kv_cache_usage_ratio: 0.75 }, null, null],
      [130, { requests_running: 6, kv_cache_usage_ratio: 0.5 }, null, 1],
    ]);
    const { means, kv_cache_usage_max } = made.window(100, 130);
    expect(means).toEqual({
      requests_running: 4,
      requests_waiting: 3,
      kv_cache_usage_ratio: 0.5,
      gpu_utilization_ratio: 0.75,
    });
    expect(kv_cache_usage_max).toBe(0.75);
  });

  test('tokens per second are prompt and generation tokens over the time between the readings', () => {
    const made = history([
      [100, { prompt_tokens_total: 0, generation_tokens_total: 0 }],
      [110, { prompt_tokens_total: 900, generation_tokens_total: 100 }],
    ]);
    expect(made.window(0, 200).tokens_per_second).toBe(100);
  });

  test('queries per prompt token show an engine that counts waiting requests again', () => {
    const made = history([
      [100, { prompt_tokens_total: 0, prefix_cache_queries_total: 0 }],
      [110, { prompt_tokens_total: 100, prefix_cache_queries_total: 460 }],
    ]);
    expect(made.window(0, 200).queries_per_prompt_token).toBeCloseTo(4.6);
  });
});

describe('memory', () => {
  const fill = (made: ReplicaHistory, count: number, spacing: number) => {
    for (let index = 0; index <= count; index += 1) {
      made.add(1000 + index * spacing, engineReading({ ...prompt(index), requests_running: index % 2 }));
    }
  };
  const rowsOf = (made: ReplicaHistory) => (made as unknown as { rows: { length: number } }).rows.length;

  test('what lies before the horizon is forgotten but for one base reading', () => {
    const made = new ReplicaHistory({ window_seconds: 100, margin_seconds: 20 });
    fill(made, 1000, 5);
    expect(rowsOf(made)).toBe(25);
    expect(delta(made, 5900, 6000)).toBe(20);
    expect(made.window(5900, 6000).means.requests_running).toBe(0.5);
  });

  test('scrapes closer than the window can tell apart do not add rows, and lose no counts', () => {
    const made = new ReplicaHistory({ window_seconds: 20_480, margin_seconds: 60 });
    fill(made, 5000, 1);
    expect(rowsOf(made)).toBeLessThan(1000);
    expect(delta(made, 0, 10_000)).toBe(5000);
    expect(made.window(0, 10_000).readings).toBe(5001);
    expect(made.window(0, 10_000).means.requests_running).toBeCloseTo(2500 / 5001);
  });

  test('a clock that is set back gives up edges of windows, not counts', () => {
    const made = history([
      [1000, prompt(0)],
      [1010, prompt(10)],
      [1020, prompt(30)],
      [1005, prompt(60)],
      [1015, prompt(100)],
    ]);
    expect(delta(made, 0, 2000)).toBe(100);
    expect(delta(made, 1000, 1006)).toBe(60);
    expect(made.latest?.at).toBe(1015);
  });
});

describe('hit rate', () => {
  const window = (deltas: Partial<ReplicaWindow['deltas']>, aliases: Record<string, string> = {}) => ({
    ...new ReplicaHistory(SETTINGS).window(0, 1),
    deltas: { ...new ReplicaHistory(SETTINGS).window(0, 1).deltas, ...deltas },
    aliases,
  });

  test('tokens are summed over replicas before dividing', () => {
    const rate = hitRate([
      window({ prompt_tokens_total: 1000, cached_prompt_tokens_total: 900 }),
      window({ prompt_tokens_total: 100, cached_prompt_tokens_total: 0 }),
    ]);
    expect(rate?.value).toBeCloseTo(900 / 1100, 12);
  });

  test('cached / prompt tokens go before hits / queries, and the upstream names are told', () => {
    const both = window(
      {
        prompt_tokens_total: 100,
        cached_prompt_tokens_total: 50,
        prefix_cache_queries_total: 460,
        prefix_cache_hits_total: 46,
      },
      {
        prompt_tokens_total: 'vllm:prompt_tokens_total',
        cached_prompt_tokens_total: 'vllm:prompt_tokens_cached_total',
      },
    );
    expect(hitRate([both])).toEqual({
      value: 0.5,
      source: 'vllm:prompt_tokens_cached_total / vllm:prompt_tokens_total',
    });
  });

  test('replicas of mixed versions are summed by the pair that all of them tell', () => {
    const old = window({
      prompt_tokens_total: 100,
      prefix_cache_queries_total: 100,
      prefix_cache_hits_total: 20,
    });
    const young = window({
      prompt_tokens_total: 100,
      cached_prompt_tokens_total: 90,
      prefix_cache_queries_total: 100,
      prefix_cache_hits_total: 80,
    });
    expect(hitRate([old, young])).toEqual({
      value: 0.5,
      source: 'prefix_cache_hits_total / prefix_cache_queries_total',
    });
  });

  test('a replica that tells nothing does not hide what the others tell', () => {
    const told = window({ prompt_tokens_total: 100, cached_prompt_tokens_total: 25 });
    expect(hitRate([told, window({})])?.value).toBe(0.25);
  });

  test('without prompt tokens there is no hit rate: not 0, not NaN', () => {
    expect(hitRate([window({ prompt_tokens_total: 0, cached_prompt_tokens_total: 0 })])).toBeNull();
    expect(hitRate([])).toBeNull();
    expect(ratioOfSums([window({})], 'prefix_cache_queries_total', 'prompt_tokens_total')).toBeNull();
  });
});
