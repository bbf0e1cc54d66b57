/** What the targets delivered per second of wall time, and the difference: bars per load level. */
import { plural } from '../report/format';
import type { PairComparison, TargetSummary } from '../model/comparison';
import { axesOf, blockedAt, pooledNotes, type PlotData, type TargetView } from './input';
import { FADED, fadedNotes, legendOf, type Plan } from './plot';
import {
  guide,
  namedLabels,
  ownColor,
  ownOpacity,
  panel,
  PLAIN_LABEL,
  position,
  SAYS,
  SIGNED_PERCENT_LABEL,
  silent,
  type Spec,
} from './spec';
import { LIGHT } from './theme';

type RateKey = 'output_tokens_per_second' | 'requests_per_second';

const BAR = 15;
const GROUP_GAP = 14;
/** For `1.34 QPS`, `256 at once`. */
const LABEL_ROOM = 78;
const WIDTHS = { tokens: 300, requests: 190, difference: 190 };

/** Bars of all targets in one place: a load level, or the whole result. */
interface Group {
  /** Empty for the whole result. */
  label: string;
  name: string;
  /** Offered requests per second, where the level says so. */
  offered: number | null;
  targets: readonly TargetSummary[];
  comparisons: readonly PairComparison[];
}

/** A block of rows: the groups of one axis. */
interface Block {
  data: PlotData;
  groups: Group[];
  height: number;
  suffix: string;
}

interface Bar {
  top: number;
  bottom: number;
  middle: number;
  value: number;
  color: string;
  /** Of the figure. */
  ink: string;
  opacity: number;
  text: string;
  says: string;
}

export function throughputComparison(data: PlotData): Plan {
  const rows = blocksOf(data).flatMap((block) => {
    const panels = blockPanels(block);
    return panels.length === 0 ? [] : [{ hconcat: panels, spacing: 22 }];
  });
  if (rows.length === 0) return { skipped: 'no wall time is known to divide by' };
  return {
    spec: { vconcat: rows, spacing: 30 },
    text: {
      title: 'Throughput comparison',
      subtitle:
        'Answered work divided by wall time, from the first request sent to the last answer: what the deployment delivered, not ' +
        'the speed of one answer. One measurement per bar, so small differences mean nothing.',
      legend: legendOf(data.targets, () => null),
      notes: fadedNotes(pooledNotes(data)),
    },
  };
}

function blocksOf(data: PlotData): Block[] {
  const blockOf = (groups: Group[], suffix: string): Block => ({
    data,
    groups,
    height: groups.length * (data.targets.length * BAR + GROUP_GAP),
    suffix,
  });
  if (data.levels.length === 0) {
    const { targets, comparisons } = data.comparison;
    return [blockOf([{ label: '', name: '', offered: null, targets, comparisons }], '')];
  }
  return axesOf(data).map(({ levels, suffix }) =>
    blockOf(
      levels.map(({ label, unit, level, name, targets, comparisons }) => ({
        label: `${label} ${unit === 'qps' ? 'QPS' : 'at once'}`,
        name,
        offered: unit === 'qps' ? level : null,
        targets,
        comparisons,
      })),
      suffix,
    ),
  );
}

function blockPanels(block: Block): Spec[] {
  const tokens = barsOf(block, 'output_tokens_per_second', 'tok/s');
  const requests = barsOf(block, 'requests_per_second', 'req/s');
  const key: RateKey = tokens.length > 0 ? 'output_tokens_per_second' : 'requests_per_second';
  const differences = differenceBars(block, key);
  return [
    ...(tokens.length > 0 ? [tokenPanel(block, tokens)] : []),
    ...(requests.length > 0 ? [requestPanel(block, requests, tokens.length === 0)] : []),
    ...(differences.length > 0 ? [differencePanel(block, differences, key)] : []),
  ];
}

const summaryOf = ({ targets }: Group, { name }: TargetView) =>
  targets.find((target) => target.name === name);

const figure = (value: number) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const commaName = ({ name }: Group) => (name === '' ? '' : `, ${name}`);

function barsOf({ data, groups }: Block, key: RateKey, unit: string): Bar[] {
  return groups.flatMap((group, place) =>
    data.targets.flatMap((target, index): Bar[] => {
      const summary = summaryOf(group, target);
      const value = summary?.[key] ?? null;
      if (value === null || summary === undefined) return [];
      const blocked = blockedAt(group, target.name) !== null;
      return [
        {
          ...slot(data, place, index, data.targets.length),
          value,
          color: target.color,
          ink: blocked ? LIGHT.faint : LIGHT.ink,
          opacity: blocked ? FADED : 1,
          text: figure(value),
          says: `${target.name}${commaName(group)}: ${figure(value)} ${unit}, ${plural(summary.samples.all, 'answered request')}`,
        },
      ];
    }),
  );
}

/** Where the bar of the `index`-th of `bars` stands in its group, in group heights. */
function slot(data: PlotData, place: number, index: number, bars: number) {
  const size = BAR / (data.targets.length * BAR + GROUP_GAP);
  const top = place + 0.5 - (size * bars) / 2 + size * index;
  return { top: top + size * 0.08, bottom: top + size * 0.92, middle: top + size / 2 };
}

/** Less than this is neither good nor bad news of a single measurement. */
const NEGLIGIBLE = 0.05;

const toneOf = (difference: number) =>
  Math.abs(difference) < NEGLIGIBLE ? LIGHT.faint : difference > 0 ? LIGHT.good : LIGHT.bad;

function signedPercent(share: number): string {
  const digits = Math.abs(share * 100).toFixed(1);
  const sign = Number(digits) === 0 ? '' : share > 0 ? '+' : '−';
  return `${sign}${digits} %`;
}

