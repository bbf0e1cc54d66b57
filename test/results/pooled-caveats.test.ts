import { compareNow } from '../../exporter/src/compare/comparison';
import type { Caveat, Comparison } from '../../exporter/src/model/comparison';
import type { LevelResult } from '../../exporter/src/results/compare-level';
import { DEFAULTS } from '../../exporter/src/results/compare-results';
import { poolLevels } from '../../exporter/src/results/pool-levels';
import { verdictLine } from '../../exporter/src/results/result-blocks';
import { Draws } from '../../exporter/src/stats/draws';
import { input, records, START, target } from '../stats/workload';

const context = {
  names: ['vllm', 'llm-d'],
  options: { ...DEFAULTS, resamples: 200 },
  generated: new Date(START * 1000),
  many: true,
  draws: new Draws(),
} as const;

const saturated = (text: string): Caveat => ({ reason: 'target_saturated', target: 'vllm', text });
const missing: Caveat = { reason: 'requests_missing', target: null, text: 'requests missing (1 of 9)' };
const few: Caveat = { reason: 'few_conversations', target: null, text: 'few' };

/** Each level's own conversations; the candidate is the quicker one. */
function levelOf(value: number | null, workload: string | null, caveats: Caveat[], raw = true): LevelResult {
  const [one, other] = [records('vllm', { later_ms: 400 }), records('llm-d', { later_ms: 100 })].map((list) =>
    list.map((record) => ({ ...record, conversation: `${workload}/${value}/${record.conversation}` })),
  );
  const sides = [
    target('vllm', 'baseline', { records: one! }),
    target('llm-d', 'candidate', { records: other! }),
  ] as const;
  const { targets, comparisons } = compareNow({ ...input(), targets: [...sides] });
  return {
    level: value === null ? null : { value, unit: 'qps' },
    workload,
    targets: [targets[0]!, targets[1]!],
    pair: { ...comparisons[0]!, caveats },
    definitions: { unlike: [], texts: [] },
    inputs: raw ? [...sides] : null,
  };
}

const pooled = (levels: readonly LevelResult[]) => poolLevels(levels, context);
const texts = (levels: readonly LevelResult[], reason: Caveat['reason']) =>
  pooled(levels)
    .pair.caveats.filter((one) => one.reason === reason)
    .map(({ text }) => text);

test('what was found at some levels stands once over everything, with the levels', () => {
  const levels = [
    levelOf(0.5, 'sharegpt', [few]),
    levelOf(1, 'sharegpt', [saturated('grew 4.0-fold')]),
    levelOf(1.17, 'sharegpt', [saturated('grew 9.0-fold'), few]),
  ];
  expect(texts(levels, 'target_saturated')).toEqual(['At 1, 1.17 QPS (figures of 1 QPS): grew 4.0-fold']);
  expect(texts(levels, 'few_conversations')).toEqual([]);
  expect(texts(levels, 'levels_pooled')).toHaveLength(1);
});

test('workloads are named where there are several, and all levels are every level', () => {
  const grew = saturated('grew');
  const two = [levelOf(1, 'sharegpt', [grew]), levelOf(2, 'sharegpt', [grew]), levelOf(2, 'short', [])];
  expect(texts(two, 'target_saturated')).toEqual(['At sharegpt 1, 2 QPS: grew']);
  const unlevelled = [levelOf(null, 'sharegpt', [grew]), levelOf(null, 'short', [])];
  expect(texts(unlevelled, 'target_saturated')).toEqual(['In sharegpt: grew']);
  const all = [levelOf(1, 'sharegpt', [grew]), levelOf(2, 'short', [grew])];
  expect(texts(all, 'target_saturated')).toEqual(['At every level: grew']);
});

test('a reason that blocks one level is told but takes no verdict away from all together', () => {
  const { targets, pair } = pooled([levelOf(1, null, []), levelOf(2, null, [missing])]);
  expect(pair.caveats).toContainEqual({ ...missing, text: `At 2 QPS: ${missing.text}` });
  expect(pair.ratios.map(({ verdict }) => verdict)).toContain('faster');
  const comparison: Comparison = {
    schema: 'taillight.comparison/1',
    generated: '',
    baseline: 'vllm',
    targets,
    comparisons: [pair],
  };
  expect(verdictLine(comparison, pair)).toMatch(/^llm-d answers sooner/);
});

test('of summaries every reason and target is kept, and every definition', () => {
  const only = (name: string): Caveat => ({ reason: 'summary_only', target: name, text: `${name} tells` });
  const unlike = (text: string): Caveat => ({ reason: 'definitions_differ', target: null, text });
  const { pair } = pooled([
    levelOf(1, null, [only('vllm'), only('llm-d'), unlike('By ttft'), unlike('By itl')], false),
    levelOf(2, null, [only('vllm'), unlike('By ttft')], false),
  ]);
  expect(pair.caveats.map(({ text }) => text).slice(0, -1)).toEqual([
    'At every level: vllm tells',
    'At 1 QPS: llm-d tells',
    'By ttft',
    'By itl',
  ]);
});
