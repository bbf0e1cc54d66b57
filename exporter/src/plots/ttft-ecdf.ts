/** How many requests had their first token within which time: the whole distribution, and its tail enlarged. */
import { isTooSmall } from '../report/cells';
import { count, percent } from '../report/format';
import { TURN_WORDS } from '../report/verdict-sentence';
import type { TargetSummary } from '../model/comparison';
import type { TurnClass } from '../model/record';
import { quantile } from '../stats/quantile';
import { ecdfPoints, type EcdfPoint } from './ecdf';
import { HEIGHT, LABEL_SIZE, MARKED, placeLabels, type Label, type Mark } from './ecdf-labels';
import { pooledNotes, type LevelView, type PlotData, type TargetView } from './input';
import { isEmpty, legendOf, NO_RECORDS, turnsApart, type Plan } from './plot';
import { ofClass, sample } from './samples';
import {
  acrossPixels,
  AXIS_ROOM,
  fittingTicks,
  logAxis,
  logScale,
  namedLabels,
  ownColor,
  panel,
  PERCENT_LABEL,
  position,
  SAYS,
  silent,
  TIME_LABEL,
  timeLabel,
  withRoom,
  type LogAxis,
  type Spec,
} from './spec';
import { textWidth } from './text-width';
import { LIGHT } from './theme';
import { duration, intervalText } from './words';

interface Curve {
  target: TargetView;
  turn: TurnClass;
  requests: number;
  sorted: Float64Array;
  points: EcdfPoint[];
}

/** `level` null: all requests. `turns` null: first and later apart where both occur. */
export function ttftEcdf(
  data: PlotData,
  level: LevelView | null = null,
  turns: readonly TurnClass[] | null = null,
): Plan {
  if (isEmpty(data)) return { skipped: NO_RECORDS };
  const classes = turns ?? (turnsApart(data) ? (['first', 'later'] as const) : (['all'] as const));
  const curves = classes.flatMap((turn) =>
    data.targets.flatMap((target) => curveOf(data, target, turn, level)),
  );
  if (curves.length === 0) return { skipped: 'no request was answered' };
  const shown = classes.filter((turn) => curves.some((curve) => curve.turn === turn));
  const width = shown.length > 1 ? 390 : 806;
  const axis = axisOf(data, curves, level, width);
  const floor = tailFloor(curves);
  const column = (turn: TurnClass, first: boolean): Spec => {
    const own = curves.filter((curve) => curve.turn === turn);
    const marks = own.flatMap((curve) => marksOf(data, curve, level));
    return {
      vconcat: [
        bodyPanel(own, marks, axis, width, turn, first),
        tailPanel(own, marks, axis, width, first, floor),
      ],
      spacing: 26,
    };
  };
  const failed = curves.some(({ requests, sorted }) => requests > sorted.length);
  return {
    spec: { hconcat: shown.map((turn, index) => column(turn, index === 0)), spacing: 30 },
    text: {
      title: `Time to first token: the whole distribution${level === null ? '' : `, ${level.name}`}`,
      subtitle:
        'The further left a curve, the sooner the answers. Above, the share of requests that had their first token within the time; ' +
        'below, the share still waiting, enlarged tenfold per step: the most frustrated users. Dots: P50, P95, P99 with 95 % interval.',
      legend: legendOf(data.targets, ({ name }) => {
        const own = curves.filter(({ target }) => target.name === name);
        if (own.length === 0) return 'no request answered';
        return own
          .map(({ turn, requests }) => `n = ${count(requests)}${turn === 'all' ? '' : ` ${turn}`}`)
          .join(' + ');
      }),
      notes: [
        ...(failed
          ? [
              'Requests that failed or are missing never had an answer: a curve that ends below 100 % has lost that share.',
            ]
          : []),
        ...(level === null ? pooledNotes(data) : []),
      ],
    },
  };
}

/** All values, and behind the latest mark room for its label. */
function axisOf(data: PlotData, curves: readonly Curve[], level: LevelView | null, width: number): LogAxis {
  const values = curves.flatMap(({ sorted }) => [axisStart(sorted), sorted.at(-1) ?? 0]);
  const marks = curves.flatMap((curve) => marksOf(data, curve, level));
  const roomy = marks.reduce(
    (axis, { seconds, text }) => withRoom(axis, seconds, textWidth(text, LABEL_SIZE, 600) + 12, width),
    logAxis(values),
  );
  return fittingTicks(roomy, width, timeLabel);
}

/** The smallest value that a logarithmic axis can show. */
const axisStart = (sorted: Float64Array) => sorted.find((value) => value > 0) ?? 0;

