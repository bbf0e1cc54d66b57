/** Candidate / baseline of every metric, turn class and percentile, with intervals and verdicts: a forest of ratios. */
import { count, plural } from '../report/format';
import { isOfOthers, OF_BOTH } from '../report/text-report';
import { TURN_WORDS } from '../report/verdict-sentence';
import {
  LATENCY_METRICS,
  VERDICTS,
  type LatencyMetric,
  type PairComparison,
  type RatioEstimate,
  type TargetSummary,
  type Verdict,
} from '../model/comparison';
import type { TurnClass } from '../model/record';
import type { LegendItem } from './card';
import { axesOf, type Axis, type LevelView, type PlotData } from './input';
import { rangeText, type Plan } from './plot';
import {
  guide,
  logAxis,
  logScale,
  ownColor,
  panel,
  PLAIN_LABEL,
  position,
  SAYS,
  silent,
  type LogAxis,
  type Spec,
} from './spec';
import { LIGHT, VERDICT_COLOR, VERDICT_WORDS } from './theme';
import { ratioText } from './words';

export const METRIC_WORDS: Record<LatencyMetric, string> = {
  ttft: 'Time to first token',
  e2e: 'Total time',
  tpot: 'Time per output token',
  itl: 'Gap between chunks',
};

/** Ratios beyond this would squeeze all others; they end at the edge, and the figure beside them tells. */
const FURTHEST = 64;
const ROW = 19;
const WIDTH = 232;
/** Left of the plotting area: names of rows. Right of it: figures. */
const LABELS = 46;
const FIGURES = 138;
const SHAPES: Record<Verdict, { shape: string; filled: boolean }> = {
  faster: { shape: 'circle', filled: true },
  slower: { shape: 'diamond', filled: true },
  no_difference_shown: { shape: 'circle', filled: false },
  too_few: { shape: 'circle', filled: false },
  not_comparable: { shape: 'cross', filled: false },
};

type Ratio = Pick<RatioEstimate, 'estimate' | 'lower' | 'upper' | 'verdict'>;

interface Group {
  title: string;
  /** Requests of both sides. */
  n: string;
  rows: { label: string; ratio: Ratio }[];
}

type Line =
  | { kind: 'title'; at: number; text: string; n: string }
  | {
      kind: 'ratio';
      at: number;
      label: string;
      value: number;
      low: number;
      high: number;
      figures: string;
      color: string;
      verdict: Verdict;
      says: string;
    };

/** `level` null: all requests, and the headline metric at each level; else the pairs of that level. */
export function ratioForest(data: PlotData, level: LevelView | null = null): Plan {
  const pairs = level === null ? data.comparison.comparisons : level.comparisons;
  const blocks = pairs
    .map((pair) => ({ pair, columns: columnsOf(data, pair, level) }))
    .filter(({ columns }) => columns.length > 0);
  if (blocks.length === 0)
    return { skipped: 'no ratio is known: a target is silent, or has no requests in common' };
  const groups = blocks.flatMap(({ columns }) => columns.flat());
  const axis = ratioAxis(groups);
  return {
    spec: {
      vconcat: blocks.map(({ pair, columns }) => ({
        title: {
          text: `${pair.candidate} against ${pair.baseline}`,
          ...subtitle(pair, level?.targets ?? data.comparison.targets),
          frame: 'bounds',
        },
        hconcat: columns.map((column) => columnPanel(column, axis, pair)),
        spacing: 24,
      })),
      spacing: 34,
    },
    text: {
      title: `What changed, by how much, how sure${level === null ? '' : `: ${level.name}`}`,
      subtitle:
        'Ratio of the candidate to the baseline with its 95 % interval; left of 1 the candidate is faster. A verdict needs the ' +
        'whole interval clear of 1 by the least effect that counts (5 % unless set otherwise). Logarithmic scale.',
      legend: verdictLegend(groups),
      notes: [],
    },
  };
}

/** What the intervals rest on; nothing of summaries, which have none. */
function subtitle(pair: PairComparison, targets: readonly TargetSummary[]): Spec {
  const { method, conversations } = pair;
  if (conversations === 0) return {};
  const [baseline, candidate] = [pair.baseline, pair.candidate].map((name) =>
    targets.find((target) => target.name === name),
  );
  if (method === 'unpaired') return { subtitle: `unpaired, ${plural(conversations, 'unit')} per target` };
  const basis = `paired over ${plural(conversations, 'conversation')}`;
  return baseline !== undefined && candidate !== undefined && isOfOthers(pair, baseline, candidate)
    ? { subtitle: `${basis}. ${OF_BOTH}.` }
    : { subtitle: basis };
}

