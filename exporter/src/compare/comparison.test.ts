import fc from 'fast-check';
import {
  failure,
  input,
  record,
  records,
  replicas,
  START,
  target,
  type Side,
} from '../../../test/stats/workload';
import type { Comparison, LatencyMetric, QuantileName } from '../model/comparison';
import type { TurnClass } from '../model/record';
import { buildComparison } from './build-comparison';
import { compareNow } from './comparison';

const pairOf = (comparison: Comparison) => comparison.comparisons[0]!;
const compare = (baseline: Side = {}, candidate: Side = {}) => compareNow(input(baseline, candidate));
const ratioOf = (comparison: Comparison, metric: LatencyMetric, turn: TurnClass, quantile: QuantileName) =>
  pairOf(comparison).ratios.find(
    (one) => one.metric === metric && one.turn === turn && one.quantile === quantile,
  )!;
const reasons = (comparison: Comparison) => pairOf(comparison).caveats.map(({ reason }) => reason);

describe('a target by itself', () => {
  const comparison = compare({
    records: [
      record('vllm', 'a', 1, { ttft_ms: 400, sent_at: START }),
      record('vllm', 'a', 2, { ttft_ms: 100, sent_at: START + 5, cached_tokens: 3984 }),
      record('vllm', 'a', 3, { ...failure('timeout'), sent_at: START + 9 }),
      record('vllm', 'b', 1, { ttft_ms: 600, sent_at: START + 10, e2e_ms: 10_000 }),
      record('vllm', 'b', 2, { ttft_ms: 9999, sent_at: START + 12, warmup: true }),
    ],
  });
  const [vllm] = comparison.targets;

  test('counts answered requests by class, failures by outcome, and no warm-up', () => {
    expect(vllm!.samples).toEqual({ first: 2, later: 1, all: 3 });
    expect(vllm!.outcomes).toEqual({ ok: 3, timeout: 1 });
    expect(vllm!.conversations).toBe(2);
  });

  test('gives percentiles in seconds, with n, whatever n is', () => {
    expect(vllm!.ttft_seconds.all.p50).toMatchObject({ estimate: 0.4, n: 3 });
    expect(vllm!.ttft_seconds.first).toMatchObject({ min: 0.4, max: 0.6, mean: 0.5 });
    expect(vllm!.ttft_seconds.later.p99).toEqual({ estimate: 0.1, lower: 0.1, upper: 0.1, n: 1 });
    expect(vllm!.itl_seconds.later.p50!.estimate).toBe(0.014);
  });

  test('gives the TTFT by turn, and the rates over the time from the first request to the last answer', () => {
    expect(vllm!.ttft_by_turn_seconds).toEqual([
      { turn: 1, n: 2, p50: 0.5, mean: 0.5 },
      { turn: 2, n: 1, p50: 0.1, mean: 0.1 },
    ]);
    expect(vllm!.requests_per_second).toBeCloseTo(3 / 20, 12);
    expect(vllm!.output_tokens_per_second).toBeCloseTo((3 * 64) / 20, 12);
    expect(vllm!.window).toEqual({ start: '2026-11-21T13:20:00.000Z', end: '2026-11-21T13:20:10.000Z' });
  });

  test('sums tokens of the answered requests', () => {
    expect(vllm!.tokens).toEqual({ prompt: 4000 + 4150 + 4000, cached: 3984, completion: 192 });
  });

  test('without any request everything is null or zero, never a made-up number', () => {
    const empty = compare({ records: [] }).targets[0]!;
    expect(empty.ttft_seconds.later).toEqual({
      p50: null,
      p90: null,
      p95: null,
      p99: null,
      mean: null,
      min: null,
      max: null,
    });
    expect([empty.window, empty.requests_per_second, empty.hit_rate]).toEqual([null, null, null]);
    expect(empty.tokens).toEqual({ prompt: null, cached: null, completion: null });
  });
});

