import type { EngineReading } from '../../model/reading';
import { readPage } from '../read-page';

function read(text: string): { engine: EngineReading; notes: string[] } {
  const page = readPage(text);
  if (!page.ok) throw new Error(page.detail);
  const { source, engine, notes = [] } = page.reading;
  expect(source).toBe('vllm');
  if (engine === null) throw new Error('no engine');
  return { engine, notes };
}

describe('engines of one process', () => {
  const text = `
vllm:num_requests_running{engine="0",model_name="m"} 3
vllm:num_requests_running{engine="1",model_name="m"} 5
vllm:num_requests_waiting{engine="0",model_name="m"} 0
vllm:num_requests_waiting{engine="1",model_name="m"} 2
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.2
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.6
vllm:prompt_tokens_total{engine="0",model_name="m"} 100
vllm:prompt_tokens_total{engine="1",model_name="m"} 40
vllm:request_success_total{engine="0",finished_reason="stop",model_name="m"} 1
vllm:request_success_total{engine="1",finished_reason="stop",model_name="m"} 2
vllm:request_success_total{engine="1",finished_reason="abort",model_name="m"} 4
vllm:cache_config_info{block_size="16",engine="0",num_gpu_blocks="100"} 1
vllm:cache_config_info{block_size="16",engine="1",kv_cache_size_tokens="1500",num_gpu_blocks="100"} 1
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1",model_name="m"} 1
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.5",model_name="m"} 3
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="m"} 4
vllm:time_to_first_token_seconds_bucket{engine="1",le="0.5",model_name="m"} 10
vllm:time_to_first_token_seconds_bucket{engine="1",le="+Inf",model_name="m"} 11
vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 4
vllm:time_to_first_token_seconds_count{engine="1",model_name="m"} 11
vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 2.5
vllm:time_to_first_token_seconds_sum{engine="1",model_name="m"} 1.5
`;

  test('are added up, except that KV use is averaged', () => {
    expect(read(text).engine.values).toMatchObject({
      requests_running: 8,
      requests_waiting: 2,
      kv_cache_usage_ratio: 0.4,
      prompt_tokens_total: 140,
      requests_finished_total: 7,
      kv_capacity_tokens: 1600 + 1500,
    });
    expect(read(text).engine.finished_by_reason).toEqual({ stop: 3, abort: 4 });
  });

  test('histograms are added bound by bound, without bounds that only some engines have', () => {
    expect(read(text).engine.histograms.ttft_seconds).toEqual({
      buckets: [
        { le: 0.5, count: 13 },
        { le: Infinity, count: 15 },
      ],
      count: 15,
      sum: 4,
    });
  });

  test('what the page does not tell is null and named as missing', () => {
    const { engine } = read(text);
    expect(engine.values.preemptions_total).toBeNull();
    expect(engine.values.cached_prompt_tokens_total).toBeNull();
    expect(engine.missing).toEqual([
      'cached_prompt_tokens_total',
      'prefix_cache_queries_total',
      'prefix_cache_hits_total',
      'generation_tokens_total',
      'preemptions_total',
      'itl_seconds',
      'e2e_seconds',
      'queue_seconds',
    ]);
  });

  test('a gauge that several API processes repeat is not counted once per process', () => {
    const { engine } = read(`
vllm:num_requests_running{engine="0",model_name="m",pid="11"} 3
vllm:num_requests_running{engine="0",model_name="m",pid="12"} 4
vllm:num_requests_running{engine="1",model_name="m",pid="11"} 7
vllm:kv_cache_usage_perc{engine="0",model_name="m",pid="11"} 0.1
vllm:kv_cache_usage_perc{engine="0",model_name="m",pid="12"} 0.3
vllm:kv_cache_usage_perc{engine="1",model_name="m",pid="11"} 0.5
vllm:prompt_tokens_total{engine="0",model_name="m"} 9
`);
    expect(engine.values).toMatchObject({
      requests_running: 11,
      kv_cache_usage_ratio: 0.4,
      prompt_tokens_total: 9,
    });
  });
});

