/** What plots and reports are made from, and how the parts of it are found. */
import { blocks, CAVEATS, IMPORT_CAVEATS } from '../model/caveat';
import type { Caveat, Comparison, PairComparison, TargetSummary } from '../model/comparison';
import type { ProbeRecord } from '../model/record';
import { targetColor } from './theme';

/** The requests of one target at one load level; null where the result has no levels. */
export interface RecordSeries {
  target: string;
  level: number | null;
  records: readonly ProbeRecord[];
}

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
  /** `0.5`, without the unit. */
  label: string;
  targets: readonly TargetSummary[];
  comparisons: readonly PairComparison[];
}

export interface PlotData {
  comparison: Comparison;
  /** The baseline first. */
  targets: TargetView[];
  /** Ascending; empty where the result has none. */
  levels: LevelView[];
  unit: 'qps' | 'concurrency';
  /** Counted requests of a target: of one level, or of all. */
  records: (target: string, level: number | null) => readonly ProbeRecord[];
}

export const UNIT_WORDS: Record<PlotData['unit'], string> = {
  qps: 'QPS',
  concurrency: 'concurrent requests',
};

export function plotData({ comparison, series }: PlotInput): PlotData {
  const ordered = [...comparison.targets].sort(
    (left, right) => Number(right.role === 'baseline') - Number(left.role === 'baseline'),
  );
  const levels = [...(comparison.levels ?? [])].sort((left, right) => left.level - right.level);
  const counted = series.map((one) => ({
    ...one,
    records: one.records.filter((record) => record.warmup !== true),
  }));
  // Of levels that only one side has nothing can be compared, and nothing is shown.
  const isCompared = (level: number | null) =>
    levels.length === 0 || levels.some((one) => one.level === level);
  return {
    comparison,
    targets: ordered.map((summary, index) => ({
      name: summary.name,
      role: summary.role,
      color: targetColor(index),
      summary,
    })),
    levels: levels.map((one) => ({ ...one, label: String(one.level) })),
    unit: levels[0]?.unit ?? 'qps',
    records: (target, level) =>
      counted
        .filter(
          (one) => one.target === target && (level === null ? isCompared(one.level) : one.level === level),
        )
        .flatMap((one) => one.records),
  };
}

type Reason = Caveat['reason'];

export const meaning = (reason: Reason) => ({ ...CAVEATS, ...IMPORT_CAVEATS })[reason].meaning;

/** The first reason that forbids any verdict on a pair; null where there is none. */
export function blockingReason(pair: PairComparison | undefined): Reason | null {
  return pair?.caveats.find(({ reason }) => blocks(reason))?.reason ?? null;
}

/** Why a target must not be held against the baseline at a level; null: it may. */
export const blockedAt = (level: LevelView, target: string): Reason | null =>
  blockingReason(level.comparisons.find(({ candidate }) => candidate === target));

/**
 * One sentence per (candidate, reason): `llm-d is not comparable at 2, 5, 10 QPS: one side lacks requests that the other has.`
 */
export function blockedNotes(data: PlotData): string[] {
  const found = new Map<string, { target: string; reason: Reason; levels: string[] }>();
  for (const level of data.levels) {
    for (const { name } of data.targets) {
      const reason = blockedAt(level, name);
      if (reason === null) continue;
      const key = JSON.stringify([name, reason]);
      const entry = found.get(key) ?? { target: name, reason, levels: [] };
      found.set(key, { ...entry, levels: [...entry.levels, level.label] });
    }
  }
  return [...found.values()].map(
    ({ target, reason, levels }) =>
      `${target} is not comparable at ${levels.join(', ')} ${UNIT_WORDS[data.unit]}: ${meaning(reason)}.`,
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
