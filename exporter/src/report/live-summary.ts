/** One screen of a running comparison: at most 28 lines of 100 columns. */
import type { Comparison, PairComparison, QuantileName, TargetSummary } from '../model/comparison';
import type { TurnClass } from '../model/record';
import {
  balanceSummary,
  boundsCell,
  hitRateCell,
  isTooSmall,
  outcomesCell,
  shortEstimate,
  TOO_SMALL,
} from './cells';
import { count, DASH } from './format';
import { columnWidths, fit, tableLines, wrap, type Row } from './table';
import { worseName } from './worse';
import { TURN_WORDS, verdictSentence } from './verdict-sentence';

export interface LiveContext {
  /** What is under way, e.g. `Round 3, 212 of 440 requests`; null: nothing to add. */
  progress: string | null;
}

export const LIVE_LINES = 28;
export const LIVE_COLUMNS = 100;

const SHOWN_QUANTILES: readonly QuantileName[] = ['p50', 'p95', 'p99'];
const SHOWN_CLASSES: readonly TurnClass[] = ['later', 'first'];

export function liveSummary(comparison: Comparison, context: LiveContext): string[] {
  const rows = targetRows(comparison.targets);
  const widths = columnWidths(rows);
  const body = [
    ...(context.progress === null ? [] : [context.progress]),
    ...comparison.comparisons.flatMap((pair) => wrap(verdictSentence(comparison, pair), LIVE_COLUMNS)),
    '',
    ...tableLines(rows, widths.label, widths.cell),
  ];
  const notes = comparison.comparisons.flatMap(pairNotes);
  const room = LIVE_LINES - body.length;
  const shown =
    notes.length <= room ? notes : [...notes.slice(0, Math.max(0, room - 1)), '  … more in the report'];
  return [...body, ...shown].slice(0, LIVE_LINES).map((line) => fit(line, LIVE_COLUMNS));
}

function targetRows(targets: readonly TargetSummary[]): Row[] {
  const cells = (label: string, of: (target: TargetSummary) => string): Row => [label, ...targets.map(of)];
  return [
    cells('', ({ name, up }) => (up ? name : `${name} (down)`)),
    ...SHOWN_CLASSES.flatMap((turn) => [
      cells(`TTFT ${TURN_WORDS[turn]}`, ({ samples }) => `n = ${count(samples[turn])}`),
      ...SHOWN_QUANTILES.map((name) =>
        cells(`  ${name.toUpperCase()}`, (target) => percentileCell(target, turn, name)),
      ),
    ]),
    cells('Cache hit rate', ({ hit_rate: rate }) => hitRateCell(rate)),
    cells('  expected', ({ hit_rate: rate }) => boundsCell(rate)),
    cells('Balance', balanceSummary),
    cells('Requests', outcomesCell),
  ];
}

function percentileCell(target: TargetSummary, turn: TurnClass, name: QuantileName): string {
  const estimate = target.ttft_seconds[turn][name];
  if (estimate === null) return DASH;
  return isTooSmall(name, estimate.n) ? `${shortEstimate(estimate)} ${TOO_SMALL}` : shortEstimate(estimate);
}

function pairNotes(pair: PairComparison): string[] {
  const worse = pair.worse.map(worseName).join(', ');
  return [
    ...(worse === '' ? [] : ['', ...wrap(`Worse: ${worse}`, LIVE_COLUMNS)]),
    ...(pair.caveats.length === 0 ? [] : ['']),
    ...pair.caveats.flatMap(({ text }) => wrap(text, LIVE_COLUMNS, '! ', '  ')),
  ];
}
