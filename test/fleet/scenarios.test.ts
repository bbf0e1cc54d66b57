import type { FleetOptions, RunningFleet } from '../../demo/fleet/main';
import { invalidFleetOption, runFleet } from '../../demo/fleet/main';
import { fleetTotal, get, total } from './pages';
import type { Played, PlayOptions } from './player';
import { play } from './player';

const SPEED = 20;
let fleet: RunningFleet;

async function start(scenario: FleetOptions['scenario'], speed = SPEED): Promise<void> {
  fleet = await runFleet({ scenario, replicas: 4, host: '127.0.0.1', base_port: 0, seed: 11, speed });
}

afterEach(() => fleet.stop());

function workload(overrides: Partial<PlayOptions>): Omit<PlayOptions, 'url'> {
  return {
    conversations: 16,
    turns: 6,
    documentWords: 1500,
    concurrency: 8,
    think: [2, 25],
    seed: 5,
    nonce: 'scenario',
    ...overrides,
  };
}

function hitRate(played: readonly Played[]): number {
  const cached = played.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0);
  return cached / played.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
}

async function requestsByReplica(replicas: readonly { url: string }[]): Promise<number[]> {
  const pages = await Promise.all(replicas.map(({ url }) => get(`${url}/metrics`)));
  return pages.map(({ text }) => total(text, 'vllm:request_success_total'));
}

/** Mean TTFT as the engines saw it: on their own clocks, which a busy test machine disturbs little. */
async function engineTtft(replicas: readonly { url: string }[]): Promise<number> {
  const name = 'vllm:time_to_first_token_seconds';
  return (await fleetTotal(replicas, `${name}_sum`)) / (await fleetTotal(replicas, `${name}_count`));
}

/** No-eviction expectation of a conversation that goes to a random one of N replicas each turn. */
function randomBound(n: number, turns: number): number {
  return 1 - ((1 - (1 - 1 / n) ** turns) * n) / turns;
}

describe('multi-turn', () => {
  it('hits near the random bound behind round robin and near the sticky bound behind the prefix-aware router', async () => {
    await start('multi-turn');
    // Think times well above the answers' keep the strict rotation from falling into step with the conversations.
    const options = workload({ conversations: 40, concurrency: 10, think: [5, 80] });
    const [baseline, candidate] = await Promise.all([
      play({ ...options, url: fleet.baseline.url }),
      play({ ...options, url: fleet.candidate.url }),
    ]);
    expect(baseline.every(({ done, status }) => done && status === 200)).toBe(true);
    expect(candidate.every(({ done, status }) => done && status === 200)).toBe(true);
    expect(Math.abs(hitRate(baseline) - randomBound(4, 6))).toBeLessThan(0.12);
    expect(Math.abs(hitRate(candidate) - 5 / 6)).toBeLessThan(0.02);
    expect(await fleetTotal(fleet.baseline.replicas, 'vllm:num_preemptions_total')).toBe(0);
    expect(await requestsByReplica(fleet.baseline.replicas)).toEqual([60, 60, 60, 60]);
  });

  it('gives both fleets the same prompts and answers, so that they can be paired', async () => {
    await start('multi-turn');
    const options = workload({ conversations: 4, turns: 3 });
    const [baseline, candidate] = await Promise.all([
      play({ ...options, url: fleet.baseline.url }),
      play({ ...options, url: fleet.candidate.url }),
    ]);
    const key = ({ conversation, turn, promptTokens, text }: Played) =>
      `${conversation}/${turn} ${promptTokens} ${text}`;
    expect(baseline.map(key).sort()).toEqual(candidate.map(key).sort());
  });

  it('counts in its metrics exactly what the answers say', async () => {
    await start('multi-turn');
    const played = await play({ ...workload({ conversations: 8 }), url: fleet.baseline.url });
    const sum = (of: (answer: Played) => number) => played.reduce((all, answer) => all + of(answer), 0);
    const prompt = sum(({ promptTokens }) => promptTokens);
    const cached = sum(({ cachedTokens }) => cachedTokens);
    const { replicas } = fleet.baseline;
    const counted = (name: string) => fleetTotal(replicas, `vllm:${name}`);
    expect(await counted('prefix_cache_queries_total')).toBe(prompt);
    expect(await counted('prefix_cache_hits_total')).toBe(cached);
    expect(await counted('prompt_tokens_total')).toBe(prompt);
    expect(await counted('prompt_tokens_cached_total')).toBe(cached);
    expect(await counted('prompt_tokens_by_source_total')).toBe(prompt);
    expect(await counted('request_prefill_kv_computed_tokens_sum')).toBe(prompt - cached);
    expect(await counted('generation_tokens_total')).toBe(played.length * 16);
    expect(await counted('request_success_total')).toBe(played.length);
    expect(await counted('time_to_first_token_seconds_count')).toBe(played.length);
    expect(await counted('inter_token_latency_seconds_count')).toBe(played.length * 15);
    expect(await counted('num_requests_running')).toBe(0);
    expect(await counted('kv_cache_usage_perc')).toBe(0);
  });
});

