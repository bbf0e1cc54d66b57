import { engineReading, gpuReading } from '../../../test/support/readings';
import type { EngineReading, EngineValues } from '../model/reading';
import { ReplicaHistory } from './history';
import { observe, type PresentReplica, type TargetState } from './observe';

const SPAN = { from: 1000, to: 1100 };

function pastOf(
  steps: [number, Partial<EngineValues>][],
  rest: Partial<Omit<EngineReading, 'values'>> = {},
  gpu: number | null = null,
): ReplicaHistory {
  const history = new ReplicaHistory({ window_seconds: 900, margin_seconds: 60 });
  for (const [at, values] of steps) history.add(at, engineReading(values, rest), gpu);
  return history;
}

function served(prompt: number, cached: number, running: number): [number, Partial<EngineValues>][] {
  const counters = (share: number) => ({
    prompt_tokens_total: 5000 + prompt * share,
    cached_prompt_tokens_total: 3000 + cached * share,
    generation_tokens_total: 100 * share,
    preemptions_total: 2 + share,
    kv_cache_usage_ratio: running / 10,
    requests_running: running,
    requests_waiting: 0,
    kv_capacity_tokens: 20_000,
  });
  return [
    [990, counters(0)],
    [1050, counters(0.5)],
    [1090, counters(1)],
  ];
}

const replica = (
  name: string,
  history: ReplicaHistory,
  rest: Partial<PresentReplica> = {},
): PresentReplica => ({
  name,
  up: true,
  history,
  version: '0.32.0',
  gpus: [],
  ...rest,
});

const state = (present: PresentReplica[], departed: ReplicaHistory[] = []): TargetState => ({
  name: 'llm-d',
  replica_count: present.length,
  present,
  departed,
});

test('a target is the sum of its replicas, with each of them beside it', () => {
  const observation = observe(
    state([
      replica('a', pastOf(served(900, 800, 6), { block_size: 16 }), { gpus: [gpuReading({})] }),
      replica('b', pastOf(served(100, 0, 2), { block_size: 16 })),
    ]),
    SPAN,
  );
  expect(observation).toMatchObject({
    name: 'llm-d',
    up: true,
    model: 'tiny',
    engine: { name: 'vllm', version: '0.32.0' },
    replica_count: 2,
    hit_rate: { value: 0.8, source: 'cached_prompt_tokens_total / prompt_tokens_total' },
    block_size: 16,
    kv_capacity_tokens: 20_000,
    gpu_model: 'H200',
    kv_cache_usage_max: 0.6,
    prompt_tokens: 1000,
    preemptions: 2,
    queries_per_prompt_token: null,
  });
  expect(observation.replicas).toEqual([
    {
      name: 'a',
      up: true,
      hit_rate: 800 / 900,
      gpu_utilization: null,
      running: 6,
      waiting: 0,
      kv_cache_usage: 0.6,
      tokens_per_second: 10,
    },
    expect.objectContaining({ name: 'b', hit_rate: 0, running: 2, tokens_per_second: 2 }),
  ]);
  expect(observation.balance.running).toEqual({ cv: 0.5, max_to_mean: 1.5 });
  expect(observation.balance.tokens?.max_to_mean).toBeCloseTo(10 / 6, 12);
  expect(observation.balance.gpu).toBeNull();
});

test('replicas that went away stay in the sums until the window has passed them', () => {
  const gone = pastOf(served(1000, 0, 4));
  const present = [replica('new', pastOf(served(1000, 800, 4)))];
  expect(observe(state(present, [gone]), SPAN).hit_rate?.value).toBeCloseTo(0.4, 12);
  expect(observe(state(present, [gone]), SPAN).replicas.map(({ name }) => name)).toEqual(['new']);
  const later = { from: 1091, to: 1190 };
  expect(observe(state(present, [gone]), later).hit_rate).toBeNull();
});

test('when all replicas are replaced, the sums are those of old and new together', () => {
  const gone = [pastOf(served(600, 300, 1)), pastOf(served(400, 100, 1))];
  const fresh = [1, 2].map((number) => {
    const first = { prompt_tokens_total: 9_000_000, cached_prompt_tokens_total: 8_000_000 };
    return replica(
      `fresh-${number}`,
      pastOf([
        [1080, first],
        [1095, { prompt_tokens_total: 9_000_500, cached_prompt_tokens_total: 8_000_300 }],
      ]),
    );
  });
  expect(observe(state(fresh, gone), SPAN).hit_rate?.value).toBeCloseTo(1000 / 2000, 12);
});

test('balance is over replicas that are up, an idle one included', () => {
  const busy = replica('busy', pastOf(served(1000, 900, 8), {}, 0.9));
  const idle = replica('idle', pastOf(served(0, 0, 0), {}, 0.1));
  const down = replica('down', pastOf(served(1000, 0, 8), {}, 0.9), { up: false });
  const { balance } = observe(state([busy, idle, down]), SPAN);
  expect(balance.running).toEqual({ cv: 1, max_to_mean: 2 });
  expect(balance.gpu?.cv).toBeCloseTo(0.8, 12);
});

test('GPU balance needs the GPUs of all replicas, but does not wait for one that has just come', () => {
  const one = replica('one', pastOf(served(10, 0, 1), {}, 0.5));
  const two = replica('two', pastOf(served(10, 0, 1), {}, 0.7));
  const blind = replica('blind', pastOf(served(10, 0, 1)));
  const newcomer = replica('newcomer', pastOf([[1095, { requests_running: 0 }]]));
  expect(observe(state([one, two, blind]), SPAN).balance.gpu).toBeNull();
  expect(observe(state([one, two, newcomer]), SPAN).balance.gpu?.max_to_mean).toBeCloseTo(0.7 / 0.6, 12);
});

test('a mixture of models or versions is shown as a mixture', () => {
  const observation = observe(
    state([
      replica('a', pastOf(served(1, 0, 1), { model: 'small' }), { version: '0.32.0' }),
      replica('b', pastOf(served(1, 0, 1), { model: 'large' }), { version: '0.20.2' }),
    ]),
    SPAN,
  );
  expect(observation.model).toBe('large, small');
  expect(observation.engine.version).toBe('0.20.2, 0.32.0');
});

test('a target without replicas tells nothing, and nothing of it is 0', () => {
  const none = { name: 'vllm', replica_count: null, present: [], departed: [] };
  expect(observe(none, SPAN)).toEqual({
    name: 'vllm',
    up: false,
    model: null,
    engine: { name: null, version: null },
    replica_count: null,
    replicas: [],
    hit_rate: null,
    balance: { gpu: null, running: null, tokens: null },
    block_size: null,
    kv_capacity_tokens: null,
    gpu_model: null,
    kv_cache_usage_max: null,
    prompt_tokens: null,
    preemptions: null,
    queries_per_prompt_token: null,
  });
});
