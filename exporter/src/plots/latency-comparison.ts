/** Distributions of TTFT, generation time, total time and token rate: a box per target, at each load level or turn class. */
import { count } from '../report/format';
import type { TurnClass } from '../model/record';
import { TURN_WORDS } from '../report/verdict-sentence';
import { axesOf, blockedAt, pooledNotes, type LevelView, type PlotData, type TargetView } from './input';
import { FADED, fadedNotes, isEmpty, legendOf, NO_RECORDS, sizesText, turnsApart, type Plan } from './plot';
import { boxOf, MEASURES, ofClass, sample, type Box, type Measure } from './samples';
import {
  logAxis,
  logScale,
  namedLabels,
  onAxis,
  ownColor,
  ownOpacity,
  panel,
  PLAIN_LABEL,
  position,
  SAYS,
  silent,
  TIME_LABEL,
  type LogAxis,
  type Spec,
} from './spec';
import { LIGHT } from './theme';
import { duration, tokenRate } from './words';

const TITLES: Record<Measure, [title: string, note: string]> = {
  ttft: ['Time to first token', 'from sending to the first token'],
  generation: ['Generation time', 'from the first token to the last'],
  total: ['Total time', 'from sending to the last token'],
  rate: ['Token rate', 'tokens per second of one answer (1 / TPOT); more is better'],
};

/** Fewer values are drawn one by one: a box would pretend to know quartiles. */
const MIN_BOX = 8;
/** With more boxes than this, panels stand one under another. */
const MAX_NARROW_BOXES = 16;
/** Up to two boxes at each of two places leave room for their medians in figures, left of the first and right of the last. */
const MAX_LABELLED = 2;

interface Category {
  label: string;
  level: LevelView | null;
  turn: TurnClass;
  blocked: (target: TargetView) => boolean;
}

interface BoxRow extends Box {
  left: number;
  right: number;
  middle: number;
  color: string;
  opacity: number;
  fill: number;
  says: string;
  extreme: number;
  text: string;
  /** Of several targets at its place. */
  first: boolean;
}

export function latencyComparison(data: PlotData): Plan {
  if (isEmpty(data)) return { skipped: NO_RECORDS };
  const places = placesOf(data);
  const boxes = Math.max(...places.map(({ categories }) => categories.length * data.targets.length));
  const narrow = places.length === 1 && boxes <= MAX_NARROW_BOXES;
  const panels = places.flatMap((place) => {
    const measures = MEASURES.filter((measure) => rowsOf(data, place.categories, measure).rows.length > 0);
    return measures.map((measure) =>
      measurePanel(
        data,
        place,
        measure,
        narrow ? [372, 210] : [806, 140],
        narrow || measure === measures.at(-1),
      ),
    );
  });
  if (panels.length === 0) return { skipped: 'no request was answered' };
  const categories = places.flatMap((place) => place.categories);
  return {
    spec: narrow
      ? { concat: panels, columns: 2, spacing: { column: 30, row: 34 } }
      : { vconcat: panels, spacing: 24 },
    text: {
      title: 'Latency comparison',
      subtitle:
        'Boxes hold the middle half of the requests, the line is the median, whiskers reach from 5 % to 95 %, the dot is the ' +
        'slowest request. Logarithmic scales.',
      legend: legendOf(data.targets, ({ name }) => {
        const sizes = categories.map(
          ({ level, turn }) => sample(ofClass(data.records(name, level), turn), 'ttft').length,
        );
        if (data.levels.length > 0) return sizesText(sizes, 'level');
        return `n = ${sizes.map((n, index) => `${count(n)}${classWord(categories[index]?.turn)}`).join(' + ')}`;
      }),
      notes: fadedNotes(pooledNotes(data)),
    },
  };
}

const classWord = (turn: TurnClass | undefined) => (turn === undefined || turn === 'all' ? '' : ` ${turn}`);

/** What stands side by side in one panel. */
interface Place {
  categories: Category[];
  /** Below the axis. */
  title: string | null;
  suffix: string;
}

function placesOf(data: PlotData): Place[] {
  if (data.levels.length > 0) {
    return axesOf(data).map(({ levels, unit, suffix }) => ({
      title: unit,
      suffix,
      categories: levels.map((level) => ({
        label: level.label,
        level,
        turn: 'all',
        blocked: ({ name }) => blockedAt(level, name) !== null,
      })),
    }));
  }
  const classes: TurnClass[] = turnsApart(data) ? ['first', 'later'] : ['all'];
  const categories = classes.map((turn): Category => ({
    label: TURN_WORDS[turn],
    level: null,
    turn,
    blocked: ({ name }) => blockedAt(data.comparison, name) !== null,
  }));
  return [{ title: null, suffix: '', categories }];
}

const isLabelled = (data: PlotData, categories: readonly Category[]) =>
  categories.length <= MAX_LABELLED && data.targets.length <= MAX_LABELLED;

interface Rows {
  rows: BoxRow[];
  points: { at: number; value: number; color: string; says: string }[];
  axis: LogAxis;
}