describe('the hit rate', () => {
  const hitRate = (side: Side) => compare(side).targets[0]!.hit_rate!;

  test('of sticky routing lies at the sticky bound, as the fleet tells nothing from usage', () => {
    const rate = hitRate({});
    expect(rate.source).toBe('usage');
    expect(rate.measured).toBe(rate.from_probes);
    expect(rate.from_probes).toBeCloseTo(rate.expected_sticky!, 10);
    expect(rate.expected_random).toBeLessThan(rate.expected_sticky! - 0.2);
  });

  test('takes a field that was left out for 0 where the server sends it at other times, else for unknown', () => {
    const told = records('vllm').map((one) => ({ ...one, cached_tokens: one.cached_tokens || null }));
    expect(hitRate({ records: told })).toEqual(hitRate({}));
    const untold = records('vllm').map((one) => ({ ...one, cached_tokens: null }));
    const rate = hitRate({ records: untold });
    expect([rate.measured, rate.from_probes]).toEqual([null, null]);
    expect(rate.expected_sticky).toBeGreaterThan(0.8);
  });

  test('leaves conversations out that began before the window', () => {
    const cut = records('vllm').filter((one) => one.conversation !== 'c000' || one.turn > 4);
    const whole = records('vllm').filter((one) => one.conversation !== 'c000');
    expect(hitRate({ records: cut }).from_probes).toBe(hitRate({ records: whole }).from_probes);
  });

  test('has no expectation where the number of replicas is unknown', () => {
    const rate = hitRate({
      observation: { replica_count: null, hit_rate: { value: 0.7, source: 'scrape' } },
    });
    expect(rate).toMatchObject({
      measured: 0.7,
      source: 'scrape',
      expected_random: null,
      expected_sticky: null,
    });
  });
});

describe('verdicts', () => {
  test('a candidate quicker by half is faster, pairwise', () => {
    const comparison = compare({}, { records: records('llm-d', { later_ms: 150 }) });
    expect(pairOf(comparison).method).toBe('paired');
    const ratio = ratioOf(comparison, 'ttft', 'later', 'p95');
    expect(ratio.verdict).toBe('faster');
    expect(ratio.estimate).toBeGreaterThan(0.4);
    expect(ratio.upper).toBeLessThan(0.65);
    expect(ratioOf(comparison, 'ttft', 'first', 'p50').verdict).toBe('no_difference_shown');
    expect(pairOf(comparison).worse).toEqual([]);
  });

  test('a candidate slower by half is slower, and what got worse is named', () => {
    const comparison = compare({}, { records: records('llm-d', { later_ms: 450, e2e_ms: 2200 }) });
    expect(ratioOf(comparison, 'ttft', 'later', 'p50').verdict).toBe('slower');
    const worse = pairOf(comparison).worse.map(
      ({ metric, turn, quantile }) => `${metric} ${turn} ${quantile}`,
    );
    expect(worse).toContain('ttft later p50');
    expect(worse).toContain('e2e all p95');
    expect(worse).not.toContain('ttft first p50');
  });

  test('a difference within the least effect is not shown, however certain', () => {
    const baseline = records('vllm');
    const candidate = baseline.map((one) => ({ ...one, target: 'llm-d', ttft_ms: one.ttft_ms! * 0.97 }));
    const ratio = ratioOf(compare({ records: baseline }, { records: candidate }), 'ttft', 'later', 'p50');
    expect(ratio.upper).toBeCloseTo(0.97, 6);
    expect(ratio.verdict).toBe('no_difference_shown');
  });

  test('P99 of too few requests takes part in no verdict, though its value is given', () => {
    const comparison = compare({}, { records: records('llm-d', { first_ms: 100 }) });
    const p99 = ratioOf(comparison, 'ttft', 'first', 'p99');
    expect(p99.verdict).toBe('too_few');
    expect(p99.estimate).toBeLessThan(0.5);
    expect(ratioOf(comparison, 'ttft', 'first', 'p90').verdict).toBe('faster');
  });

  test('five conversations show nothing, however many turns they have', () => {
    const shape = { conversations: 5, turns: 40 };
    const comparison = compare(
      { records: records('vllm', shape) },
      { records: records('llm-d', { ...shape, later_ms: 100 }) },
    );
    expect(ratioOf(comparison, 'ttft', 'later', 'p50').verdict).toBe('too_few');
  });

  test('a blocking caveat makes every verdict not comparable and leaves the ratios readable', () => {
    const comparison = compare(
      {},
      { observation: { model: 'other' }, records: records('llm-d', { later_ms: 100 }) },
    );
    expect(new Set(pairOf(comparison).ratios.map(({ verdict }) => verdict))).toEqual(
      new Set(['not_comparable']),
    );
    expect(ratioOf(comparison, 'ttft', 'later', 'p50').estimate).toBeLessThan(0.5);
    expect(pairOf(comparison).worse).toEqual([]);
  });

  test('a baseline of 0 ms gives no ratio', () => {
    const flat = (name: string) =>
      records(name).map((one) => ({ ...one, itl_ms: { p50: 0, p95: 1, max: 1, count: 9 } }));
    const ratio = ratioOf(
      compare({ records: flat('vllm') }, { records: flat('llm-d') }),
      'itl',
      'all',
      'p50',
    );
    expect(ratio).toMatchObject({ estimate: null, lower: null, upper: null, verdict: 'not_comparable' });
  });
});