/** Metrics in two columns; groups of nothing are left out. */
function columnsOf(data: PlotData, pair: PairComparison, level: LevelView | null): Group[][] {
  const targets = level?.targets ?? data.comparison.targets;
  const groups = [
    ...LATENCY_METRICS.flatMap((metric) => metricGroups(pair, metric, targets)),
    ...generationGroups(pair),
    ...(level === null ? axesOf(data).flatMap((axis) => levelGroups(axis, pair)) : []),
  ];
  return inTwoColumns(groups).filter((column) => column.length > 0);
}

/** Groups in their order, split where both columns are nearly as long. */
function inTwoColumns(groups: readonly Group[]): Group[][] {
  const length = (some: readonly Group[]) => some.reduce((sum, { rows }) => sum + rows.length + 1.5, 0);
  const uneven = (split: number) => Math.abs(length(groups.slice(0, split)) - length(groups.slice(split)));
  const splits = groups.map((_, index) => index + 1);
  const best = splits.reduce((least, split) => (uneven(split) < uneven(least) ? split : least), 1);
  return [groups.slice(0, best), groups.slice(best)];
}

/** Of imported results. */
function generationGroups({ generation_ratios: ratios = [] }: PairComparison): Group[] {
  return (['generation', 'token_rate'] as const).flatMap((metric) => {
    const rows = ratios
      .filter((one) => one.metric === metric && one.estimate !== null)
      .map((one) => ({ label: one.quantile.toUpperCase(), ratio: one }));
    const title = metric === 'generation' ? 'Generation time' : 'Token rate: right of 1 is better';
    return rows.length === 0 ? [] : [{ title, n: '', rows }];
  });
}

function metricGroups(
  pair: PairComparison,
  metric: LatencyMetric,
  targets: readonly TargetSummary[],
): Group[] {
  const known = pair.ratios.filter((one) => one.metric === metric && one.estimate !== null);
  const has = (turn: TurnClass) => known.some((one) => one.turn === turn);
  const classes: TurnClass[] = has('first') && has('later') ? ['first', 'later'] : ['all'];
  return classes.flatMap((turn) => {
    const rows = known
      .filter((one) => one.turn === turn)
      .map((one) => ({ label: one.quantile.toUpperCase(), ratio: one }));
    const suffix = turn === 'all' ? '' : `, ${TURN_WORDS[turn]}`;
    return rows.length === 0
      ? []
      : [{ title: `${METRIC_WORDS[metric]}${suffix}`, n: sizes(pair, metric, turn, targets), rows }];
  });
}

/** `n = 432 + 432`, baseline first. */
function sizes(
  pair: PairComparison,
  metric: LatencyMetric,
  turn: TurnClass,
  targets: readonly TargetSummary[],
): string {
  const n = [pair.baseline, pair.candidate].map(
    (name) => targets.find((target) => target.name === name)?.[`${metric}_seconds`][turn].p50?.n ?? null,
  );
  return `n = ${n.map(count).join(' + ')}`;
}

/** `n = 252 + 55–248` */
function levelSizes({ levels }: Axis, pair: PairComparison, quantile: 'p50' | 'p95'): string {
  const ranges = [pair.baseline, pair.candidate].map((name) =>
    rangeText(
      levels.flatMap(
        ({ targets }) => targets.find((target) => target.name === name)?.ttft_seconds.all[quantile]?.n ?? [],
      ),
    ),
  );
  return `n = ${ranges.join(' + ')}`;
}

function levelGroups(axis: Axis, pair: PairComparison): Group[] {
  return (['p50', 'p95'] as const).flatMap((quantile) => {
    const rows = axis.levels.flatMap((level) => {
      const same = level.comparisons.find(
        ({ candidate, baseline }) => candidate === pair.candidate && baseline === pair.baseline,
      );
      const one = same?.ratios.find(
        ({ metric, turn, quantile: name }) => metric === 'ttft' && turn === 'all' && name === quantile,
      );
      return one === undefined || one.estimate === null ? [] : [{ label: level.label, ratio: one }];
    });
    return rows.length === 0
      ? []
      : [
          {
            title: `TTFT ${quantile.toUpperCase()} by ${axis.unit}${axis.suffix}`,
            n: levelSizes(axis, pair, quantile),
            rows,
          },
        ];
  });
}

function ratioAxis(groups: readonly Group[]): LogAxis {
  const ends = groups.flatMap(({ rows }) =>
    rows.flatMap(({ ratio: one }) => [one.estimate, one.lower, one.upper]),
  );
  const clamped = ends.flatMap((end) => (end === null ? [] : [clamp(end)]));
  const axis = logAxis([0.8, 1.25, ...clamped]);
  const ticks = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].filter(
    (tick) => tick >= axis.domain[0] && tick <= axis.domain[1],
  );
  return {
    ...axis,
    ticks:
      ticks.length < 3
        ? [0.6, 0.8, 1, 1.25, 1.6].filter((tick) => tick >= axis.domain[0] && tick <= axis.domain[1])
        : ticks,
  };
}

const clamp = (value: number) => Math.min(FURTHEST, Math.max(1 / FURTHEST, value));

