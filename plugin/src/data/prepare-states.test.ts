import {
  asInstant,
  asTable,
  comparisonSamples,
  frame,
  history,
  NOW,
  sample,
  VLLM,
  type Sample,
} from '../testing/frames';
import { message, pair, view } from '../testing/prepared';
import type { ComparisonViewModel } from '../types';
import { METRIC } from './names';

const labelsOf = ({ notices }: ComparisonViewModel) => notices.map(({ label }) => label);

describe('prepare, the other states', () => {
  test.each([
    ['loading', [], { state: 'loading' as const }, 'Loading'],
    ['error', [], { state: 'error' as const, error: 'connection refused' }, 'The query failed'],
    ['no_data', [], {}, 'No data'],
    ['no_data', [frame([])], {}, 'No data'],
    ['foreign', asTable([sample('up', { target: 'a' }, 1)]), {}, 'No Taillight metrics in this data'],
  ])('%s has its own message', (id, frames, over, title) => {
    expect(message(frames, over)).toMatchObject({ id, title });
  });

  test('an error keeps its reason, and every message but loading says what to do', () => {
    const failed = message([], { state: 'error', error: 'connection refused' });
    expect(failed.text).toBe('connection refused');
    expect(failed.remedy).toMatch(/^Check the data source/);
    expect(message([]).remedy).toMatch(/exporter runs/);
  });

  test('an exporter without a comparison is named with what is missing', () => {
    const old = message(asTable([sample(METRIC.up, { target: 'vllm' }, 1)]));
    expect(old.id).toBe('old_exporter');
    expect(old.text).toContain('taillight_comparison_ttft_seconds');
    expect(old.remedy).toContain('update it');
  });

  test('data that arrives while the state is still loading or streaming is shown', () => {
    const frames = asTable(comparisonSamples(pair()));
    expect(view(frames, {}, { state: 'loading' }).verdicts[0]!.verdict).toBe('faster');
    expect(view(frames, {}, { state: 'streaming' }).verdicts[0]!.verdict).toBe('faster');
  });

  test('an older exporter that lacks single metrics is drawn, and they are named', () => {
    const old = comparisonSamples(pair()).filter(({ metric }) => metric !== METRIC.verdict);
    const drawn = view(asTable(old));
    expect(drawn.verdicts[0]).toMatchObject({ verdict: null, headline: 'No verdict on llm-d against vllm' });
    const notice = drawn.notices.find(({ id }) => id === 'missing');
    expect(notice!.text).toContain('taillight_comparison_verdict');
  });

  test('one target alone has numbers and no verdict', () => {
    const drawn = view(asTable(comparisonSamples([VLLM])));
    expect(drawn.verdicts).toEqual([
      expect.objectContaining({
        verdict: null,
        headline: 'Only vllm reports, nothing to compare',
        facts: 'P95 TTFT 745 ms (648 ms to 871 ms), n = 440',
      }),
    ]);
    expect(drawn.notices).toEqual([]);
  });

  test('a target that is down comes before any verdict', () => {
    const drawn = view(asTable(comparisonSamples(pair({}, { up: false }))));
    expect(drawn.verdicts[0]).toMatchObject({ tone: 'critical', headline: 'llm-d does not answer' });
    expect(drawn.verdicts[0]!.facts).toMatch(/^Until then: P95 TTFT 270 ms vs 745 ms/);
    expect(labelsOf(drawn)).toEqual(['llm-d is down']);
  });

  test('too few requests: says how many are needed, and marks the percentiles', () => {
    const drawn = view(asTable(comparisonSamples(pair({ samples: 60 }, { samples: 61 }))));
    expect(drawn.verdicts[0]).toMatchObject({
      verdict: 'too_few',
      headline: 'Too few requests for a verdict yet',
      facts: 'P95 needs 72 requests: llm-d has 61, vllm has 60',
    });
    const few = drawn.percentiles.filter(({ turn }) => turn === 'all').map(({ marks }) => marks[0]!.tooFew);
    expect(few).toEqual([false, true, true]);
  });

  test.each([
    [5, true],
    [6, false],
  ])('P50 of %i requests is too few: %s', (samples, tooFew) => {
    const rows = view(asTable(comparisonSamples(pair({ samples })))).percentiles;
    expect(rows.find(({ turn, quantile }) => turn === 'all' && quantile === 'p50')!.marks[0]!.tooFew).toBe(
      tooFew,
    );
  });

  test('no answers yet', () => {
    const drawn = view(asTable(comparisonSamples(pair({ samples: 0 }, { samples: 0 }))));
    expect(drawn.verdicts[0]!.facts).toBe('P95 needs 72 requests: llm-d has 0, vllm has 0');
    expect(drawn.empty.percentiles).toBe('No answered request in the window yet.');
  });

  test('windows that do not overlap are told with their times, once', () => {
    const apart = pair(
      { caveats: [] },
      { window: { start: NOW - 7_200_000, end: NOW - 6_300_000 }, caveats: ['windows_apart'] },
    );
    const { notices } = view(asTable(comparisonSamples(apart)));
    expect(notices).toEqual([
      expect.objectContaining({
        label: 'different times',
        text: 'The targets were measured at different times: vllm 11:45–11:59, llm-d 10:00–10:15',
      }),
    ]);
  });

  test('targets that are not comparable say why', () => {
    const differ = comparisonSamples(pair({}, { caveats: ['model_differs'] }), 'not_comparable');
    expect(view(asTable(differ)).verdicts[0]).toMatchObject({
      tone: 'warning',
      headline: 'llm-d and vllm are not comparable',
      facts: 'Because the targets serve different models',
    });
  });

  test('caveats become chips, the gravest first; an unknown one is shown as it is', () => {
    const drawn = view(
      asTable(comparisonSamples(pair({}, { caveats: ['imbalanced', 'hot_prefix_collapse', 'brand_new'] }))),
    );
    expect(drawn.notices.map(({ tone, label }) => [tone, label])).toEqual([
      ['critical', 'llm-d: hot prefix collapse'],
      ['warning', 'llm-d: imbalanced'],
      ['warning', 'llm-d: brand_new'],
    ]);
    expect(drawn.notices[1]!.text).toBe('llm-d: work is spread unevenly over the replicas');
  });

  test('what got worse beside the headline is named from the verdicts', () => {
    const worse: Sample = sample(
      METRIC.verdict,
      { target: 'llm-d', metric: 'e2e', turn: 'all', quantile: '0.99', verdict: 'slower' },
      1,
    );
    const drawn = view(asTable([...comparisonSamples(pair()), worse]));
    expect(drawn.notices).toEqual([
      expect.objectContaining({ tone: 'bad', label: 'llm-d: P99 E2E of all turns worse' }),
    ]);
  });

  test('a slower candidate is told as such', () => {
    const drawn = view(asTable(comparisonSamples(pair({}, { ttft: 0.7 }))));
    expect(drawn.verdicts[0]).toMatchObject({ tone: 'bad', headline: 'llm-d answers later' });
    expect(drawn.verdicts[0]!.facts).toContain('2.5 times as much (2.2–2.9)');
    expect(drawn.table[0]!.cells[1]).toEqual({ target: 'llm-d', text: '3.02 s', tone: 'bad' });
  });

  test('of two verdicts in a range the newest holds', () => {
    const labels = { target: 'llm-d', metric: 'ttft', turn: 'all', quantile: '0.95' };
    const others = comparisonSamples(pair()).filter(({ metric }) => metric !== METRIC.verdict);
    const before = asInstant([sample(METRIC.verdict, { ...labels, verdict: 'faster' }, 1)], NOW - 60_000);
    const now = asInstant([sample(METRIC.verdict, { ...labels, verdict: 'no_difference_shown' }, 1)]);
    const drawn = view([...asTable(others), ...before, ...now]);
    expect(drawn.verdicts[0]!.verdict).toBe('no_difference_shown');
  });

  test('the verdict is the published one, even where the numbers seem to say otherwise', () => {
    const drawn = view(asTable(comparisonSamples(pair(), 'no_difference_shown')));
    expect(drawn.verdicts[0]).toMatchObject({
      tone: 'neutral',
      headline: 'No difference shown between llm-d and vllm',
    });
  });

  test('more than two targets: a verdict per candidate, distinct places in the palette', () => {
    const four = [...pair(), { name: 'sglang', ttft: 0.22 }, { name: 'trt', ttft: 0.5 }];
    const drawn = view(asTable(comparisonSamples(four)));
    expect(drawn.verdicts.map(({ candidate, verdict }) => [candidate, verdict])).toEqual([
      ['llm-d', 'faster'],
      ['sglang', 'faster'],
      ['trt', 'slower'],
    ]);
    expect(drawn.targets.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  test.each([1, 64])('%i replicas per target, in natural order', (replicas) => {
    const [vllm] = view(asTable(comparisonSamples(pair({ replicas }, { replicas })))).balance;
    expect(vllm!.replicas.map(({ replica }) => replica)).toEqual(
      Array.from({ length: replicas }, (_, i) => `vllm-${i}`),
    );
  });

  test('two exporters that contradict each other are noticed, the newest value wins', () => {
    const twice = [
      ...asTable(comparisonSamples(pair())),
      ...asInstant([sample(METRIC.hitRatio, { target: 'vllm', instance: 'other:9' }, 0.1)], NOW + 1000),
    ];
    const drawn = view(twice);
    expect(labelsOf(drawn)).toEqual(['two sources']);
    expect(drawn.hitRate[0]!.measured).toBe(0.1);
  });

  test('NaN and infinities are no values, a hole in the history is a gap', () => {
    const broken = comparisonSamples(pair()).map((one) =>
      one.metric === METRIC.hitRatio ? { ...one, value: NaN } : one,
    );
    const values = [0.5, 0.6, null, 0.7, Infinity, 0.8];
    const labels = { target: 'vllm', turn: 'all', quantile: '0.950', bound: 'estimate' };
    const drawn = view([...asTable(broken), history(METRIC.ttft, labels, values)]);
    expect(drawn.hitRate.map(({ measured }) => measured)).toEqual([null, null]);
    expect(drawn.overTime.series[0]!.points.map(({ value }) => value)).toEqual([
      0.5,
      0.6,
      null,
      0.7,
      null,
      0.8,
    ]);
  });

  test('history outside the time range is left out', () => {
    const labels = { target: 'vllm', turn: 'all', quantile: '0.95', bound: 'estimate' };
    const long = history(METRIC.ttft, labels, [0.5, 0.6, 0.7, 0.8], 30_000);
    const frames = [...asTable(comparisonSamples(pair())), long];
    const drawn = view(frames, {}, { range: { from: NOW - 60_000, to: NOW } });
    expect(drawn.overTime.series[0]!.points.map(({ value }) => value)).toEqual([0.6, 0.7, 0.8]);
  });

  test('a series that ended long before the others is of something that went away', () => {
    const gone = asInstant(
      [sample(METRIC.replicaHitRatio, { target: 'vllm', replica: 'vllm-old' }, 0.5)],
      NOW - 600_000,
    );
    const [vllm] = view([...asTable(comparisonSamples(pair())), ...gone]).hitRate;
    expect(vllm!.replicas.map(({ replica }) => replica)).not.toContain('vllm-old');
  });

  test('huge and tiny values keep three digits', () => {
    const drawn = view(asTable(comparisonSamples(pair({ ttft: 9500 }, { ttft: 0.0004 }))));
    expect(drawn.verdicts[0]!.facts).toBe('P95 TTFT 1.08 ms vs 7.13 h, 99.9 % less (99.9 %), n = 440 + 440');
  });

  test('a time range in the past says so; an old newest answer in a current range does, too', () => {
    const frames = asTable(comparisonSamples(pair()));
    expect(labelsOf(view(frames, {}, { now: NOW + 86_400_000 }))).toEqual(['as of 01 Jun, 12:00']);
    const later = NOW + 1_200_000;
    expect(labelsOf(view(frames, {}, { now: later, range: { from: later - 1, to: later } }))).toEqual([
      '20 min old',
    ]);
  });
});
