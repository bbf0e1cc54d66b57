import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectJson } from '../../exporter/src/scrape/inspect-report';
import { readPage } from '../../exporter/src/scrape/read-page';

const corpus = process.env['TAILLIGHT_CORPUS'];

/** Other people's pages are read in place and never copied. */
function corpusTest(
  name: string,
  file: string,
  check: (report: ReturnType<typeof inspectJson>) => void,
): void {
  if (corpus === undefined) {
    test.skip(`${name} (skipped: TAILLIGHT_CORPUS is not set)`, () => undefined);
    return;
  }
  test(name, () => {
    const page = readPage(readFileSync(join(corpus, file)));
    if (!page.ok) throw new Error(page.detail);
    check(inspectJson(page.reading));
  });
}

corpusTest('a vLLM 0.17-0.19 decode pod with NIXL', 'vllm-0.17to0.19-tinyllama-nixl-odh.prom', (report) => {
  expect(report).toMatchObject({
    format: 'text',
    samples: 493,
    source: 'vllm',
    model: 'TinyLlama',
    engine_generation: 'vllm 0.17-0.19',
    values: {
      prompt_tokens_total: 283_082,
      cached_prompt_tokens_total: 271_874,
      prefix_cache_queries_total: 283_082,
      prefix_cache_hits_total: 220_240,
      generation_tokens_total: 236_368,
      requests_running: 0,
      requests_waiting: 0,
      kv_cache_usage_ratio: 0,
      preemptions_total: 0,
      requests_finished_total: 11_208,
    },
    histograms: {
      ttft_seconds: { count: 11_208, sum: 170.70869898796082 },
      itl_seconds: { count: 225_160, sum: 855.245714241024 },
      e2e_seconds: { count: 11_208, sum: 1034.4819383621216 },
      queue_seconds: { count: 11_208, sum: 69.37363762095993 },
    },
    finished_by_reason: { stop: 6, length: 11_202, abort: 0, error: 0, repetition: 0 },
    block_size: 16,
    process_start_time_seconds: 1.7840233871e9,
    missing: [],
  });
});

corpusTest('a router that emits old and new names at once', 'llm-d-epp-dual-emission-odh.prom', (report) => {
  expect(report).toMatchObject({
    samples: 1359,
    source: 'epp',
    router: {
      ready_endpoints: 2,
      requests_total: 11_231,
      decisions_by_endpoint: { 'llmisvc-singlenode-pd-kserve-6788c598c4-pqm7b': 11_231 },
      generation: 'llm_d_epp',
    },
    router_version: null,
    missing: ['cached_tokens_total'],
  });
});

corpusTest('a DCGM exporter without HELP and TYPE lines', 'dcgm-exporter-T4-ericsson-busy.prom', (report) => {
  expect(report).toMatchObject({
    samples: 20,
    source: 'dcgm',
    aliases: { utilization_ratio: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE' },
    missing: ['pod'],
  });
  expect(report.gpus).toEqual([
    {
      gpu: '0',
      uuid: 'GPU-6d5c0ac5-74d7-3130-46f1-e93ed57f469a',
      model: 'Tesla T4',
      host: 'cp-bm14r7',
      pod: null,
      namespace: null,
      utilization_ratio: 0.156205,
      memory_used_bytes: 5120 * 2 ** 20,
      memory_total_bytes: 15_358 * 2 ** 20,
      power_watts: 68.244,
    },
  ]);
});
