import { input, records, START, type Side } from '../../../test/stats/workload';
import { CAVEATS, type CaveatReason } from '../model/caveat';
import { compareNow } from './comparison';
import type { ComparisonInput } from './input';

const quick = { min_effect: 0.05, resamples: 20, seed: 1 };

function caveats(baseline: Side = {}, changes: Partial<ComparisonInput> = {}) {
  return compareNow(input(baseline, {}, { options: quick, ...changes })).comparisons[0]!.caveats;
}

const textOf = (found: ReturnType<typeof caveats>, reason: CaveatReason) =>
  found.filter((one) => one.reason === reason).map(({ text }) => text);

const seenLate = (p50: number, p99: number) =>
  caveats({}, { client: { event_loop_delay_p50_seconds: p50, event_loop_delay_p99_seconds: p99 } });

describe('load', () => {
  test('client_saturated: event-loop delay beyond 5 % of the quicker TTFT P50', () => {
    const late = (seconds: number) => seenLate(0, seconds);
    expect(late(0.01)).toEqual([]);
    expect(textOf(late(0.03), 'client_saturated')[0]).toMatch(
      /^The measuring process itself was late: its event-loop delay P99 30\.0 ms is more than 5 % of (vllm|llm-d)'s TTFT P50 \d+ ms$/,
    );
  });

  test('client_overloaded: when most events were seen late nothing is claimed any more', () => {
    const late = (seconds: number) => seenLate(seconds, seconds);
    expect(textOf(late(0.01), 'client_overloaded')).toEqual([]);
    expect(textOf(late(0.03), 'client_overloaded')[0]).toMatch(
      /event-loop delay P50 30\.0 ms is more than 5 % of/,
    );
    expect(CAVEATS.client_overloaded.blocks).toBe(true);
  });

  test('target_saturated: TTFT that grows through the window', () => {
    const growing = records('vllm').map((one) => ({
      ...one,
      ttft_ms: one.ttft_ms! * (1 + (one.sent_at - START) / 40),
    }));
    expect(textOf(caveats({ records: growing }), 'target_saturated')[0]).toMatch(
      /^The TTFT of vllm grew \d\.\d-fold through the window: the load exceeds its capacity/,
    );
  });
});
