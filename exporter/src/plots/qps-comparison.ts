/** How latency and token rate change with the load: percentiles with their intervals against QPS or concurrency. */
import { isTooSmall } from '../report/cells';
import type { Estimate, LatencyMetric, QuantileName } from '../model/comparison';
import {
  axesOf,
  blockedAt,
  pooledNotes,
  type Axis,
  type LevelView,
  type PlotData,
  type TargetView,
} from './input';
import { FADED, fadedNotes, legendOf, sizesText, type Plan } from './plot';
import {
  logAxis,
  logScale,
  namedLabels,
  ownColor,
  ownOpacity,
  panel,
  pixels,
  pixelsDown,
  PLAIN_LABEL,
  position,
  SAYS,
  silent,
  spreadOut,
  TIME_LABEL,
  type Spec,
} from './spec';
import { cutText, textWidth } from './text-width';
import { duration, intervalText, tokenRate } from './words';

interface Subject {
  title: string;
  note: string;
  metric: LatencyMetric;
  /** Tokens per second are 1 / TPOT: its slow end, P95, is what all but 5 % of the requests reach. */
  inverse: boolean;
}

const SUBJECTS: readonly Subject[] = [
  { title: 'Time to first token', note: 'less is better', metric: 'ttft', inverse: false },
  { title: 'Total time', note: 'less is better', metric: 'e2e', inverse: false },
  {
    title: 'Token rate',
    note: 'tokens per second of one answer (1 / TPOT); more is better',
    metric: 'tpot',
    inverse: true,
  },
];

const SHOWN: readonly QuantileName[] = ['p50', 'p95'];
const SIZE = { width: 664, height: 190 };
/** Half the distance between neighbouring targets, as a share of the axis: their intervals must not hide each other. */
const APART = 0.005;
const LONGEST_NAME = 128;

interface Point {
  at: number;
  value: number;
  low: number;
  high: number;
  color: string;
  opacity: number;
  target: string;
  series: string;
  quantile: QuantileName;
  hollow: boolean;
  says: string;
}

export function qpsComparison(data: PlotData): Plan {
  const [only] = data.levels;
  if (only === undefined) return { skipped: 'the result has no load levels' };
  const axes = axesOf(data).filter(({ levels }) => levels.length > 1);
  if (axes.length === 0) return { skipped: `there is only one load level, ${only.name}` };
  const panels = axes.flatMap((axis) => {
    const subjects = SUBJECTS.map((subject) => ({ subject, points: pointsOf(data, axis, subject) })).filter(
      ({ points }) => points.length > 0,
    );
    return subjects.map(({ subject, points }, index) =>
      subjectPanel(axis, subject, points, index === subjects.length - 1),
    );
  });
  if (panels.length === 0) return { skipped: 'no percentile is known at any load level' };
  return {
    spec: { vconcat: panels, spacing: 24 },
    text: {
      title: `Latency and token rate against ${only.unit === 'qps' ? 'load' : 'concurrency'}`,
      subtitle:
        'Solid lines and dots: the median request (P50). Dashed lines and squares: the slow end, P95 (of token rates, what 95 % of ' +
        'the requests reach). Bars: 95 % intervals. Hollow: too few requests. Logarithmic vertical scales.',
      legend: legendOf(data.targets, ({ name }) =>
        sizesText(
          data.levels.flatMap(
            ({ targets }) => targets.find((target) => target.name === name)?.samples.all ?? [],
          ),
          'level',
        ),
      ),
      notes: fadedNotes(pooledNotes(data)),
    },
  };
}

function pointsOf(data: PlotData, { levels }: Axis, subject: Subject): Point[] {
  const places = levelPlaces(levels.map(({ level }) => level));
  return levels.flatMap((level, rank) =>
    data.targets.flatMap((target, index) =>
      SHOWN.flatMap((quantile) => {
        const summary = level.targets.find(({ name }) => name === target.name);
        const estimate = summary?.[`${subject.metric}_seconds`].all[quantile] ?? null;
        const at = (places[rank] ?? 0) + (2 * index - data.targets.length + 1) * APART;
        return estimate === null || !(estimate.estimate > 0)
          ? []
          : [pointOf(level, target, subject, quantile, estimate, at)];
      }),
    ),
  );
}

/**
 * Where ascending levels stand on the axis, 0..1: on a linear or a logarithmic one, whichever keeps the closest two further
 * apart.
 */
export function levelPlaces(levels: readonly number[]): number[] {
  const scales = [levels, ...(levels.every((level) => level > 0) ? [levels.map(Math.log)] : [])];
  const placed = scales.map((values) => {
    const [low, high] = [values[0] ?? 0, values.at(-1) ?? 1];
    return values.map((value) => (value - low) / (high - low));
  });
  const closest = (places: readonly number[]) =>
    Math.min(...places.slice(1).map((place, index) => place - (places[index] ?? 0)));
  return placed.reduce((best, one) => (closest(one) > closest(best) ? one : best));
}

const reciprocal = (value: number | null) => (value === null || !(value > 0) ? null : 1 / value);

