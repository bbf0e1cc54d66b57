import type { RunningFleet } from '../../demo/fleet/main';
import { runFleet } from '../../demo/fleet/main';
import { CALIBRATED, scaled } from '../../demo/fleet/latency-model';
import { Replica } from '../../demo/fleet/replica';
import { createTokenizer } from '../../demo/fleet/tokenizer';
import { fixture, get, shape, total } from './pages';
import { chat, play } from './player';

/** The recorded server: 1024 blocks of 128 tokens, `--max-model-len 16000`. */
const RECORDED = {
  model: 'tiny-qwen3',
  block_size: 128,
  blocks: 1024,
  max_model_len: 16_000,
  max_num_seqs: 64,
  max_num_queued_reqs: null,
  max_num_queued_tokens: null,
  latency: scaled(CALIBRATED, 1 / 20),
};

describe('the metrics page of a simulated replica', () => {
  let replica: Replica;
  beforeAll(async () => {
    replica = new Replica('parity-0', RECORDED, createTokenizer(), '127.0.0.1', 1);
    await replica.start(0);
  });
  afterAll(() => replica.kill());

  it('is, before any request, line by line that of a fresh vLLM 0.32 but for the values', async () => {
    const page = await get(`${replica.url}/metrics`);
    expect(page.type).toBe('text/plain; version=1.0.0; charset=utf-8');
    expect(shape(page.text)).toEqual(shape(fixture('vllm-0.32-idle.prom')));
  });

  it('has, after the same kinds of requests, the families, labels and buckets of a busy vLLM 0.32', async () => {
    const messages = [{ role: 'user', content: 'How long is the coast?' }];
    const extra = { model: RECORDED.model };
    expect((await chat(`${replica.url}/v1`, messages, 5, extra)).status).toBe(200);
    expect((await chat(`${replica.url}/v1`, messages, -1, extra)).status).toBe(400);
    await get(`${replica.url}/v1/models`);
    await get(`${replica.url}/nowhere`);
    const page = shape((await get(`${replica.url}/metrics`)).text);
    const recorded = shape(fixture('vllm-0.32-busy.prom'));
    // The recorded server also answered /v1/completions and a POST to nowhere, which this one was not asked.
    const asked = recorded.series.filter(
      (series) => !series.includes('"/v1/completions"') && !/handler="none".*method="POST"/.test(series),
    );
    expect(page.headers).toEqual(recorded.headers);
    expect([...page.series].sort()).toEqual([...asked].sort());
  });

  it('writes numbers as the Python client does', async () => {
    const page = (await get(`${replica.url}/metrics`)).text;
    expect(page).toContain(
      'vllm:engine_sleep_state{engine="0",model_name="tiny-qwen3",sleep_state="awake"} 1.0\n',
    );
    expect(page).toContain('process_virtual_memory_bytes 4.535345152e+09\n');
    expect(page).toMatch(/process_start_time_seconds 1\.\d+e\+09\n/);
  });
});

describe('the other pages of a running fleet', () => {
  let fleet: RunningFleet;
  beforeAll(async () => {
    fleet = await runFleet({
      scenario: 'multi-turn',
      replicas: 2,
      host: '127.0.0.1',
      base_port: 0,
      seed: 1,
      speed: 25,
    });
    await play({
      url: fleet.candidate.url,
      conversations: 6,
      turns: 3,
      documentWords: 400,
      concurrency: 3,
      seed: 1,
      nonce: 'pages',
    });
    // The pool gauges are refreshed every 5 s / 25.
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  afterAll(() => fleet.stop());

  it('EPP: families, HELP, types, labels and buckets are those of the recorded endpoint picker', async () => {
    const page = shape((await get(fleet.candidate.router_metrics_url)).text);
    const anonymous = (series: string) =>
      series.replace(
        /(endpoint_name|model_server_endpoint|port|commit|build_ref|name|namespace)="[^"]*"/g,
        '$1',
      );
    const recorded = shape(fixture('llm-d-epp-busy.prom'));
    const known = new Set(
      recorded.series.map(anonymous).map((series) => series.replace(/Qwen\/Qwen3-0.6B/g, 'm')),
    );
    const strange = page.series
      .map(anonymous)
      .map((series) => series.replace(/Qwen\/Qwen3-0.6B/g, 'm'))
      .filter((series) => !known.has(series));
    expect(strange).toEqual([]);
    expect(page.headers.filter((line) => !recorded.headers.includes(line))).toEqual([]);
    expect(page.headers.length).toBeGreaterThanOrEqual(2 * 25);
  });

  it('EPP: counts what passed, and the decisions by endpoint name', async () => {
    const page = (await get(fleet.candidate.router_metrics_url)).text;
    expect(total(page, 'llm_d_epp_request_total')).toBe(18);
    expect(total(page, 'llm_d_epp_scheduler_attempts_total', 'status="success"')).toBe(18);
    expect(total(page, 'llm_d_epp_scheduler_attempts_total', 'endpoint_name="llm-d-')).toBe(18);
    expect(total(page, 'llm_d_epp_ready_endpoints')).toBe(2);
    expect(total(page, 'llm_d_epp_request_ttft_seconds_count', 'streaming="true"')).toBe(18);
    expect(total(page, 'llm_d_epp_request_output_tokens_sum')).toBe(18 * 16);
    const engine = await Promise.all(
      fleet.candidate.replicas.map((replica) => get(`${replica.url}/metrics`)),
    );
    const cached = engine.reduce((sum, { text }) => sum + total(text, 'vllm:prompt_tokens_cached_total'), 0);
    expect(cached).toBeGreaterThan(0);
    expect(total(page, 'llm_d_epp_request_cached_tokens_sum')).toBe(cached);
    expect((await get(fleet.candidate.router_metrics_url.replace('/metrics', '/healthz'))).status).toBe(200);
  });

  it('DCGM: one GPU per replica with its pod, and activity between 0 and 1', async () => {
    const { text } = await get(fleet.gpu_metrics_url);
    const active = text.split('\n').filter((line) => line.startsWith('DCGM_FI_PROF_GR_ENGINE_ACTIVE{'));
    expect(active.map((line) => /pod="([^"]*)"/.exec(line)?.[1])).toEqual([
      'vllm-0',
      'vllm-1',
      'llm-d-0',
      'llm-d-1',
    ]);
    for (const line of active) {
      const value = Number(line.slice(line.lastIndexOf(' ') + 1));
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
      expect(line).toMatch(/UUID="GPU-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"/);
      expect(line).toMatch(/hostname="[^"]+"/);
    }
    expect(new Set(active.map((line) => /UUID="([^"]*)"/.exec(line)?.[1])).size).toBe(4);
    expect(total(text, 'DCGM_FI_DEV_FB_USED') + total(text, 'DCGM_FI_DEV_FB_FREE')).toBe(4 * 143_771);
  });
});
