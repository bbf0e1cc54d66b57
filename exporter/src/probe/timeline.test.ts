import { latencies, type RawTimeline } from './timeline';

const RAW: RawTimeline = {
  sent: 100,
  headers: 105,
  first_event: 109,
  first_token: 110,
  last_token: 150,
  done: 160,
  gaps_ms: [10, 30],
};

it('TTFT counts from sending to the first token, E2E to the last, TPOT by the tokens between', () => {
  expect(latencies(RAW, 5, true)).toEqual({
    ttft_ms: 10,
    e2e_ms: 50,
    tpot_ms: 10,
    itl_ms: { p50: 20, p95: 29, max: 30, count: 2 },
  });
});

it('an answer that broke off has a TTFT but neither E2E nor TPOT', () => {
  expect(latencies(RAW, 5, false)).toMatchObject({ ttft_ms: 10, e2e_ms: null, tpot_ms: null });
});

it('without a token nothing is measured, and nothing is zero', () => {
  const raw = { ...RAW, first_token: null, last_token: null, gaps_ms: [] };
  expect(latencies(raw, 5, true)).toEqual({ ttft_ms: null, e2e_ms: null, tpot_ms: null, itl_ms: null });
});

it('a request that was never sent has no latency', () => {
  expect(latencies({ ...RAW, sent: null }, 5, true).ttft_ms).toBeNull();
});

it.each([
  ['the server tells no count', null, [10, 30]],
  ['there is one token', 1, []],
  ['all tokens came in one event', 48, []],
])('TPOT is unknown if %s', (_, tokens, gaps_ms) => {
  expect(latencies({ ...RAW, gaps_ms }, tokens, true).tpot_ms).toBeNull();
});
