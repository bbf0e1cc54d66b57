/** What plots and reports are made from, and how the parts of it are found. */
import { CAVEATS, IMPORT_CAVEATS } from '../model/caveat';
import type { Caveat, Comparison, LevelComparison, PairComparison, TargetSummary } from '../model/comparison';
import type { ProbeRecord } from '../model/record';
import type { RecordSeries } from '../model/result';
import { blockingCaveat } from '../report/cells';
import { targetColor } from './theme';

export interface PlotInput {
  comparison: Comparison;
  /** Targets of which only summaries are known have none. Warm-up is left out here. */
  series: readonly RecordSeries[];
}

export interface TargetView {
  name: string;
  role: 'baseline' | 'candidate';
  /** In the light theme. */
  color: string;
  /** Over all levels. */
  summary: TargetSummary;
}

export interface LevelView {
  level: number;
  unit: 'qps' | 'concurrency';
  workload: string | null;
  /** `0.5`, for axes that say the unit. */
  label: string;
  /** `0.5 QPS`, `sharegpt 0.5 QPS`. */
  name: string;
  targets: readonly TargetSummary[];
  comparisons: readonly PairComparison[];
}

export interface PlotData {
  comparison: Comparison;
  /** The baseline first. */
  targets: TargetView[];
  /** Ascending within a workload; empty where the result has none. */
  levels: LevelView[];
  /** Counted requests of a target: of one level, or of all. */
  records: (target: string, level: LevelView | null) => readonly ProbeRecord[];
}

/** Levels that belong on one axis: of one workload, in one unit. */
export interface Axis {
  levels: LevelView[];
  unit: string;
  /** `, sharegpt`, for titles, where the result has several such axes. */
  suffix: string;
}

export const UNIT_WORDS: Record<LevelView['unit'], string> = {
  qps: 'QPS',
  concurrency: 'concurrent requests',
};
const SHORT_UNITS: Record<LevelView['unit'], string> = { qps: 'QPS', concurrency: 'at once' };

export function plotData({ comparison, series }: PlotInput): PlotData {
  const ordered = [...comparison.targets].sort(
    (left, right) => Number(right.role === 'baseline') - Number(left.role === 'baseline'),
  );
  const levels = (comparison.levels ?? [])
    .map(levelView)
    .sort((left, right) => compareText(left.workload, right.workload) || left.level - right.level);
  const counted = series.map((one) => ({
    ...one,
    records: one.records.filter((record) => record.warmup !== true),
  }));
  return {
    comparison,
    targets: ordered.map((summary, index) => ({
      name: summary.name,
      role: summary.role,
      color: targetColor(index),
      summary,
    })),
    levels,
    records: remembered((target, level) => recordsOf(counted, levels, target, level)),
  };
}

/** Of levels that only one side has nothing can be compared, and nothing is shown. */
function recordsOf(
  series: readonly RecordSeries[],
  levels: readonly LevelView[],
  target: string,
  level: LevelView | null,
): readonly ProbeRecord[] {
  const wanted = level === null ? levels : [level];
  const isOf = (one: RecordSeries, known: LevelView) =>
    one.level === known.level && (known.workload === null || (one.workload ?? null) === known.workload);
  return series
    .filter((one) => one.target === target)
    .filter((one) => wanted.length === 0 || wanted.some((known) => isOf(one, known)))
    .flatMap((one) => one.records);
}

/** Every plot asks for the same lists. */
function remembered(find: PlotData['records']): PlotData['records'] {
  const known = new Map<string, Map<LevelView | null, readonly ProbeRecord[]>>();
  return (target, level) => {
    const own = known.get(target) ?? new Map<LevelView | null, readonly ProbeRecord[]>();
    known.set(target, own);
    const records = own.get(level) ?? find(target, level);
    own.set(level, records);
    return records;
  };
}

function levelView({ level, unit, workload, targets, comparisons }: LevelComparison): LevelView {
  const label = String(level);
  const name = [...(workload === undefined ? [] : [workload]), label, SHORT_UNITS[unit]].join(' ');
  return { level, unit, workload: workload ?? null, label, name, targets, comparisons };
}

const compareText = (left: string | null, right: string | null) =>
  (left ?? '') < (right ?? '') ? -1 : (left ?? '') > (right ?? '') ? 1 : 0;

/** The levels of a result, axis by axis. */
export function axesOf({ levels }: PlotData): Axis[] {
  const axes = new Map<string, LevelView[]>();
  for (const level of levels) {
    const key = JSON.stringify([level.workload, level.unit]);
    axes.set(key, [...(axes.get(key) ?? []), level]);
  }
  return [...axes.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const unit = UNIT_WORDS[first.unit];
    return [{ levels: own, unit, suffix: axes.size > 1 ? `, ${first.workload ?? unit}` : '' }];
  });
}

type Reason = Caveat['reason'];

export const meaning = (reason: Reason) => ({ ...CAVEATS, ...IMPORT_CAVEATS })[reason].meaning;

/** The first reason that forbids any verdict on a pair; null where there is none. */
export function blockingReason(pair: PairComparison | undefined): Reason | null {
  return pair === undefined ? null : (blockingCaveat(pair)?.reason ?? null);
}

/** Why a target must not be held against the baseline, at a level or in all; null: it may. */
export const blockedAt = (level: { comparisons: readonly PairComparison[] }, target: string): Reason | null =>
  blockingReason(level.comparisons.find(({ candidate }) => candidate === target));

/**
 * One sentence per (candidate, reason): `llm-d is not comparable at 2, 5, 10 QPS: one side lacks requests that the other has.`
 */
function blockedNotes(data: PlotData): string[] {
  return axesOf(data).flatMap(({ levels, unit, suffix }) =>
    data.targets.flatMap(({ name }) => {
      const found = new Map<Reason, string[]>();
      for (const level of levels) {
        const reason = blockedAt(level, name);
        if (reason !== null) found.set(reason, [...(found.get(reason) ?? []), level.label]);
      }
      return [...found].map(([reason, labels]) => {
        const where = labels.length === levels.length ? 'any load' : `${labels.join(', ')} ${unit}`;
        return `${name} is not comparable at ${where}${suffix.replace(/^, (.*)$/, ' ($1)')}: ${meaning(reason)}.`;
      });
    }),
  );
}

/** Why plots of all requests together must be read with care. */
export function pooledNotes(data: PlotData): string[] {
  const byLevel = blockedNotes(data);
  if (byLevel.length > 0) return byLevel;
  return data.comparison.comparisons.flatMap((pair) => {
    const reason = blockingReason(pair);
    return reason === null
      ? []
      : [`${pair.candidate} is not comparable with ${pair.baseline}: ${meaning(reason)}.`];
  });
}