function differenceBars({ data, groups }: Block, key: RateKey): Bar[] {
  const [baseline, ...candidates] = data.targets;
  if (baseline === undefined) return [];
  return groups.flatMap((group, place) =>
    candidates.flatMap((target, index): Bar[] => {
      const before = summaryOf(group, baseline)?.[key] ?? null;
      const after = summaryOf(group, target)?.[key] ?? null;
      if (before === null || after === null || before <= 0) return [];
      const value = after / before - 1;
      const blocked = blockedAt(group, target.name) !== null;
      const text = signedPercent(value);
      return [
        {
          ...slot(data, place, index, candidates.length),
          value,
          color: blocked ? LIGHT.faint : candidates.length > 1 ? target.color : toneOf(value),
          ink: blocked ? LIGHT.faint : LIGHT.ink,
          opacity: blocked ? FADED : 1,
          text: blocked ? `${text} ≠` : text,
          says: `${target.name} against ${baseline.name}${commaName(group)}: ${text}${blocked ? ', not comparable' : ''}`,
        },
      ];
    }),
  );
}

/** The rows of a block; `named`: with the labels of the groups. */
function rowAxis({ groups }: Block, named: boolean): (field: string) => Spec {
  const centres = groups.map((_, index) => index + 0.5);
  const room = named ? LABEL_ROOM : 0;
  const axis = {
    values: centres,
    labels: named,
    labelExpr: namedLabels(
      centres,
      groups.map(({ label }) => label),
    ),
    minExtent: room,
    maxExtent: room,
    grid: false,
    ticks: false,
    domain: false,
  };
  return (field) => position(field, { domain: [0, groups.length], nice: false, reverse: true }, axis);
}

const isNamed = ({ groups }: Block) => groups.some(({ label }) => label !== '');

function tokenPanel(block: Block, bars: readonly Bar[]): Spec {
  const named = isNamed(block);
  return panel({
    title: `Output tokens per second${block.suffix}`,
    note: 'all answers together',
    width: WIDTHS.tokens,
    height: block.height,
    indent: named ? LABEL_ROOM : 0,
    layers: [...barLayers(bars, rateAxis(bars, 1.22), rowAxis(block, named), null), guide('x', 0)],
  });
}

function requestPanel(block: Block, bars: readonly Bar[], first: boolean): Spec {
  const named = first && isNamed(block);
  const offered = block.groups.flatMap(({ offered: value }, place) =>
    value === null ? [] : [{ value, top: place + 0.1, bottom: place + 0.9 }],
  );
  const width = WIDTHS.requests;
  const x = rateAxis([...bars, ...offered], offered.length > 0 ? 1.34 : 1.22);
  const y = rowAxis(block, named);
  return panel({
    title: `Requests per second${first ? block.suffix : ''}`,
    note: offered.length > 0 ? 'answered; the upright line is what was offered' : 'answered',
    width,
    height: block.height,
    indent: named ? LABEL_ROOM : 0,
    layers: [
      ...barLayers(bars, x, y, offered.length > 0 ? width : null),
      guide('x', 0),
      {
        data: { values: offered },
        mark: silent({ type: 'rule', strokeWidth: 2, color: LIGHT.ink }),
        encoding: { x: x('value'), y: y('top'), y2: { field: 'bottom' } },
      },
    ],
  });
}

function differencePanel(block: Block, bars: readonly Bar[], key: RateKey): Spec {
  const values = bars.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  // Room for the figures behind the bars.
  const room = Math.max(0.05, (high - low) * 0.62);
  const domain = [low < 0 ? low - room : -0.02 * room, high > 0 ? high + room : 0.02 * room];
  const axis = { labelExpr: SIGNED_PERCENT_LABEL, tickCount: 3, domain: false, ticks: false };
  const x = (field: string) => position(field, { domain, nice: false }, axis);
  return panel({
    title: 'Difference',
    note: `of ${key === 'output_tokens_per_second' ? 'tokens' : 'requests'} per second, to the baseline`,
    width: WIDTHS.difference,
    height: block.height,
    indent: 0,
    layers: [...barLayers(bars, x, rowAxis(block, false), null), guide('x', 0)],
  });
}

type Channel = (field: string) => Spec;

const rateAxis =
  (bars: readonly { value: number }[], margin: number): Channel =>
  (field) =>
    position(
      field,
      { domain: [0, Math.max(...bars.map(({ value }) => value)) * margin || 1], nice: false },
      { labelExpr: PLAIN_LABEL, tickCount: 4, domain: false, ticks: false },
    );

/** `column`: figures stand in a column that ends there, as something else lies where the bars end; null: behind the bars. */
function barLayers(bars: readonly Bar[], x: Channel, y: Channel, column: number | null): Spec[] {
  const data = { values: bars.map((bar) => ({ ...bar, zero: 0 })) };
  const figures = (own: readonly Bar[], align: 'left' | 'right', dx: number): Spec => ({
    data: { values: own },
    mark: silent({ type: 'text', align, dx, fontSize: 11 }),
    encoding: {
      x: column === null ? x('value') : { value: column },
      y: y('middle'),
      text: { field: 'text' },
      color: ownColor('ink'),
    },
  });
  return [
    {
      data,
      mark: { type: 'bar', cornerRadiusEnd: 2 },
      encoding: {
        x: x('zero'),
        x2: { field: 'value' },
        y: y('top'),
        y2: { field: 'bottom' },
        color: ownColor(),
        opacity: ownOpacity(),
        description: SAYS,
      },
    },
    ...(column === null
      ? [
          figures(
            bars.filter(({ value }) => value >= 0),
            'left',
            6,
          ),
          figures(
            bars.filter(({ value }) => value < 0),
            'right',
            -6,
          ),
        ]
      : [figures(bars, 'right', 0)]),
  ];
}