describe('names of every generation', () => {
  test.each([
    ['kserve_vllm:', 'kserve_vllm:'],
    ['ray_vllm:', 'ray_vllm:'],
    ['ray_vllm_', 'ray_vllm_'],
    ['vllm_', 'vllm_'],
  ])('the spelling %s is read', (_, prefix) => {
    const { engine, notes } = read(`
${prefix}num_requests_running{engine="0",model_name="m"} 3
${prefix}prompt_tokens_total{engine="0",model_name="m"} 10
`);
    expect(engine.values).toMatchObject({ requests_running: 3, prompt_tokens_total: 10 });
    expect(engine.aliases['prompt_tokens_total']).toBe(`${prefix}prompt_tokens_total`);
    expect(notes).toContain(`names begin with "${prefix}" instead of "vllm:"`);
  });

  test('a page that has vllm: and kserve_vllm: is counted once', () => {
    const { engine } = read(`
kserve_vllm:num_requests_running{engine="0",model_name="m"} 3
kserve_vllm:prompt_tokens_total{engine="0",model_name="m"} 10
vllm:num_requests_running{engine="0",model_name="m"} 3
vllm:prompt_tokens_total{engine="0",model_name="m"} 10
`);
    expect(engine.values).toMatchObject({ requests_running: 3, prompt_tokens_total: 10 });
    expect(engine.aliases['prompt_tokens_total']).toBe('vllm:prompt_tokens_total');
  });

  test('where old and new names stand side by side the new one is read, not the sum', () => {
    const { engine } = read(`
vllm:gpu_cache_usage_perc{engine="0",model_name="m"} 0.9
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.5
vllm:gpu_prefix_cache_queries_total{engine="0",model_name="m"} 7
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 70
vllm:time_per_output_token_seconds_count{engine="0",model_name="m"} 1
vllm:time_per_output_token_seconds_sum{engine="0",model_name="m"} 1
vllm:inter_token_latency_seconds_count{engine="0",model_name="m"} 2
vllm:inter_token_latency_seconds_sum{engine="0",model_name="m"} 3
`);
    expect(engine.engine_generation).toBe('vllm 0.10.2');
    expect(engine.values).toMatchObject({ kv_cache_usage_ratio: 0.5, prefix_cache_queries_total: 70 });
    expect(engine.histograms.itl_seconds).toMatchObject({ count: 2, sum: 3 });
  });

  test('V0 is read by its gauges and old names; its hit rate gauge is no counter', () => {
    const { engine } = read(`
vllm:num_requests_running{model_name="m"} 1.0
vllm:gpu_cache_usage_perc{model_name="m"} 0.25
vllm:gpu_prefix_cache_hit_rate{model_name="m"} -1.0
vllm:prompt_tokens_total{model_name="m"} 50.0
vllm:time_per_output_token_seconds_count{model_name="m"} 9
vllm:time_per_output_token_seconds_sum{model_name="m"} 0.9
`);
    expect(engine.engine_generation).toBe('vllm V0');
    expect(engine.values).toMatchObject({
      kv_cache_usage_ratio: 0.25,
      prompt_tokens_total: 50,
      prefix_cache_hits_total: null,
      generation_tokens_total: null,
    });
    expect(engine.histograms.itl_seconds).toMatchObject({ count: 9, sum: 0.9 });
  });

  test('counters without _total and with a doubled one are read', () => {
    const { engine } = read(`
vllm:num_requests_running{engine="0",model_name="m"} 0
vllm:prefix_cache_queries{engine="0",model_name="m"} 20
vllm:prefix_cache_hits{engine="0",model_name="m"} 5
vllm:generation_tokens_total_total{engine="0",model_name="m"} 6
`);
    expect(engine.values).toMatchObject({
      prefix_cache_queries_total: 20,
      prefix_cache_hits_total: 5,
      generation_tokens_total: 6,
    });
  });

  test('the Rust frontend is recognised by OpenMetrics without cache_config_info', () => {
    const { engine } = read(`# TYPE vllm:prompt_tokens counter
vllm:prompt_tokens_total{model_name="m",engine="0"} 5
# TYPE vllm:prompt_tokens_cached counter
vllm:prompt_tokens_cached_total{model_name="m",engine="0"} 2
# TYPE vllm:num_requests_waiting_by_reason gauge
vllm:num_requests_waiting_by_reason{model_name="m",engine="0",reason="capacity"} 0
# EOF
`);
    expect(engine.engine_generation).toBe('vllm >=0.20 (Rust frontend)');
    expect(engine.values).toMatchObject({ prompt_tokens_total: 5, cached_prompt_tokens_total: 2 });
  });

  test('a process without process metrics has its start from a _created gauge', () => {
    const { engine } = read(`
vllm:prompt_tokens_total{engine="0",model_name="m"} 5
vllm:prompt_tokens_created{engine="0",model_name="m"} 1.795e+09
`);
    expect(engine.process_start_time_seconds).toBe(1_795_000_000);
  });
});

describe('the simulator', () => {
  test('has 0 where a counter is absent, but only where it would ever tell', () => {
    const { engine } = read(`
vllm:num_requests_running{model_name="m"} 0
vllm:kv_cache_usage_perc{model_name="m"} 0
`);
    expect(engine.engine_generation).toBe('llm-d-inference-sim');
    expect(engine.values).toMatchObject({
      prompt_tokens_total: 0,
      prefix_cache_hits_total: 0,
      requests_finished_total: 0,
      cached_prompt_tokens_total: null,
      preemptions_total: null,
    });
  });

  test('is not assumed where an engine label stands: there an absent counter is unknown', () => {
    const { engine } = read('vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0\n');
    expect(engine.values.prompt_tokens_total).toBeNull();
  });

  test('spells the reason label differently', () => {
    const { engine } = read(`
vllm:num_requests_running{model_name="m"} 0
vllm:request_success_total{finish_reason="stop",model_name="m"} 2
vllm:request_success_total{finish_reason="length",model_name="m"} 3
`);
    expect(engine.finished_by_reason).toEqual({ stop: 2, length: 3 });
    expect(engine.values.requests_finished_total).toBe(5);
  });
});

test('NaN is no value', () => {
  const { engine } = read(`
vllm:num_requests_running{engine="0",model_name="m"} NaN
vllm:prompt_tokens_total{engine="0",model_name="m"} +Inf
`);
  expect(engine.values).toMatchObject({ requests_running: null, prompt_tokens_total: null });
  expect(engine.missing).toEqual(expect.arrayContaining(['requests_running', 'prompt_tokens_total']));
});

test('several models on one page are added up, and the page says so', () => {
  const { engine, notes } = read(`
vllm:prompt_tokens_total{engine="0",model_name="a"} 1
vllm:prompt_tokens_total{engine="0",model_name="b"} 2
`);
  expect(engine).toMatchObject({ model: 'a', values: { prompt_tokens_total: 3 } });
  expect(notes).toEqual(['several models on one page (a, b): their values are added up']);
});

test('a page of something else that begins with vllm_ is no model server', () => {
  const page = readPage('vllm_router_requests_total 5\n');
  expect(page).toMatchObject({ ok: true, reading: { source: 'unknown', engine: null, notes: [] } });
});
