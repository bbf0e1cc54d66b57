import { CALIBRATED } from '../../demo/fleet/latency-model';
import { fixture } from './pages';
import type { RecordedTable, Replayed } from './replay';
import { quantile, readRecording, replay } from './replay';

const RECORDING = readRecording(JSON.parse(fixture('vllm-gpu-random.json')) as RecordedTable);
/** KV blocks of a replica in the recorded run: 174 384 tokens. */
const BLOCKS = 10_899;
const SEEDS = [1, 2, 3];

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function hitRate(replayed: readonly Replayed[]): number {
  const cached = replayed.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0);
  return cached / replayed.reduce((sum, { recorded }) => sum + recorded.promptTokens, 0);
}

/** TTFT percentile in milliseconds, the mean over the seeds. */
function ttft(runs: readonly Replayed[][], first: boolean, q: number): number {
  return mean(
    runs.map((run) => {
      const turns = run.filter(({ recorded }) => (recorded.turn === 1) === first);
      return (
        1000 *
        quantile(
          turns.map(({ firstToken }) => firstToken),
          q,
        )
      );
    }),
  );
}

function within(share: number, value: number, expected: number): void {
  expect(value).toBeGreaterThan(expected * (1 - share));
  expect(value).toBeLessThan(expected * (1 + share));
}

describe('the calibrated latency model, on the recorded arrivals', () => {
  const random = SEEDS.map((seed) => replay(RECORDING, CALIBRATED, BLOCKS, seed));
  const sticky = SEEDS.map((seed) =>
    replay(
      RECORDING.map((request) => ({ ...request, replica: request.conversation % 4 })),
      CALIBRATED,
      BLOCKS,
      seed,
    ),
  );

  it('evicts as the real caches did: hit rate 0.340 random and 0.893 sticky', () => {
    expect(mean(random.map(hitRate))).toBeCloseTo(0.3402, 2);
    expect(mean(sticky.map(hitRate))).toBeCloseTo(0.893, 2);
  });

  it('reproduces the first turns of the random run: P50 589, P95 1310 ms', () => {
    within(0.2, ttft(random, true, 0.5), 589);
    within(0.1, ttft(random, true, 0.95), 1310);
  });

  it('reproduces the later turns of the random run: P50 404, P95 1006, P99 1219 ms', () => {
    within(0.1, ttft(random, false, 0.5), 404);
    within(0.1, ttft(random, false, 0.95), 1006);
    within(0.1, ttft(random, false, 0.99), 1219);
  });

  it('reproduces the later turns of the sticky run: P50 68, P95 88, P99 102 ms', () => {
    within(0.1, ttft(sticky, false, 0.5), 68);
    within(0.1, ttft(sticky, false, 0.95), 88);
    within(0.15, ttft(sticky, false, 0.99), 102);
  });

  it('reproduces the time of whole answers: E2E P50 1577 ms', () => {
    const e2e = mean(
      random.map((run) =>
        quantile(
          run.map(({ lastToken }) => lastToken),
          0.5,
        ),
      ),
    );
    within(0.1, 1000 * e2e, 1577);
  });

  it('has the prefill cost that a fit to the recording chooses', () => {
    const costs = [36, 40, 44, 48, 52].map((microseconds) => microseconds * 1e-6);
    const misfit = (cost: number) => {
      const runs = SEEDS.slice(0, 2).map((seed) =>
        replay(RECORDING, { ...CALIBRATED, seconds_per_prefill_token: cost }, BLOCKS, seed),
      );
      return [0.5, 0.95, 0.99].reduce((sum, q, i) => {
        const recorded = [404, 1006, 1219][i]!;
        return sum + Math.log(ttft(runs, false, q) / recorded) ** 2;
      }, 0);
    };
    const [best] = costs.map((cost) => ({ cost, misfit: misfit(cost) })).sort((a, b) => a.misfit - b.misfit);
    expect(Math.abs(best!.cost - CALIBRATED.seconds_per_prefill_token)).toBeLessThanOrEqual(4e-6 + 1e-9);
  });
});
