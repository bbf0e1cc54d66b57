/** How the wait develops inside a conversation: median and spread of the TTFT at each turn. */
import { count } from '../report/format';
import { quantile, sortedFinite } from '../stats/quantile';
import type { ProbeRecord } from '../model/record';
import { pooledNotes, type PlotData, type TargetView } from './input';
import { medianInterval } from './order-interval';
import { isEmpty, isMeasured, legendOf, sizesText, type Plan } from './plot';
import { measured } from './samples';
import { cutText } from './text-width';
import { duration } from './words';
import {
  logAxis,
  logScale,
  ownColor,
  panel,
  pixels,
  pixelsDown,
  position,
  SAYS,
  silent,
  spreadOut,
  TIME_LABEL,
  type Spec,
} from './spec';

/** More turns than this are cut off: too few conversations are that long to say anything. */
const MAX_TURNS = 40;
const HEIGHT = 330;

interface TurnRow {
  turn: number;
  at: number;
  n: number;
  p50: number;
  low: number;
  high: number;
  p5: number | null;
  p95: number | null;
  color: string;
  target: string;
  says: string;
}

export function ttftByTurn(data: PlotData): Plan {
  const rows = data.targets.flatMap((target, index) => turnRows(data, target, index));
  const turns = new Set(rows.map(({ turn }) => turn));
  if (rows.length === 0 && !isMeasured(data, 'ttft')) return { skipped: 'no request was answered' };
  if (turns.size < 2)
    return { skipped: 'all requests are of the same turn, or the result does not tell turns' };
  const spread = rows.some(({ p5 }) => p5 !== null);
  return {
    spec: turnPanel(rows, Math.max(...turns), spread),
    text: {
      title: 'Time to first token by turn',
      subtitle:
        'Turn 1 fills the cache, later turns can use it: a deployment that finds it again answers them sooner. Lines: median of the ' +
        `turn; bars: its 95 % interval${spread ? '; bands: 5 % to 95 % of the requests' : ''}. Logarithmic scale.`,
      legend: legendOf(data.targets, ({ name }) => {
        const own = rows.filter(({ target }) => target === name).map(({ n }) => n);
        return own.length === 0 ? null : sizesText(own, 'turn');
      }),
      notes: [
        ...(data.levels.length > 1
          ? ['All load levels together: a turn that occurs mostly at high load is slow by the load, too.']
          : []),
        ...pooledNotes(data),
      ],
    },
  };
}

function turnRows(data: PlotData, target: TargetView, index: number): TurnRow[] {
  const byTurn = new Map<number, number[]>();
  for (const record of data.records(target.name, null)) addTo(byTurn, record);
  const fromRecords = [...byTurn]
    .filter(([turn]) => turn <= MAX_TURNS)
    .sort(([left], [right]) => left - right)
    .flatMap(([turn, values]) => rowOf(target, index, data.targets.length, turn, sortedFinite(values)));
  if (fromRecords.length > 0 || !isEmpty(data)) return fromRecords;
  return target.summary.ttft_by_turn_seconds
    .filter(({ turn, p50 }) => turn <= MAX_TURNS && p50 > 0)
    .map(({ turn, n, p50 }) => ({
      ...common(target, turn, index, data.targets.length),
      n,
      p50,
      low: p50,
      high: p50,
      p5: null,
      p95: null,
      says: `${target.name}, turn ${turn}: median ${duration(p50)}, n = ${count(n)}`,
    }));
}

function addTo(byTurn: Map<number, number[]>, record: ProbeRecord): void {
  const value = measured(record, 'ttft');
  if (value === null || record.turn <= 0) return;
  const known = byTurn.get(record.turn);
  if (known === undefined) byTurn.set(record.turn, [value]);
  else known.push(value);
}

/** Targets stand a little apart, or their intervals would hide each other. */
const common = ({ name, color }: TargetView, turn: number, index: number, targets: number) => ({
  turn,
  at: turn + (index - (targets - 1) / 2) * 0.08,
  color,
  target: name,
});

function rowOf(
  target: TargetView,
  index: number,
  targets: number,
  turn: number,
  sorted: Float64Array,
): TurnRow[] {
  const p50 = quantile(sorted, 0.5);
  if (p50 === null || p50 <= 0) return [];
  const interval = medianInterval(sorted);
  const [p5, p95] = [quantile(sorted, 0.05), quantile(sorted, 0.95)];
  const bounds = interval === null ? '' : ` (${duration(interval.lower)} to ${duration(interval.upper)})`;
  return [
    {
      ...common(target, turn, index, targets),
      n: sorted.length,
      p50,
      low: interval?.lower ?? p50,
      high: interval?.upper ?? p50,
      p5,
      p95,
      says: `${target.name}, turn ${turn}: median ${duration(p50)}${bounds}, 5 % to 95 % ${duration(p5 ?? p50)} to ${duration(p95 ?? p50)}, n = ${count(sorted.length)}`,
    },
  ];
}

function turnPanel(rows: readonly TurnRow[], last: number, spread: boolean): Spec {
  const axis = logAxis(rows.flatMap(({ p5, p95, low, high }) => [p5 ?? low, p95 ?? high, low, high]));
  const turns = Array.from({ length: last }, (_, index) => index + 1);
  const x = (field: string) =>
    position(
      field,
      { domain: [0.6, last + 0.4 + last * 0.16], nice: false },
      { values: turns, format: 'd', labelOverlap: 'greedy', title: 'turn', grid: false },
    );
  const y = (field: string) =>
    position(field, logScale(axis), {
      values: axis.ticks,
      labelExpr: TIME_LABEL,
      domain: false,
      ticks: false,
    });
  const data = {
    values: rows.map((row) => ({ ...row, p5: row.p5 === null ? null : Math.max(axis.domain[0], row.p5) })),
  };
  const detail = { field: 'target' };
  const ends = lastRows(rows).map((row) => ({
    ...row,
    text: `${cutText(row.target, 120, 12, 600)} ${duration(row.p50)}`,
  }));
  const places = spreadOut(
    ends.map(({ p50 }) => pixelsDown(axis, p50, HEIGHT)),
    16,
    HEIGHT,
  );
  return panel({
    width: 800,
    height: HEIGHT,
    layers: [
      ...(spread
        ? [
            {
              data,
              mark: silent({ type: 'area', opacity: 0.13 }),
              encoding: { x: x('turn'), y: y('p5'), y2: { field: 'p95' }, detail, color: ownColor() },
            },
          ]
        : []),
      {
        data,
        mark: silent({ type: 'line', strokeWidth: 2.4 }),
        encoding: { x: x('at'), y: y('p50'), detail, color: ownColor() },
      },
      {
        data,
        mark: silent({ type: 'rule', strokeWidth: 1.8 }),
        encoding: { x: x('at'), y: y('low'), y2: { field: 'high' }, color: ownColor() },
      },
      {
        data,
        mark: { type: 'point', filled: true, size: 46, opacity: 1 },
        encoding: { x: x('at'), y: y('p50'), color: ownColor(), description: SAYS },
      },
      {
        data: { values: ends.map((row, index) => ({ ...row, place: places[index] })) },
        mark: silent({ type: 'text', align: 'left', dx: 9, fontWeight: 600, fontSize: 12 }),
        encoding: { x: x('at'), y: pixels('place'), text: { field: 'text' }, color: ownColor() },
      },
    ],
  });
}

const lastRows = (rows: readonly TurnRow[]): TurnRow[] => [
  ...new Map(rows.map((row) => [row.target, row])).values(),
];
