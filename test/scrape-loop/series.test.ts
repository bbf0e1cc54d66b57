import type { TargetObservation } from '../../exporter/src/model/observation';
import { startReplayServer } from '../support/replay-server';
import { listing, setUp } from './harness';

/** Scrapes a recorded series from its first step to its last, and observes all of it. */
async function replay(series: string): Promise<{
  observation: TargetObservation;
  warnings: string[];
  versionRequests: number;
  now: number;
  from: (seconds: number) => TargetObservation;
}> {
  const server = await startReplayServer(series);
  const { scraper, discovery, clock, log } = setUp({ targets: ['recorded'] });
  try {
    discovery['recorded']!.list = listing(...server.replicas);
    for (let step = 0; step < server.steps; step += 1) {
      server.seek(step);
      clock.now = server.now;
      await scraper.scrapeNow();
    }
    const since = (from?: number) => scraper.snapshot(clock.now, from).targets[0]!.observation;
    return {
      observation: since(),
      warnings: log.lines.filter(({ level }) => level === 'warn').map(({ event }) => event),
      versionRequests: server.versionRequests,
      now: clock.now,
      from: (seconds) => since(clock.now - seconds),
    };
  } finally {
    await scraper.stop();
    await server.close();
  }
}

describe('recorded vLLM runs', () => {
  test.each([
    ['rr', 286_720 / 507_467, '0.5650', 4],
    ['rr-noisy', 292_352 / 509_468, '0.5738', 4],
    ['rr-strict', 120_960 / 239_914, '0.5042', 4],
    ['kv-random', 103_168 / 192_352, '0.5364', 2],
  ])('%s has the hit rate that its counters tell', async (series, exact, printed, replicas) => {
    const { observation, warnings } = await replay(series);
    expect(observation.hit_rate?.value).toBeCloseTo(exact, 12);
    expect(observation.hit_rate?.value.toFixed(4)).toBe(printed);
    expect(observation.hit_rate?.source).toBe('vllm:prompt_tokens_cached_total / vllm:prompt_tokens_total');
    expect(observation.queries_per_prompt_token).toBe(1);
    expect(observation).toMatchObject({
      up: true,
      replica_count: replicas,
      engine: { name: 'vllm', version: '0.32.0' },
      block_size: 128,
    });
    expect(
      observation.replicas.every(({ up, tokens_per_second }) => up && (tokens_per_second ?? 0) > 0),
    ).toBe(true);
    expect(observation.balance.tokens?.max_to_mean).toBeGreaterThan(1);
    expect(observation.balance.gpu).toBeNull();
    expect(warnings).toEqual([]);
  });

  test('the run on a GPU has the hit rate and the KV capacity that were recorded', async () => {
    const { observation } = await replay('gpu-random');
    expect(observation.hit_rate?.value.toFixed(4)).toBe('0.3402');
    expect(observation.block_size).toBe(16);
    expect(observation.kv_capacity_tokens).toBe(174_384);
    expect(observation.replica_count).toBe(4);
    expect(observation.kv_cache_usage_max).toBeGreaterThan(0);
  });

  test('vLLM 0.12 under overload counts its queries 4.6 times', async () => {
    const { observation } = await replay('overload-0.12.0');
    expect(observation.queries_per_prompt_token).toBeCloseTo(173_877 / 37_770, 12);
    expect(observation.hit_rate).toEqual({
      value: 0,
      source: 'vllm:prefix_cache_hits_total / vllm:prefix_cache_queries_total',
    });
    expect(observation.preemptions).toBe(4);
  });

  test('a restart is a reset: its counters count from 0, the outage is one failure and no negative delta', async () => {
    const { observation, warnings, versionRequests, from } = await replay('restart');
    const prompt = 273_066 - 268_748 + 3192;
    const [replica] = observation.replicas;
    // The window spans from the first scrape to the last: 370 seconds.
    const generation = 3008 - 2880 + 96;
    expect((replica?.tokens_per_second ?? 0) * 370.001).toBeCloseTo(prompt + generation, -1);
    expect(observation.queries_per_prompt_token).toBe(1);
    expect(warnings).toEqual(['scrape failing']);
    expect(versionRequests).toBe(2);
    // After the restart only the new process is in the window.
    expect(from(20).replicas[0]?.hit_rate).toBe(from(20).hit_rate?.value ?? null);
    expect(observation.hit_rate?.value).toBeGreaterThanOrEqual(0);
    expect(observation.preemptions).toBe(0);
  });
});
