/** A run over several loads: one table, a block of rows per level. */
import type { Comparison, QuantileName, TargetSummary } from '../model/comparison';
import type { TurnClass } from '../model/record';
import { shortEstimate, isTooSmall, TOO_SMALL, hitRateCell, outcomesCell } from './cells';
import { count, DASH } from './format';
import { achievedCell } from './load';
import type { Row } from './table';
import { TURN_WORDS, verdictSentence } from './verdict-sentence';

type Level = NonNullable<Comparison['levels']>[number];

const SHOWN_QUANTILES: readonly QuantileName[] = ['p50', 'p95', 'p99'];

export const levelName = ({ level, unit }: Pick<Level, 'level' | 'unit'>): string =>
  unit === 'qps' ? `${level} requests per second` : `${level} at a time`;

export interface LevelBlock {
  title: string;
  rows: Row[];
  /** The verdict on each candidate, and why it must be read with care. */
  notes: string[];
}

/** What each level came to, in the order in which they were measured. */
export function levelBlocks(comparison: Comparison): LevelBlock[] {
  return (comparison.levels ?? []).map((level) => ({
    title: levelName(level),
    rows: levelRows(level.targets),
    notes: level.comparisons.flatMap((pair) => [
      verdictSentence({ ...comparison, ...level }, pair),
      ...pair.caveats.map(({ reason, text }) => `${reason}: ${text}`),
    ]),
  }));
}

function levelRows(targets: readonly TargetSummary[]): Row[] {
  const row = (label: string, cell: (target: TargetSummary) => string): Row => [label, ...targets.map(cell)];
  const turns: readonly TurnClass[] = targets.some(({ samples }) => samples.later > 0)
    ? ['first', 'later']
    : ['first'];
  return [
    row('Achieved', achievedCell),
    row('Requests', outcomesCell),
    ...turns.flatMap((turn) =>
      SHOWN_QUANTILES.map((name) =>
        row(`TTFT ${TURN_WORDS[turn]} ${name.toUpperCase()}`, (target) => quantileCell(target, turn, name)),
      ),
    ),
    row('Cache hit rate', ({ hit_rate: rate }) => hitRateCell(rate)),
  ];
}

function quantileCell(target: TargetSummary, turn: TurnClass, name: QuantileName): string {
  const estimate = target.ttft_seconds[turn][name];
  if (estimate === null) return DASH;
  const mark = isTooSmall(name, estimate.n) ? ` ${TOO_SMALL}` : '';
  return `${shortEstimate(estimate)}, n = ${count(estimate.n)}${mark}`;
}