function curveOf(data: PlotData, target: TargetView, turn: TurnClass, level: LevelView | null): Curve[] {
  const records = ofClass(data.records(target.name, level), turn);
  const sorted = sample(records, 'ttft');
  const failed = records.filter(({ outcome }) => outcome !== 'ok').length;
  // Of which turn missing requests were is not known.
  const missing = turn === 'all' ? (summaryOf(data, target, level)?.requests_missing ?? 0) : 0;
  const requests = sorted.length + failed + missing;
  return sorted.length === 0
    ? []
    : [{ target, turn, requests, sorted, points: ecdfPoints(sorted, requests) }];
}

function summaryOf(data: PlotData, { name }: TargetView, level: LevelView | null): TargetSummary | undefined {
  const summaries = level?.targets ?? data.comparison.targets;
  return summaries.find((summary) => summary.name === name);
}

function marksOf(data: PlotData, { target, turn, requests, sorted }: Curve, level: LevelView | null): Mark[] {
  const summary = summaryOf(data, target, level);
  return MARKED.flatMap(([name, q]): Mark[] => {
    const seconds = quantile(sorted, q);
    // Not even one request lies beyond it.
    if (seconds === null || seconds <= 0 || sorted.length * (1 - q) < 1) return [];
    const told = summary?.ttft_seconds[turn][name] ?? null;
    // An interval of other requests than these would be nobody's.
    const { lower, upper } = told?.n === sorted.length ? told : { lower: null, upper: null };
    const answered = (q * sorted.length) / requests;
    const hollow = isTooSmall(name, sorted.length);
    // Percentiles are of answered requests, as in all tables; where many others are lost, that must be said.
    const label = `${name.toUpperCase()}${requests - sorted.length >= 0.01 * requests ? ' of answered' : ''}`;
    return [
      {
        q,
        seconds,
        low: Math.max(lower ?? seconds, axisStart(sorted)),
        high: upper ?? seconds,
        answered,
        waiting: 1 - answered,
        color: target.color,
        hollow,
        text: `${label} ${duration(seconds)}`,
        says: `${target.name}, ${TURN_WORDS[turn]}: ${label} ${duration(seconds)}${intervalText(lower, upper, duration)}, n = ${sorted.length}${hollow ? ', too few requests' : ''}`,
      },
    ];
  });
}

const timeAxis = (axis: LogAxis, title: string | null, labels: boolean): Spec => ({
  values: axis.ticks,
  labelExpr: TIME_LABEL,
  title,
  labels,
  grid: true,
  ticks: false,
});

function bodyPanel(
  curves: readonly Curve[],
  marks: readonly Mark[],
  axis: LogAxis,
  width: number,
  turn: TurnClass,
  first: boolean,
): Spec {
  const x = (field: string) => position(field, logScale(axis), timeAxis(axis, null, false));
  const shares = [0, 0.25, 0.5, 0.75, 1];
  const y = position(
    'answered',
    { domain: [0, 1] },
    {
      values: shares,
      labelExpr: PERCENT_LABEL,
      labels: first,
      ...(first ? {} : { minExtent: 0, maxExtent: 0 }),
      ticks: false,
      domain: false,
    },
  );
  const values = curves.flatMap(({ target, points }) =>
    [
      { seconds: axis.domain[0], answered: 0 },
      ...points,
      { seconds: axis.domain[1], answered: points.at(-1)?.answered ?? 0 },
    ]
      .filter(({ seconds }) => seconds > 0)
      .map((point) => ({ ...point, target: target.name, color: target.color })),
  );
  const own = marks.filter(({ text }) => text.startsWith('P50'));
  const down = (answered: number) => HEIGHT * (1 - answered);
  const labels = placeLabels(own, {
    axis,
    width,
    curve: 'rising',
    curves: cornersOf(values, axis, width, ({ answered }) => down(answered)),
    down: ({ answered }) => down(answered),
  });
  return panel({
    title:
      turn === 'all'
        ? 'All requests'
        : `${TURN_WORDS[turn].charAt(0).toUpperCase()}${TURN_WORDS[turn].slice(1)}`,
    note: 'share of requests with a first token',
    width,
    height: HEIGHT,
    indent: first ? AXIS_ROOM : 0,
    layers: [
      {
        data: { values },
        mark: silent({ type: 'line', interpolate: 'step-after', strokeWidth: 2 }),
        encoding: {
          x: x('seconds'),
          y,
          detail: { field: 'target' },
          color: ownColor(),
          order: { field: 'answered', type: 'quantitative' },
        },
      },
      ...markLayers(own, x, y, labels),
    ],
  });
}