function pointOf(
  level: LevelView,
  target: TargetView,
  { metric, inverse }: Subject,
  quantile: QuantileName,
  { estimate, lower, upper, n }: Estimate,
  at: number,
): Point {
  const [value, low, high] = inverse
    ? [1 / estimate, reciprocal(upper), reciprocal(lower)]
    : [estimate, lower, upper];
  const text = (one: number) => (inverse ? tokenRate(one) : duration(one));
  const name = inverse && quantile === 'p95' ? 'reached by 95 %' : quantile.toUpperCase();
  const hollow = isTooSmall(quantile, n);
  return {
    at,
    value,
    low: low ?? value,
    high: high ?? value,
    color: target.color,
    opacity: blockedAt(level, target.name) === null ? 1 : FADED,
    target: target.name,
    series: `${target.name} ${quantile}`,
    quantile,
    hollow,
    says:
      `${target.name}, ${level.name}: ${inverse ? 'token rate' : metric.toUpperCase()} ${name} ${text(value)}` +
      `${intervalText(low, high, text)}, n = ${n}${hollow ? ', too few requests' : ''}`,
  };
}

function subjectPanel(
  { levels, unit, suffix }: Axis,
  subject: Subject,
  points: readonly Point[],
  last: boolean,
): Spec {
  const { title, note, inverse } = subject;
  const axis = logAxis(points.flatMap(({ value, low, high }) => [value, low, high]));
  const places = levelPlaces(levels.map(({ level }) => level));
  const x = (field: string) =>
    position(
      field,
      { domain: [-0.025, 1.025], nice: false },
      {
        values: places,
        labelExpr: namedLabels(
          places,
          levels.map(({ label }) => label),
        ),
        labelOverlap: 'greedy',
        title: last ? unit : null,
        grid: false,
      },
    );
  const y = (field: string) =>
    position(field, logScale(axis), {
      values: axis.ticks,
      labelExpr: inverse ? PLAIN_LABEL : TIME_LABEL,
      domain: false,
      ticks: false,
    });
  const names = endLabels(points, (value) => pixelsDown(axis, value, SIZE.height));
  return panel({
    title: `${title}${suffix}`,
    note,
    ...SIZE,
    layers: [...pointLayers(points, x('at'), y), names],
  });
}

/** The name of each curve behind its last point. */
function endLabels(points: readonly Point[], down: (value: number) => number): Spec {
  const ends = [...new Map(points.map((point) => [point.series, point])).values()];
  const places = spreadOut(
    ends.map(({ value }) => down(value)),
    15,
    SIZE.height,
  );
  const values = ends.map(({ target, quantile, color }, index) => {
    const name = cutText(target, LONGEST_NAME, 11.5, 600);
    return {
      name,
      color,
      quantile: quantile.toUpperCase(),
      place: places[index],
      shift: SIZE.width + 14 + textWidth(name, 11.5, 600),
    };
  });
  const text = (field: string, x: Spec, fontWeight: number): Spec => ({
    data: { values },
    mark: silent({ type: 'text', align: 'left', fontSize: 11.5, fontWeight }),
    encoding: { x, y: pixels('place'), text: { field }, color: ownColor() },
  });
  return { layer: [text('name', { value: SIZE.width + 8 }, 600), text('quantile', pixels('shift'), 400)] };
}

/** Lines between neighbouring levels, as faded as the fainter end. */
function segmentsOf(points: readonly Point[]) {
  const last = new Map<string, Point>();
  return points.flatMap((point) => {
    const before = last.get(point.series);
    last.set(point.series, point);
    if (before === undefined) return [];
    const opacity = 0.75 * Math.min(before.opacity, point.opacity);
    return [{ ...before, opacity, at2: point.at, value2: point.value }];
  });
}

function pointLayers(points: readonly Point[], x: Spec, y: (field: string) => Spec): Spec[] {
  const data = { values: points };
  const only = (expression: string) => [{ filter: expression }];
  const lines = SHOWN.map((quantile) => ({
    data: { values: segmentsOf(points.filter((point) => point.quantile === quantile)) },
    mark: silent({
      type: 'rule',
      strokeWidth: quantile === 'p50' ? 2 : 1.6,
      ...(quantile === 'p50' ? {} : { strokeDash: [5, 4] }),
    }),
    encoding: {
      x,
      x2: { field: 'at2' },
      y: y('value'),
      y2: { field: 'value2' },
      color: ownColor(),
      opacity: ownOpacity(),
    },
  }));
  const intervals = {
    data,
    mark: silent({ type: 'rule', strokeWidth: 1.6 }),
    encoding: { x, y: y('low'), y2: { field: 'high' }, color: ownColor(), opacity: ownOpacity() },
  };
  const dots = SHOWN.flatMap((quantile) =>
    [false, true].map((hollow) => ({
      data,
      transform: only(`datum.quantile === '${quantile}' && datum.hollow === ${hollow}`),
      mark: {
        type: 'point',
        shape: quantile === 'p50' ? 'circle' : 'square',
        size: 40,
        filled: !hollow,
        strokeWidth: 1.4,
      },
      encoding: { x, y: y('value'), color: ownColor(), opacity: ownOpacity(), description: SAYS },
    })),
  );
  return [...lines, intervals, ...dots];
}
