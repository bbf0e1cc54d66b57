import { engineReading, gpuReading } from '../../../test/support/readings';
import type { TargetObservation } from '../model/observation';
import type { ReplicaSnapshot, ScrapeSnapshot, TargetSnapshot } from '../scrape/scraper';
import { serverHistograms, serverRows, type TargetFacts } from './rows-servers';

const OBSERVED: TargetObservation = {
  name: 'vllm',
  up: true,
  model: 'by-page',
  engine: { name: 'vllm', version: '0.32.0' },
  replica_count: 1,
  replicas: [],
  hit_rate: { value: 0.4, source: 'x' },
  balance: { gpu: { cv: 0.1, max_to_mean: 1.2 }, running: null, tokens: null },
  block_size: 16,
  kv_capacity_tokens: null,
  gpu_model: null,
  kv_cache_usage_max: null,
  prompt_tokens: null,
  preemptions: null,
  queries_per_prompt_token: null,
};

const FACTS: TargetFacts = {
  name: 'vllm',
  role: 'baseline',
  up: true,
  model: 'asked-for',
  traffic_share: null,
};
const GOOD = { success: true, reason: null, detail: null, duration_seconds: 0.01, missing: [] };

function replica(overrides: Partial<ReplicaSnapshot> = {}): ReplicaSnapshot {
  const reading = engineReading(
    { requests_running: 3, prompt_tokens_total: 700, preemptions_total: 0 },
    { finished_by_reason: { stop: 2, length: 5 } },
  );
  return {
    name: 'r0',
    up: true,
    version: null,
    hit_rate: null,
    reading,
    gpus: [],
    scrape: GOOD,
    ...overrides,
  };
}

function snapshot(overrides: Partial<TargetSnapshot> = {}): ScrapeSnapshot {
  const target = {
    name: 'vllm',
    observation: OBSERVED,
    discovery: null,
    listed: 2,
    replicas: [],
    router: null,
  };
  return { targets: [{ ...target, ...overrides }], gpu_sources: [], unjoined_gpus: [] };
}

/** `name{label=value,…} value`, as on the page. */
const printed = (shot: ScrapeSnapshot, facts = [FACTS]) =>
  serverRows(shot, facts).map(
    ({ metric, labels, value }) =>
      `${metric.replace('taillight_', '')}{${Object.entries(labels)
        .map(([name, text]) => `${name}=${text}`)
        .join(',')}} ${value}`,
  );

test('a target is told with its facts; what the probes ask for goes before what a page says; unknown has no row', () => {
  expect(printed(snapshot())).toEqual([
    'target_up{target=vllm} 1',
    'target_replicas{target=vllm} 1',
    'target_replicas_listed{target=vllm} 2',
    'target_info{target=vllm,model=asked-for,engine=vllm,version=0.32.0,role=baseline} 1',
    'target_prefix_cache_hit_ratio{target=vllm} 0.4',
    'target_balance_cv{target=vllm,resource=gpu} 0.1',
    'target_balance_max_to_mean{target=vllm,resource=gpu} 1.2',
  ]);
});

test('a target without facts is not configured any more and has no row', () => {
  expect(printed(snapshot(), [])).toEqual([]);
});

test('a replica is mirrored with every value that its page tells, zero included', () => {
  expect(printed(snapshot({ replicas: [replica({ hit_rate: 0 })] }))).toEqual(
    expect.arrayContaining([
      'replica_up{target=vllm,replica=r0} 1',
      'replica_prefix_cache_hit_ratio{target=vllm,replica=r0} 0',
      'replica_requests_running{target=vllm,replica=r0} 3',
      'replica_prompt_tokens_total{target=vllm,replica=r0} 700',
      'replica_preemptions_total{target=vllm,replica=r0} 0',
      'replica_requests_finished_total{target=vllm,replica=r0,reason=stop} 2',
      'replica_requests_finished_total{target=vllm,replica=r0,reason=length} 5',
      'scrape_success{target=vllm,replica=r0,source=engine,reason=} 1',
    ]),
  );
});

test('a replica whose scrape failed has its state and no values', () => {
  const scrape = { ...GOOD, success: false, reason: 'timeout' as const, detail: 'x' };
  const failed = replica({ up: false, reading: null, scrape });
  expect(printed(snapshot({ replicas: [failed] })).filter((line) => line.includes('r0'))).toEqual([
    'replica_up{target=vllm,replica=r0} 0',
    'scrape_success{target=vllm,replica=r0,source=engine,reason=timeout} 0',
    'scrape_duration_seconds{target=vllm,replica=r0,source=engine} 0.01',
  ]);
  expect(serverHistograms(snapshot({ replicas: [failed] }))).toEqual([]);
});

test('slices of one GPU are told apart, a GPU without UUID goes by its number', () => {
  const gpus = [
    gpuReading({ gpu: '0', uuid: 'GPU-a', power_watts: 1 }),
    gpuReading({ gpu: '1/3', uuid: 'GPU-b', power_watts: 2 }),
    gpuReading({ gpu: '1/4', uuid: 'GPU-b', power_watts: 3 }),
    gpuReading({ gpu: '2', uuid: null, power_watts: 4 }),
  ];
  expect(
    printed(snapshot({ replicas: [replica({ gpus })] })).filter((line) =>
      line.startsWith('replica_gpu_power'),
    ),
  ).toEqual([
    'replica_gpu_power_watts{target=vllm,replica=r0,gpu=GPU-a} 1',
    'replica_gpu_power_watts{target=vllm,replica=r0,gpu=GPU-b/3} 2',
    'replica_gpu_power_watts{target=vllm,replica=r0,gpu=GPU-b/4} 3',
    'replica_gpu_power_watts{target=vllm,replica=r0,gpu=2} 4',
  ]);
});

test("the engines' histograms keep their buckets", () => {
  const ttft_seconds = {
    buckets: [
      { le: 0.1, count: 1 },
      { le: Infinity, count: 2 },
    ],
    count: 2,
    sum: 0.7,
  };
  const histograms = { ttft_seconds, itl_seconds: null, e2e_seconds: null, queue_seconds: null };
  const shot = snapshot({ replicas: [replica({ reading: engineReading({}, { histograms }) })] });
  expect(serverHistograms(shot)).toEqual([
    {
      metric: 'taillight_replica_ttft_seconds',
      labels: { target: 'vllm', replica: 'r0' },
      ...ttft_seconds,
    },
  ]);
});

test('a router that fails says so and nothing else', () => {
  const scrape = { ...GOOD, success: false, reason: 'http_status' as const, detail: 'x' };
  expect(
    printed(snapshot({ router: { reading: null, scrape } })).filter((line) => line.includes('router')),
  ).toEqual([
    'scrape_success{target=vllm,replica=,source=router,reason=http_status} 0',
    'scrape_duration_seconds{target=vllm,replica=,source=router} 0.01',
  ]);
});
