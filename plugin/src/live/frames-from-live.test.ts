import { prepare } from '../data/prepare';
import { comparisonSamples, LLMD, VLLM } from '../testing/frames';
import { readAnswer, type LiveAnswer } from './answer';
import { framesFromLive, rangeOf } from './frames-from-live';
import { DEFAULT_STATE, optionsOf } from './url-state';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);

const ttft = (target: string, values: (number | null)[]) => ({
  name: 'taillight_comparison_ttft_seconds',
  labels: { target, turn: 'later', quantile: '0.95', bound: 'estimate' },
  times: values.map((_, i) => NOW - (values.length - 1 - i) * 10_000),
  values,
});

const ANSWER: LiveAnswer = {
  version: '0.1.0',
  run: 'r1',
  started: NOW - 600_000,
  now: NOW,
  generated: new Date(NOW - 500).toISOString(),
  window_seconds: 300,
  instant: comparisonSamples([VLLM, LLMD], null).flatMap(({ metric, labels, value }) =>
    value === null ? [] : [[metric, labels, value] as LiveAnswer['instant'][number]],
  ),
  series: [ttft('vllm', [0.7, null, 0.75]), ttft('llm-d', [0.3, 0.28, 0.27])],
};

describe('frames of the live answer', () => {
  test('are what the panel reads: the verdict with its numbers, every section, the history with its gap', () => {
    const prepared = prepare(framesFromLive(ANSWER), optionsOf(DEFAULT_STATE), {
      state: 'done',
      now: NOW,
      range: rangeOf(ANSWER),
      timeZone: 'utc',
    });
    if (prepared.kind !== 'view') throw new Error(prepared.title);
    const { view } = prepared;
    expect(view.targets.map(({ name }) => name)).toEqual(['vllm', 'llm-d']);
    expect(view.verdicts[0]?.headline).toBe('llm-d answers sooner');
    expect(view.empty).toEqual({});
    expect(view.overTime.series.map(({ points }) => points.map(({ value }) => value))).toEqual([
      [0.7, null, 0.75],
      [0.3, 0.28, 0.27],
    ]);
  });

  test('are none before there is anything', () => {
    expect(framesFromLive({ ...ANSWER, instant: [], series: [] })).toEqual([]);
  });
});

describe('the time axis', () => {
  const begun = (seconds: number) => ({
    ...ANSWER,
    series: [{ ...ttft('vllm', [1, 1]), times: [NOW - seconds * 1000, NOW] }],
  });

  test('is as long as the history, a minute at least and the window at most', () => {
    const length = (answer: LiveAnswer) => (rangeOf(answer).to - rangeOf(answer).from) / 1000;
    expect(length(begun(5))).toBe(60);
    expect(length(begun(200))).toBe(200);
    expect(length(begun(1000))).toBe(300);
    expect(length({ ...ANSWER, series: [] })).toBe(60);
  });
});

describe('an answer', () => {
  const json = (change: Record<string, unknown> = {}): unknown =>
    JSON.parse(JSON.stringify({ schema: 'taillight.live/1', ...ANSWER, ...change }));

  test('is read as it was sent', () => {
    expect(readAnswer(json())).toEqual(ANSWER);
    expect(readAnswer(json({ generated: null }))?.generated).toBeNull();
  });

  test.each([
    ['another schema', { schema: 'taillight.live/2' }],
    ['no run', { run: null }],
    ['a window in words', { window_seconds: '5m' }],
    ['a sample without a value', { instant: [['taillight_target_up', {}]] }],
    ['labels that are numbers', { instant: [['taillight_target_up', { target: 1 }, 1]] }],
    ['a series without times', { series: [{ name: 'x', labels: {}, values: [] }] }],
    ['series that are none', { series: {} }],
  ])('with %s is none', (_, change) => {
    expect(readAnswer(json(change))).toBeNull();
  });

  test('of another program is none', () => {
    for (const other of [null, 'hello', 3, [], {}]) expect(readAnswer(other)).toBeNull();
  });
});