describe('failures are not rewarded', () => {
  /** Every fifth later turn, the slowest kind, is refused. */
  const shedding = (name: string, later_ms: number) =>
    records(name, { later_ms, miss: 0.2 }).map((one) =>
      one.turn > 1 && one.cached_tokens === 0 ? { ...one, ...failure('http_503') } : one,
    );
  const whole = (name: string, later_ms = 300) => records(name, { later_ms, miss: 0.2 });

  test('a candidate that sheds its slow requests is not called faster', () => {
    const comparison = compare({ records: whole('vllm') }, { records: shedding('llm-d', 150) });
    expect(ratioOf(comparison, 'ttft', 'later', 'p50').verdict).toBe('not_comparable');
    expect(reasons(comparison)).toEqual(expect.arrayContaining(['error_rate_differs', 'shed_load']));
    expect(pairOf(comparison).worse).toContainEqual({ metric: 'errors', turn: null, quantile: null });
  });

  test('it is still called slower where it is', () => {
    const comparison = compare({ records: whole('vllm') }, { records: shedding('llm-d', 900) });
    expect(ratioOf(comparison, 'ttft', 'later', 'p50').verdict).toBe('slower');
  });

  test('a baseline that sheds does not make the candidate slower', () => {
    const comparison = compare({ records: shedding('vllm', 150) }, { records: whole('llm-d') });
    expect(ratioOf(comparison, 'ttft', 'later', 'p50').verdict).toBe('not_comparable');
  });

  test('requests that one side did not answer leave the pair on both sides', () => {
    const baseline = whole('vllm');
    const candidate = baseline.map((one) => ({ ...one, target: 'llm-d' }));
    const shed = candidate.map((one) => (one.ttft_ms! > 700 ? { ...one, ...failure('http_429') } : one));
    const ratio = ratioOf(compare({ records: baseline }, { records: shed }), 'ttft', 'later', 'p95');
    expect(ratio.estimate).toBe(1);
  });
});

describe('pairing', () => {
  test('turns that only one side has reached do not count', () => {
    const baseline = records('vllm');
    const candidate = baseline.map((one) => ({ ...one, target: 'llm-d' })).filter((one) => one.turn <= 3);
    const ratio = ratioOf(compare({ records: baseline }, { records: candidate }), 'ttft', 'all', 'p50');
    expect(ratio.estimate).toBe(1);
  });

  test('further rounds of one side are not mixed in', () => {
    const rounds = [0, 1, 2].flatMap((round) =>
      records('vllm').map((one) => ({ ...one, round, ttft_ms: one.ttft_ms! * (1 + round) })),
    );
    const candidate = records('vllm').map((one) => ({ ...one, target: 'llm-d' }));
    const ratio = ratioOf(compare({ records: rounds }, { records: candidate }), 'ttft', 'later', 'p50');
    expect([ratio.estimate, ratio.lower, ratio.upper]).toEqual([1, 1, 1]);
  });

  test('without common conversations the arms are drawn apart, and that is said', () => {
    const renamed = records('llm-d').map((one) => ({ ...one, conversation: `x${one.conversation}` }));
    const comparison = compare({}, { records: renamed });
    expect(pairOf(comparison)).toMatchObject({ method: 'unpaired', conversations: 48 });
    expect(reasons(comparison)).toEqual(['unpaired']);
  });
});

