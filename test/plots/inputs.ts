/** Comparisons to be drawn, from invented requests. */
import { compareNow } from '../../exporter/src/compare/comparison';
import type { Comparison, LevelComparison, TargetSummary } from '../../exporter/src/model/comparison';
import type { TimedRecord } from '../../exporter/src/model/record';
import type { PlotInput } from '../../exporter/src/plots/input';
import { failure, input, records, target, type Shape } from '../stats/workload';

export const NAMES = ['vllm', 'llm-d'] as const;

/** Two targets with turns and no load levels; the candidate misses the cache less often. */
export function turnsInput(names: readonly [string, string] = NAMES): PlotInput {
  const [baseline, candidate] = [
    renamed(records('vllm', { miss: 0.4, later_ms: 120 }), names[0]),
    renamed(records('llm-d', { miss: 0.05, later_ms: 110 }), names[1]),
  ];
  const comparison = compareNow({
    ...input(),
    baseline: names[0],
    targets: [
      target(names[0], 'baseline', { records: baseline }),
      target(names[1], 'candidate', { records: candidate }),
    ],
  });
  return {
    comparison,
    series: [
      { target: names[0], level: null, workload: null, records: baseline },
      { target: names[1], level: null, workload: null, records: candidate },
    ],
  };
}

const renamed = (list: TimedRecord[], name: string) => list.map((one) => ({ ...one, target: name }));

export const LEVELS = [0.5, 1, 4] as const;

/** Single turns at three loads; at the highest the candidate lacks a third of the requests. */
export function levelsInput(workload?: string): Required<PlotInput> {
  const shape: Partial<Shape> = { conversations: 90, turns: 1 };
  const levels: LevelComparison[] = [];
  const series: PlotInput['series'][number][] = [];
  for (const level of LEVELS) {
    const slower = 1 + level / 2;
    const baseline = ofLevel(
      records('vllm', { ...shape, first_ms: 600 * slower, e2e_ms: 2000 * slower }),
      level,
    );
    const all = ofLevel(records('llm-d', { ...shape, first_ms: 300 * slower, e2e_ms: 1500 * slower }), level);
    const candidate = level === 4 ? all.slice(0, 60) : all;
    const { targets, comparisons } = compareNow(
      input(
        { records: baseline },
        level === 4 ? { records: candidate, requests_missing: 30 } : { records: candidate },
      ),
    );
    if (level === 4) (targets[1] as TargetSummary).requests_missing = 30;
    levels.push({
      level,
      unit: 'qps',
      ...(workload === undefined ? {} : { workload }),
      targets,
      comparisons,
    });
    for (const [name, own] of [
      ['vllm', baseline],
      ['llm-d', candidate],
    ] as const)
      series.push({ target: name, level, workload: workload ?? null, records: own });
  }
  const of = (name: string) =>
    series.filter((one) => one.target === name).flatMap((one) => one.records as TimedRecord[]);
  const comparison: Comparison = {
    ...compareNow(input({ records: of('vllm') }, { records: of('llm-d') })),
    levels,
  };
  return { comparison, series };
}

const ofLevel = (list: TimedRecord[], level: number) =>
  list.map((one) => ({ ...one, conversation: `${level}/${one.conversation}`, tpot_ms: 10 + 5 * level }));

/** Every fifth later request of the candidate failed. */
export function failingInput(): PlotInput {
  const { series } = turnsInput();
  const [baseline, candidate] = series.map((one) => one.records as TimedRecord[]) as [
    TimedRecord[],
    TimedRecord[],
  ];
  const failing = candidate.map((one, index) =>
    one.turn > 1 && index % 5 === 0 ? { ...one, ...failure('http_503') } : one,
  );
  return {
    comparison: compareNow(input({ records: baseline }, { records: failing })),
    series: [
      { target: 'vllm', level: null, workload: null, records: baseline },
      { target: 'llm-d', level: null, workload: null, records: failing },
    ],
  };
}

/** As of another tool's summary: no single requests, no turns, no intervals. */
export function summaryInput(): PlotInput {
  const { comparison } = turnsInput();
  return {
    comparison: {
      ...comparison,
      targets: comparison.targets.map((one) => ({ ...one, ttft_by_turn_seconds: [] })),
    },
    series: [],
  };
}

/** Names that try to be markup wherever they are put. */
export const HOSTILE: [string, string] = [
  `<script>alert(1)</script>&"'`,
  `x"><img src=x onerror=alert(2)>|\`**`,
];