/** The corners of each target's curve in pixels. */
function cornersOf<Point extends { target: string; seconds: number }>(
  points: readonly Point[],
  axis: LogAxis,
  width: number,
  down: (point: Point) => number,
): [number, number][][] {
  const curves = new Map<string, [number, number][]>();
  for (const point of points) {
    const own = curves.get(point.target) ?? [];
    own.push([acrossPixels(axis, point.seconds, width), down(point)]);
    curves.set(point.target, own);
  }
  return [...curves.values()];
}

/** The share of one request, rounded down to half a power of ten: the same in all panels, as they share their labels. */
function tailFloor(curves: readonly Curve[]): number {
  const least = Math.min(...curves.map(({ requests }) => 1 / requests));
  return Math.max(1e-6, 10 ** (Math.floor(Math.log10(least) * 2) / 2));
}

/** Shares in the tail are powers of ten down to that of the slowest request. */
function tailPanel(
  curves: readonly Curve[],
  marks: readonly Mark[],
  axis: LogAxis,
  width: number,
  first: boolean,
  floor: number,
): Spec {
  const shares = [1, 0.1, 0.05, 0.01, 0.001, 0.0001, 0.00001].filter((share) => share >= floor);
  const x = (field: string) => position(field, logScale(axis), timeAxis(axis, 'time to first token', true));
  const y = position(
    'waiting',
    { type: 'log', domain: [floor, 1], nice: false },
    {
      values: shares,
      labelExpr: namedLabels(shares, shares.map(shareName)),
      labels: first,
      ...(first ? {} : { minExtent: 0, maxExtent: 0 }),
      ticks: false,
      domain: false,
    },
  );
  const values = curves.flatMap(({ target, points }) => {
    const tail = points
      .filter(({ answered }) => answered < 1)
      .map(({ seconds, answered }) => ({ seconds, waiting: 1 - answered }));
    const last = points.at(-1);
    // Where all were answered the last step falls to zero, which a logarithmic axis has not: the curve ends before it.
    const end =
      last === undefined
        ? []
        : [
            {
              seconds: last.answered < 1 ? axis.domain[1] : last.seconds,
              waiting: tail.at(-1)?.waiting ?? 1,
            },
          ];
    const start = [{ seconds: axis.domain[0], waiting: 1 }];
    return [...start, ...tail, ...end].map((point) => ({
      ...point,
      waiting: Math.max(floor, point.waiting),
      target: target.name,
      color: target.color,
    }));
  });
  const shown = marks.filter(({ text, waiting }) => !text.startsWith('P50') && waiting >= floor);
  const down = (waiting: number) => (HEIGHT * Math.log(waiting)) / Math.log(floor);
  const labels = placeLabels(shown, {
    axis,
    width,
    curve: 'falling',
    curves: cornersOf(values, axis, width, ({ waiting }) => down(waiting)),
    down: ({ waiting }) => down(waiting),
  });
  return panel({
    title: 'The tail',
    note: 'share still waiting',
    width,
    height: HEIGHT,
    indent: first ? AXIS_ROOM : 0,
    layers: [
      {
        data: { values: values.map((value, index) => ({ ...value, index })) },
        mark: silent({ type: 'line', interpolate: 'step-after', strokeWidth: 2 }),
        encoding: {
          x: x('seconds'),
          y,
          detail: { field: 'target' },
          color: ownColor(),
          order: { field: 'index', type: 'quantitative' },
        },
      },
      ...markLayers(shown, x, y, labels),
    ],
  });
}

const shareName = (share: number) =>
  share >= 0.01 ? percent(share) : `${Number((share * 100).toPrecision(3))} %`;

function markLayers(
  marks: readonly Mark[],
  x: (field: string) => Spec,
  y: Spec,
  labels: readonly Label[],
): Spec[] {
  const data = { values: marks };
  return [
    {
      data,
      mark: silent({ type: 'rule', strokeWidth: 5, opacity: 0.3 }),
      encoding: { x: x('low'), x2: { field: 'high' }, y, color: ownColor() },
    },
    ...[false, true].map((hollow) => ({
      data,
      transform: [{ filter: `datum.hollow === ${hollow}` }],
      mark: hollow
        ? { type: 'point', filled: false, fill: LIGHT.card, size: 52, strokeWidth: 1.6 }
        : { type: 'point', filled: true, size: 62, opacity: 1 },
      encoding: { x: x('seconds'), y, [hollow ? 'stroke' : 'color']: ownColor(), description: SAYS },
    })),
    ...labels.map(({ align, dx, dy, ...label }) => ({
      data: { values: [label] },
      mark: silent({ type: 'text', align, dx, dy, fontSize: LABEL_SIZE, fontWeight: 600 }),
      encoding: { x: x('seconds'), y, text: { field: 'text' }, color: ownColor() },
    })),
  ];
}