describe('determinism', () => {
  const base = input(
    { records: records('vllm', { miss: 0.3 }) },
    { records: records('llm-d', { later_ms: 200 }) },
  );
  const text = JSON.stringify(compareNow(base));

  test('the order of the records does not move a byte', () => {
    const shuffled = (list: readonly unknown[]) =>
      fc.sample(fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length }), {
        numRuns: 1,
        seed: 5,
      })[0]!;
    const mixed = base.targets.map((one) => ({
      ...one,
      records: shuffled(one.records) as typeof one.records,
    }));
    expect(JSON.stringify(compareNow({ ...base, targets: mixed }))).toBe(text);
  });

  test('made in slices it is the same, to the byte', async () => {
    expect(JSON.stringify(await buildComparison(base))).toBe(text);
  });

  test('the order of the targets does not move a verdict', () => {
    const swapped = compareNow({ ...base, targets: [...base.targets].reverse() });
    expect(swapped.comparisons).toEqual(compareNow(base).comparisons);
  });

  test('which side was measured first does not move a verdict', () => {
    const later = (list: readonly ReturnType<typeof record>[]) =>
      list.map((one) => ({ ...one, sent_at: one.sent_at + 7200 }));
    const [vllm, llmd] = base.targets;
    const verdicts = (targets: typeof base.targets) =>
      compareNow({ ...base, targets }).comparisons[0]!.ratios.map(({ verdict }) => verdict);
    expect(verdicts([{ ...vllm!, records: later(vllm!.records) }, llmd!])).toEqual(
      verdicts([vllm!, { ...llmd!, records: later(llmd!.records) }]),
    );
  });

  test('another seed moves the ends of an interval only a little', () => {
    const other = compareNow({ ...base, options: { ...base.options, seed: 8 } });
    const [one, two] = [compareNow(base), other].map((each) => ratioOf(each, 'ttft', 'later', 'p50'));
    expect(two!.estimate).toBe(one!.estimate);
    expect(two!.upper).not.toBe(one!.upper);
    expect(Math.abs(two!.upper! - one!.upper!)).toBeLessThan(0.05);
  });
});

test('every candidate is compared with the baseline, and the event loop runs meanwhile', async () => {
  const three = input();
  const third = target('dynamo', 'candidate', { observation: { replicas: replicas([1, 1]) } });
  let turns = 0;
  let timer = setImmediate(function tick() {
    turns += 1;
    timer = setImmediate(tick);
  });
  const comparison = await buildComparison({ ...three, targets: [...three.targets, third] });
  clearImmediate(timer);
  expect(comparison.comparisons.map(({ candidate }) => candidate)).toEqual(['llm-d', 'dynamo']);
  expect(turns).toBeGreaterThan(3);
});

test('hostile records end as missing values, not as an exception', () => {
  const odd = [
    record('vllm', 'a', 1, { sent_at: NaN }),
    record('vllm', 'b', 1, { sent_at: 1e300, ttft_ms: -5, e2e_ms: Infinity }),
    record('vllm', 'c', 1, { ttft_ms: NaN, prompt_tokens: 0, cached_tokens: 9 }),
  ];
  const [vllm] = compare({ records: odd }).targets;
  expect(vllm!.ttft_seconds.all.p50).toBeNull();
  expect(vllm!.samples.all).toBe(2);
});
