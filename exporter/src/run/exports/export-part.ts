import type { TargetSummary } from '../../model/comparison';
import type { TimedRecord } from '../../model/record';
import type { RunResult } from '../run-result';
import { offeredRate, type Level } from '../stage';

/** What one exported file tells: the requests of a target at a load level. */
export interface ExportPart {
  result: RunResult;
  target: string;
  /** Index of the load level; 0 in a run without levels. */
  stage: number;
  /** null: the run has no levels, or no rate and no number of requests at once that says what was offered. */
  level: Level | null;
  /** Of these requests. */
  summary: TargetSummary | null;
  /** Without warm-up, by the time at which they were sent. */
  records: TimedRecord[];
}

/** A part per target and load level that was begun. */
export function exportParts(result: RunResult): ExportPart[] {
  const measured = result.spans.flatMap(({ stage }) => stage.measured ?? []);
  return [...result.records].flatMap(([target, all]) => {
    const counted = all
      .filter(({ warmup }) => warmup !== true)
      .sort((left, right) => left.sent_at - right.sent_at);
    return measured.map(({ index, level }, position): ExportPart => {
      const { targets } =
        level === null
          ? result.comparison
          : (result.comparison.levels?.[position] ?? { targets: [] as TargetSummary[] });
      return {
        result,
        target,
        stage: index,
        level: level ?? offeredLevel(result),
        summary: targets.find(({ name }) => name === target) ?? null,
        records: level === null ? counted : counted.filter(({ stage }) => stage === index),
      };
    });
  });
}

/** The load of a run without levels, where the workload sets it. */
function offeredLevel({ workload, source }: RunResult): Level | null {
  const rate = source === null ? offeredRate(workload) : null;
  return rate === null ? null : { level: rate, unit: 'qps' };
}

/** A load as part of a file's name: never with an exponent, nor with the noise of binary fractions. */
export const levelText = ({ level }: Level): string =>
  level.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 9 });