function linesOf(groups: readonly Group[], pair: PairComparison): { lines: Line[]; rows: number } {
  const lines: Line[] = [];
  let at = 0;
  groups.forEach(({ title, n, rows }, index) => {
    if (index > 0) at += 0.5;
    lines.push({ kind: 'title', at: at + 0.5, text: title, n });
    at += 1;
    for (const { label, ratio: one } of rows) {
      lines.push(ratioLine(title, label, one, at + 0.5, pair));
      at += 1;
    }
  });
  return { lines, rows: at };
}

function ratioLine(title: string, label: string, one: Ratio, at: number, pair: PairComparison): Line {
  const value = one.estimate ?? NaN;
  const [low, high] = [one.lower ?? value, one.upper ?? value];
  const interval = one.lower === null || one.upper === null ? '' : ` (${ratioText(low)}–${ratioText(high)})`;
  const figures = `${ratioText(value)}${interval}`;
  return {
    kind: 'ratio',
    at,
    label,
    value: clamp(value),
    low: clamp(low),
    high: clamp(high),
    figures,
    color: VERDICT_COLOR[one.verdict],
    verdict: one.verdict,
    says: `${title}, ${label}: ${pair.candidate} / ${pair.baseline} ${figures}, ${VERDICT_WORDS[one.verdict]}`,
  };
}

function columnPanel(groups: readonly Group[], axis: LogAxis, pair: PairComparison): Spec {
  const { lines, rows } = linesOf(groups, pair);
  const ratios = lines.filter((line) => line.kind === 'ratio');
  const titles = lines.filter((line) => line.kind === 'title');
  const x = (field: string) =>
    position(field, logScale(axis), {
      values: axis.ticks,
      labelExpr: PLAIN_LABEL,
      title: 'candidate / baseline',
      ticks: false,
      domain: false,
    });
  const y = position('at', { domain: [0, rows], nice: false, reverse: true }, null);
  const data = { values: ratios };
  const text = (field: string, pixels: number, mark: Spec): Spec => ({
    data,
    mark: silent({ type: 'text', fontSize: 11, ...mark }),
    encoding: { x: { value: pixels }, y, text: { field } },
  });
  return panel({
    width: WIDTH,
    height: rows * ROW,
    layers: [
      guide('x', 1, LIGHT.faint),
      ...titleLayers(titles, y),
      {
        data,
        mark: silent({ type: 'rule', strokeWidth: 2.2 }),
        encoding: { x: x('low'), x2: { field: 'high' }, y, color: ownColor() },
      },
      ...VERDICTS.map((verdict) => ({
        data,
        transform: [{ filter: `datum.verdict === '${verdict}'` }],
        mark: { type: 'point', size: 58, strokeWidth: 1.8, opacity: 1, ...pointOf(verdict) },
        encoding: {
          x: x('value'),
          y,
          [SHAPES[verdict].filled ? 'color' : 'stroke']: ownColor(),
          description: SAYS,
        },
      })),
      text('label', 8 - LABELS, { align: 'left' }),
      {
        data,
        mark: silent({ type: 'text', align: 'left', fontSize: 11 }),
        encoding: { x: { value: WIDTH + 12 }, y, text: { field: 'figures' }, color: ownColor() },
      },
    ],
  });
}

/** Titles of groups on bands that hide the guide lines behind them. */
function titleLayers(titles: readonly Line[], y: Spec): Spec[] {
  const data = {
    values: titles.map((title) => ({ ...title, top: title.at - 0.5, bottom: title.at + 0.44 })),
  };
  const text = (field: string, at: number, mark: Spec): Spec => ({
    data,
    mark: silent({ type: 'text', fontSize: 11.5, ...mark }),
    encoding: { x: { value: at }, y, text: { field } },
  });
  return [
    {
      data,
      mark: silent({ type: 'bar', color: LIGHT.band, cornerRadius: 4 }),
      encoding: {
        x: { value: -LABELS },
        x2: { value: WIDTH + FIGURES },
        y: { ...y, field: 'top' },
        y2: { field: 'bottom' },
      },
    },
    text('text', 8 - LABELS, { align: 'left', fontWeight: 600, color: LIGHT.ink }),
    text('n', WIDTH + FIGURES - 8, { align: 'right', fontSize: 11 }),
  ];
}

const pointOf = (verdict: Verdict): Spec => {
  const { shape, filled } = SHAPES[verdict];
  return filled ? { shape, filled } : { shape, filled, fill: LIGHT.card };
};

function verdictLegend(groups: readonly Group[]): LegendItem[] {
  const rows = groups.flatMap(({ rows: own }) => own);
  return VERDICTS.flatMap((verdict): LegendItem[] => {
    const n = rows.filter(({ ratio: one }) => one.verdict === verdict).length;
    return n === 0
      ? []
      : [{ color: VERDICT_COLOR[verdict], name: VERDICT_WORDS[verdict], detail: `${n} of ${rows.length}` }];
  });
}