function rowsOf(data: PlotData, categories: readonly Category[], measure: Measure): Rows {
  const rows: BoxRow[] = [];
  const points: Rows['points'] = [];
  const used = isLabelled(data, categories) ? 0.3 : 0.76;
  const step = used / data.targets.length;
  categories.forEach((category, place) => {
    data.targets.forEach((target, index) => {
      const values = sample(ofClass(data.records(target.name, category.level), category.turn), measure);
      const box = boxOf(values);
      if (box === null) return;
      const left = place + 0.5 - used / 2 + step * (index + 0.08);
      const right = left + step * 0.84;
      const where = `${target.name}, ${category.level?.name ?? category.label}`;
      if (box.n < MIN_BOX) {
        for (const value of values)
          points.push({
            at: (left + right) / 2,
            value,
            color: target.color,
            says: `${where}: ${inWords(measure, value)}`,
          });
      }
      rows.push({
        ...box,
        left,
        right,
        middle: (left + right) / 2,
        color: target.color,
        opacity: category.blocked(target) ? FADED : 1,
        fill: category.blocked(target) ? 0.06 : 0.2,
        extreme: measure === 'rate' ? box.min : box.max,
        text: measure === 'rate' ? box.p50.toFixed(1) : duration(box.p50),
        first: index === 0 && data.targets.length > 1,
        says: boxSays(where, measure, box),
      });
    });
  });
  const axis = logAxis([
    ...rows.flatMap(({ p5, p95, extreme }) => [p5, p95, extreme]),
    ...points.map(({ value }) => value),
  ]);
  return { rows, points, axis };
}

const inWords = (measure: Measure, value: number) =>
  measure === 'rate' ? tokenRate(value) : duration(value);

function boxSays(where: string, measure: Measure, box: Box): string {
  const of = (value: number) => inWords(measure, value);
  return `${where}: median ${of(box.p50)}, middle half ${of(box.p25)} to ${of(box.p75)}, 5 % to 95 % ${of(box.p5)} to ${of(box.p95)}, slowest ${of(measure === 'rate' ? box.min : box.max)}, n = ${box.n}`;
}

function measurePanel(
  data: PlotData,
  { categories, title: axisTitle, suffix }: Place,
  measure: Measure,
  [width, height]: [number, number],
  named: boolean,
): Spec {
  const { rows, points, axis } = rowsOf(data, categories, measure);
  const [title, note] = TITLES[measure];
  const centres = categories.map((_, index) => index + 0.5);
  const x = (field: string) =>
    position(
      field,
      { domain: [0, categories.length], nice: false },
      {
        values: centres,
        labelExpr: namedLabels(
          centres,
          categories.map(({ label }) => label),
        ),
        title: named ? axisTitle : null,
        grid: false,
        ticks: false,
        labelFlush: false,
      },
    );
  const y = (field: string) =>
    position(field, logScale(axis), {
      values: axis.ticks,
      labelExpr: measure === 'rate' ? PLAIN_LABEL : TIME_LABEL,
      domain: false,
      ticks: false,
    });
  const boxed = rows
    .filter(({ n }) => n >= MIN_BOX)
    .map((row) => ({
      ...row,
      p5: onAxis(axis, row.p5),
      p25: onAxis(axis, row.p25),
      p50: onAxis(axis, row.p50),
      extreme: onAxis(axis, row.extreme),
    }));
  return panel({
    title: `${title}${suffix}`,
    note,
    width,
    height,
    layers: [
      ...boxLayers(boxed, x, y),
      ...(isLabelled(data, categories) ? medianLabels(boxed, x, y) : []),
      {
        data: { values: points.map((point) => ({ ...point, value: onAxis(axis, point.value) })) },
        mark: { type: 'point', filled: true, size: 30, opacity: 0.75 },
        encoding: { x: x('at'), y: y('value'), color: ownColor(), description: SAYS },
      },
    ],
  });
}

type Channel = (field: string) => Spec;

function boxLayers(rows: readonly BoxRow[], x: Channel, y: Channel): Spec[] {
  const data = { values: rows };
  const color = ownColor();
  const opacity = ownOpacity();
  return [
    {
      data,
      mark: silent({ type: 'rule', strokeWidth: 1.4 }),
      encoding: { x: x('middle'), y: y('p5'), y2: { field: 'p95' }, color, opacity },
    },
    {
      data,
      mark: silent({ type: 'bar', color: LIGHT.card, cornerRadius: 2 }),
      encoding: { x: x('left'), x2: { field: 'right' }, y: y('p25'), y2: { field: 'p75' } },
    },
    {
      data,
      mark: { type: 'bar', strokeWidth: 1.4, cornerRadius: 2 },
      encoding: {
        x: x('left'),
        x2: { field: 'right' },
        y: y('p25'),
        y2: { field: 'p75' },
        fill: ownColor(),
        stroke: ownColor(),
        fillOpacity: ownOpacity('fill'),
        strokeOpacity: opacity,
        description: SAYS,
      },
    },
    {
      data,
      mark: silent({ type: 'rule', strokeWidth: 3, strokeCap: 'butt' }),
      encoding: { x: x('left'), x2: { field: 'right' }, y: y('p50'), color, opacity },
    },
    {
      data,
      mark: silent({ type: 'point', filled: true, size: 18 }),
      encoding: { x: x('middle'), y: y('extreme'), color, opacity },
    },
  ];
}

const medianLabels = (rows: readonly BoxRow[], x: Channel, y: Channel): Spec[] =>
  (['left', 'right'] as const).map((side) => ({
    data: { values: rows.filter((row) => (row.first ? 'left' : 'right') === side) },
    mark: silent({
      type: 'text',
      align: side === 'left' ? 'right' : 'left',
      dx: side === 'left' ? -7 : 7,
      fontWeight: 600,
    }),
    encoding: { x: x(side), y: y('p50'), text: { field: 'text' }, color: ownColor() },
  }));