describe('hot-prefix', () => {
  it('collapses the prefix-aware fleet onto one replica: higher hit rate, worse latency', async () => {
    await start('hot-prefix', 5);
    const options = workload({
      conversations: 36,
      turns: 4,
      documentWords: 300,
      sharedWords: 3000,
      maxTokens: 48,
      concurrency: 24,
      think: [20, 100],
    });
    const [baseline, candidate] = await Promise.all([
      play({ ...options, url: fleet.baseline.url }),
      play({ ...options, url: fleet.candidate.url }),
    ]);
    const requests = await requestsByReplica(fleet.candidate.replicas);
    expect(Math.max(...requests) / 144).toBeGreaterThan(0.9);
    expect(hitRate(candidate)).toBeGreaterThan(hitRate(baseline));
    expect(await engineTtft(fleet.candidate.replicas)).toBeGreaterThan(
      1.05 * (await engineTtft(fleet.baseline.replicas)),
    );
  });
});

describe('kv-pressure', () => {
  it('evicts: the baseline hits far less than without eviction, and some requests are preempted', async () => {
    // Slower than the rest, here and below: the servers, and not a busy test machine, must be what is short.
    await start('kv-pressure', 6);
    const options = workload({
      conversations: 24,
      documentWords: 5000,
      spread: 0.5,
      maxTokens: 200,
      concurrency: 20,
    });
    const baseline = await play({ ...options, url: fleet.baseline.url });
    expect(baseline.every(({ done }) => done)).toBe(true);
    expect(hitRate(baseline)).toBeLessThan(randomBound(4, 6) - 0.15);
    const state = JSON.parse((await get(`${fleet.control_url}/state`)).text) as FleetState;
    expect(state.baseline.replicas.every(({ evictions }) => evictions > 1600)).toBe(true);
    expect(await fleetTotal(fleet.baseline.replicas, 'vllm:num_preemptions_total')).toBeGreaterThan(0);
    // Preempted requests are computed again, but looked up and counted once.
    const prompt = baseline.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
    expect(await fleetTotal(fleet.baseline.replicas, 'vllm:prefix_cache_queries_total')).toBe(prompt);
    expect(await fleetTotal(fleet.baseline.replicas, 'vllm:generation_tokens_total')).toBe(
      baseline.length * 200,
    );
  });
});

interface FleetState {
  baseline: { replicas: { evictions: number }[] };
}

describe('overload', () => {
  it('sheds load: 503 from the servers, 429 from the flow control of the prefix-aware router', async () => {
    await start('overload', 4);
    const options = workload({ conversations: 24, turns: 3, concurrency: 24, maxTokens: 150, think: [0, 1] });
    const [baseline, candidate] = await Promise.all([
      play({ ...options, url: fleet.baseline.url }),
      play({ ...options, url: fleet.candidate.url }),
    ]);
    const count = (played: readonly Played[], status: number) =>
      played.filter((one) => one.status === status).length;
    expect(count(baseline, 200)).toBeGreaterThan(0);
    expect(count(baseline, 503)).toBeGreaterThan(0);
    expect(count(baseline, 200) + count(baseline, 503)).toBe(72);
    expect(count(candidate, 429)).toBeGreaterThan(0);
    expect(await fleetTotal(fleet.baseline.replicas, 'vllm:admission_rejections_total')).toBe(
      count(baseline, 503),
    );
    const epp = (await get(fleet.candidate.router_metrics_url)).text;
    expect(total(epp, 'llm_d_epp_request_error_total', 'ResourceExhausted')).toBe(count(candidate, 429));
    expect(total(epp, 'llm_d_epp_request_total')).toBe(72 - count(candidate, 429));
  });
});

describe('starting', () => {
  it('refuses impossible options with one sentence, and a taken port leaves nothing running', async () => {
    await start('multi-turn');
    const options: FleetOptions = {
      scenario: 'multi-turn',
      replicas: 4,
      host: '127.0.0.1',
      base_port: 0,
      seed: 1,
    };
    expect(invalidFleetOption({ ...options, replicas: 0 })).toBe(
      'replicas must be a whole number from 1 to 16, got 0',
    );
    await expect(runFleet({ ...options, speed: 0 })).rejects.toThrow(
      'speed must be above 0 and at most 1000, got 0',
    );
    const taken = Number(new URL(fleet.control_url).port);
    await expect(runFleet({ ...options, base_port: taken - 4 })).rejects.toThrow(/EADDRINUSE|EACCES/);
  });
});
