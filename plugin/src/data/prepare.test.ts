import fc from 'fast-check';
import {
  asInstant,
  asTable,
  asWide,
  comparisonSamples,
  context,
  field,
  frame,
  history,
  historyFrames,
  NOW,
  OPTIONS,
  type Sample,
} from '../testing/frames';
import { pair, view } from '../testing/prepared';
import { completeOptions } from '../options';
import { METRIC } from './names';
import { prepare } from './prepare';

describe('prepare, a comparison', () => {
  const samples = comparisonSamples(pair());
  const whole = [...asTable(samples), ...historyFrames(pair())];

  test('puts the verdict of the exporter into one sentence with both percentiles, change, interval and n', () => {
    expect(view(whole).verdicts).toEqual([
      {
        candidate: 'llm-d',
        verdict: 'faster',
        tone: 'good',
        headline: 'llm-d answers sooner',
        facts: 'P95 TTFT 270 ms vs 745 ms, 64 % less (58–68 %), n = 440 + 440',
        ratio: expect.objectContaining({ estimate: expect.closeTo(0.3623, 4) }),
      },
    ]);
  });

  test('is the same from tables, instant series and wide frames, in any order', () => {
    const expected = view(asTable(samples));
    expect(view(asInstant(samples))).toEqual(expected);
    expect(view(asWide([...samples].reverse()))).toEqual(expected);
    expect(view(asInstant([...samples].reverse()))).toEqual(expected);
  });

  test('has a row per turn class and percentile, marks in the order of the targets, a ratio per candidate', () => {
    const rows = view(whole).percentiles;
    expect(rows.map(({ turn, quantile }) => `${turn} ${quantile}`)).toEqual([
      'first p50',
      'first p95',
      'first p99',
      'later p50',
      'later p95',
      'later p99',
      'all p50',
      'all p95',
      'all p99',
    ]);
    const [vllm, llmd] = rows[7]!.marks;
    expect(vllm).toMatchObject({ target: 'vllm', n: 440, needed: 72, tooFew: false });
    expect(llmd!.value!.estimate).toBeCloseTo(0.27, 6);
    expect(llmd!.value!.lower).toBeCloseTo(0.2349, 6);
    expect(rows[7]!.ratios).toEqual([expect.objectContaining({ candidate: 'llm-d', verdict: 'faster' })]);
  });

  test('shows hit rates beside their expectations, and the rate of the probes', () => {
    const [, llmd] = view(whole).hitRate;
    expect(llmd).toMatchObject({ target: 'llm-d', measured: 0.83, random: 0.42, sticky: 0.86 });
    expect(llmd!.fromProbes).toBeCloseTo(0.81, 9);
    expect(llmd!.replicas.map(({ replica }) => replica)).toEqual([
      'llm-d-0',
      'llm-d-1',
      'llm-d-2',
      'llm-d-3',
    ]);
  });

  test('shows GPU activity per replica with the published evenness', () => {
    const [vllm] = view(whole).balance;
    expect(vllm).toMatchObject({ resource: 'gpu', cv: 0.08, maxToMean: 1.12, mean: 0.6 });
    expect(vllm!.replicas.map(({ value }) => value)).toEqual([0.6, 0.6, 0.6, 0.6]);
  });

  test('falls back to one resource that every target tells about', () => {
    const without = samples.filter(
      ({ metric, labels }) => !(metric === METRIC.replicaGpuMean && labels['target'] === 'vllm'),
    );
    expect(view(asTable(without)).balance.map(({ resource }) => resource)).toEqual(['tokens', 'tokens']);
  });

  test('keeps the history of the headline percentile with its interval', () => {
    const { series, from, to } = view(whole).overTime;
    expect([from, to]).toEqual([NOW - 3_600_000, NOW]);
    expect(series.map(({ target, points }) => [target, points.length])).toEqual([
      ['vllm', 120],
      ['llm-d', 120],
    ]);
    const last = series[0]!.points.at(-1)!;
    expect(last.time).toBe(NOW);
    expect(last.lower! / last.value!).toBeCloseTo(0.88, 9);
  });

  test('orders turns by number and tells the rest in a table', () => {
    const { byTurn, table } = view(whole);
    expect(byTurn[0]!.points.map(({ turn }) => turn)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(table.map(({ label, cells }) => [label, ...cells.map(({ text }) => text)])).toEqual([
      ['P99 TTFT', '1.19 s', '432 ms'],
      ['P95 E2E', '4.20 s', '4.20 s'],
      ['P95 TPOT', '42.0 ms', '42.0 ms'],
      ['Errors', '0.4 %', '0.4 %'],
      ['Output tokens/s', '1\u202f678', '1\u202f678'],
      ['Probe tokens in / out', '1.67 M / 42.2 k', '1.67 M / 42.2 k'],
    ]);
  });

  test('follows the options: turns, percentile, baseline, candidates, objective', () => {
    const chosen = view(whole, {
      turn: 'later',
      headline: 'p50',
      baseline: 'llm-d',
      candidates: 'vllm',
      slo: 0.5,
    });
    expect(chosen.targets.map(({ name, role }) => [name, role])).toEqual([
      ['llm-d', 'baseline'],
      ['vllm', 'candidate'],
    ]);
    expect(chosen.verdicts[0]!.facts).toContain('P50 TTFT of later turns 276 ms vs 100 ms');
    expect(chosen.limits).toEqual([{ value: 0.5, label: 'objective 500 ms' }]);
  });

  test('without an objective of its own it shows what the exporter promises, of each target that differs', () => {
    const promise = (target: string, value: number) => ({ metric: METRIC.slo, labels: { target }, value });
    const limits = (...promised: Sample[]) => view(asTable([...samples, ...promised])).limits;
    expect(limits()).toEqual([]);
    expect(limits(promise('vllm', 0.5), promise('llm-d', 0.5))).toEqual([
      { value: 0.5, label: 'objective 500 ms' },
    ]);
    expect(limits(promise('llm-d', 0.3), promise('vllm', 0))).toEqual([
      { value: 0.3, label: 'objective of llm-d 300 ms' },
    ]);
  });

  test('knows the baseline by its role, else as the target that no verdict is about', () => {
    const renamed = pair({ name: 'zeta' }, { name: 'alpha' });
    const list = comparisonSamples(renamed);
    expect(view(asTable(list)).baseline).toBe('zeta');
    const noInfo = list.filter(({ metric }) => metric !== METRIC.info);
    expect(view(asTable(noInfo)).baseline).toBe('zeta');
  });

  test('takes colours from field overrides and from the names that the host gives', () => {
    const coloured = history(METRIC.up, { target: 'vllm' }, [1]);
    coloured.fields[1]!.config = { color: { mode: 'fixed', fixedColor: 'purple' } };
    const { targets } = view([...whole, coloured], {}, { colors: { 'llm-d': '#123456' } });
    expect(targets.map(({ color }) => color)).toEqual(['purple', '#123456']);
  });
});

describe('prepare, any input', () => {
  const names = [...Object.values(METRIC), 'up'];
  const anySample = fc.record({
    metric: fc.constantFrom(...names),
    labels: fc.record(
      {
        target: fc.constantFrom('a', 'b', 'c', ''),
        turn: fc.constantFrom('first', 'all', 'x'),
        quantile: fc.constantFrom('0.5', '0.95', '', 'NaN'),
        bound: fc.constantFrom('estimate', 'lower', 'upper'),
        verdict: fc.constantFrom('faster', 'slower', 'odd'),
        metric: fc.constantFrom('ttft', 'e2e'),
        reason: fc.string(),
        replica: fc.string(),
        turn_number: fc.constantFrom('1', '2', '-1', 'x', '1e99'),
        resource: fc.constantFrom('gpu', 'running'),
      },
      { requiredKeys: [] },
    ),
    value: fc.oneof(fc.double(), fc.constant(null), fc.constant(1)),
  });

  test('no frames make it throw, and a view is whole', () => {
    const shapes = [asTable, asInstant, asWide];
    fc.assert(
      fc.property(fc.array(anySample), fc.constantFrom(...shapes), fc.double(), (samples, shape, time) => {
        const frames = shape(samples as Sample[], time);
        const prepared = prepare(frames, OPTIONS, context());
        if (prepared.kind === 'message') return prepared.title !== '';
        const { targets, verdicts } = prepared.view;
        return targets.length > 0 && verdicts.length === Math.max(1, targets.length - 1);
      }),
    );
  });

  test('no stored options make it throw', () => {
    const frames = asTable(comparisonSamples(pair()));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(OPTIONS)), fc.anything({ maxDepth: 2 })),
        (stored) => prepare(frames, completeOptions(stored), context()).kind === 'view',
      ),
    );
  });

  test('fields of other types and lengths do not disturb it', () => {
    const odd = frame([
      field('x', 'other', [{}]),
      field('Value', 'number', [1, 2, 3]),
      field('t', 'time', []),
    ]);
    expect(view([odd, ...asTable(comparisonSamples(pair()))]).targets).toHaveLength(2);
  });
});
