/** What the targets delivered per second of wall time, and the difference: bars per load level. */
import { plural } from '../report/format';
import type { TargetSummary } from '../model/comparison';
import { blockedAt, blockedNotes, UNIT_WORDS, type PlotData, type TargetView } from './input';
import { FADED, legendOf, type Plan } from './plot';
import {
  namedLabels,
  ownColor,
  ownOpacity,
  panel,
  PLAIN_LABEL,
  position,
  SAYS,
  SIGNED_PERCENT_LABEL,
  silent,
  guide,
  type Spec,
} from './spec';
import { LIGHT } from './theme';

type RateKey = 'output_tokens_per_second' | 'requests_per_second';

const BAR = 15;
const GROUP_GAP = 14;
/** For `1.34 QPS`, `256 at once`. */
const LABEL_ROOM = 78;
const WIDTHS = { first: 300, second: 190, difference: 190 };

interface Group {
  label: string;
  /** Offered requests per second, where the level says so. */
  offered: number | null;
  summary: (target: TargetView) => TargetSummary | undefined;
  blocked: (target: TargetView) => boolean;
}

interface Bar {
  top: number;
  bottom: number;
  middle: number;
  value: number;
  color: string;
  opacity: number;
  text: string;
  says: string;
}

export function throughputComparison(data: PlotData): Plan {
  const groups = groupsOf(data);
  const tokens = barsOf(data, groups, 'output_tokens_per_second', 'tok/s');
  const requests = barsOf(data, groups, 'requests_per_second', 'req/s');
  if (tokens.length + requests.length === 0) return { skipped: 'no wall time is known to divide by' };
  const height = groups.length * (data.targets.length * BAR + GROUP_GAP);
  const key: RateKey = tokens.length > 0 ? 'output_tokens_per_second' : 'requests_per_second';
  const differences = differenceBars(data, groups, key);
  const panels = [
    ...(tokens.length > 0
      ? [
          ratePanel(
            data,
            groups,
            tokens,
            ['Output tokens per second', 'all answers together'],
            height,
            WIDTHS.first,
          ),
        ]
      : []),
    ...(requests.length > 0
      ? [
          ratePanel(
            data,
            groups,
            requests,
            [
              'Requests per second',
              data.unit === 'qps' && data.levels.length > 0
                ? 'answered; the black mark is what was offered'
                : 'answered',
            ],
            height,
            tokens.length > 0 ? WIDTHS.second : WIDTHS.first,
            tokens.length === 0,
          ),
        ]
      : []),
    ...(differences.length > 0 ? [differencePanel(data, groups, differences, key, height)] : []),
  ];
  return {
    spec: { hconcat: panels, spacing: 22 },
    text: {
      title: 'Throughput comparison',
      subtitle:
        'Answered work divided by wall time, from the first request sent to the last answer: what the deployment delivered, not ' +
        'the speed of one answer. One measurement per bar, so small differences mean nothing.',
      legend: legendOf(data.targets, () => null),
      notes: blockedNotes(data).map((note) => `Faded: ${note}`),
    },
  };
}

function groupsOf(data: PlotData): Group[] {
  if (data.levels.length === 0)
    return [{ label: '', offered: null, summary: ({ summary }) => summary, blocked: () => false }];
  return data.levels.map((level) => ({
    label: level.label,
    offered: data.unit === 'qps' ? level.level : null,
    summary: ({ name }) => level.targets.find((target) => target.name === name),
    blocked: ({ name }) => blockedAt(level, name) !== null,
  }));
}

const figure = (value: number) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

function barsOf(data: PlotData, groups: readonly Group[], key: RateKey, unit: string): Bar[] {
  return groups.flatMap((group, place) =>
    data.targets.flatMap((target, index): Bar[] => {
      const summary = group.summary(target);
      const value = summary?.[key] ?? null;
      if (value === null || summary === undefined) return [];
      return [
        {
          ...slot(data, place, index, data.targets.length),
          value,
          color: target.color,
          opacity: group.blocked(target) ? FADED : 1,
          text: figure(value),
          says: `${target.name}${levelWords(data, group)}: ${figure(value)} ${unit}, ${plural(summary.samples.all, 'answered request')}`,
        },
      ];
    }),
  );
}

const levelWords = (data: PlotData, { label }: Group) =>
  label === '' ? '' : `, ${label} ${UNIT_WORDS[data.unit]}`;

/** Where the bar of the `index`-th of `bars` stands in its group, in group heights. */
function slot(
  data: PlotData,
  place: number,
  index: number,
  bars: number,
): { top: number; bottom: number; middle: number } {
  const size = BAR / (data.targets.length * BAR + GROUP_GAP);
  const top = place + 0.5 - (size * bars) / 2 + size * index;
  return { top: top + size * 0.08, bottom: top + size * 0.92, middle: top + size / 2 };
}

const better = (difference: number) => (difference >= 0 ? LIGHT.good : LIGHT.bad);

function differenceBars(data: PlotData, groups: readonly Group[], key: RateKey): Bar[] {
  const [baseline, ...candidates] = data.targets;
  if (baseline === undefined) return [];
  return groups.flatMap((group, place) =>
    candidates.flatMap((target, index): Bar[] => {
      const [before, after] = [baseline, target].map((one) => group.summary(one)?.[key] ?? null);
      if (before === null || before === undefined || after === null || after === undefined || before <= 0)
        return [];
      const value = after / before - 1;
      const blocked = group.blocked(target);
      const text = `${value >= 0 ? '+' : '−'}${Math.abs(value * 100).toFixed(1)} %`;
      return [
        {
          ...slot(data, place, index, candidates.length),
          value,
          color: blocked ? LIGHT.faint : candidates.length > 1 ? target.color : better(value),
          opacity: blocked ? FADED : 1,
          text: blocked ? `${text} ≠` : text,
          says: `${target.name} against ${baseline.name}${levelWords(data, group)}: ${text}${blocked ? ', not comparable' : ''}`,
        },
      ];
    }),
  );
}

function rows(data: PlotData, groups: readonly Group[], named: boolean): (field: string) => Spec {
  const centres = groups.map((_, index) => index + 0.5);
  return (field) =>
    position(
      field,
      { domain: [0, groups.length], nice: false, reverse: true },
      {
        values: centres,
        labels: named && data.levels.length > 0,
        ...(named && data.levels.length > 0
          ? { minExtent: LABEL_ROOM, maxExtent: LABEL_ROOM }
          : { minExtent: 0, maxExtent: 0 }),
        labelExpr: namedLabels(
          centres,
          groups.map(({ label }) => `${label} ${data.unit === 'qps' ? 'QPS' : 'at once'}`),
        ),
        grid: false,
        ticks: false,
        domain: false,
      },
    );
}

function ratePanel(
  data: PlotData,
  groups: readonly Group[],
  bars: readonly Bar[],
  [title, note]: [string, string],
  height: number,
  width: number,
  named = title.startsWith('Output'),
): Spec {
  const offered = title.startsWith('Requests')
    ? groups.flatMap(({ offered: value }, place) =>
        value === null ? [] : [{ value, top: place + 0.1, bottom: place + 0.9 }],
      )
    : [];
  const most = Math.max(...bars.map(({ value }) => value), ...offered.map(({ value }) => value));
  const x = (field: string) =>
    position(
      field,
      { domain: [0, most * (offered.length > 0 ? 1.34 : 1.22)], nice: false },
      { labelExpr: PLAIN_LABEL, tickCount: 4, domain: false, ticks: false },
    );
  const y = rows(data, groups, named);
  return panel({
    title,
    note,
    width,
    height,
    indent: named && data.levels.length > 0 ? LABEL_ROOM : 0,
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

type Channel = (field: string) => Spec;

/** `column`: figures stand in a column that ends there, as something else lies where the bars end; null: behind the bars. */
function barLayers(bars: readonly Bar[], x: Channel, y: Channel, column: number | null = null): Spec[] {
  const data = {
    values: bars.map((bar) => ({
      ...bar,
      zero: 0,
      align: bar.value < 0 ? 'right' : 'left',
      ink: bar.opacity < 1 ? LIGHT.faint : LIGHT.ink,
    })),
  };
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
    ...(['left', 'right'] as const).map((align) => ({
      data,
      transform: [{ filter: `datum.align === '${align}'` }],
      mark: silent({
        type: 'text',
        align: column === null ? align : 'right',
        dx: column !== null ? 0 : align === 'left' ? 6 : -6,
        fontSize: 11,
      }),
      encoding: {
        x: column === null ? x('value') : { value: column },
        y: y('middle'),
        text: { field: 'text' },
        color: ownColor('ink'),
      },
    })),
  ];
}

function differencePanel(
  data: PlotData,
  groups: readonly Group[],
  bars: readonly Bar[],
  key: RateKey,
  height: number,
): Spec {
  const [low, high] = [
    Math.min(0, ...bars.map(({ value }) => value)),
    Math.max(0, ...bars.map(({ value }) => value)),
  ];
  const room = Math.max(0.05, (high - low) * 0.62);
  const x = (field: string) =>
    position(
      field,
      { domain: [low < 0 ? low - room : -0.02 * room, high > 0 ? high + room : 0.02 * room], nice: false },
      { labelExpr: SIGNED_PERCENT_LABEL, tickCount: 3, domain: false, ticks: false },
    );
  return panel({
    title: 'Difference',
    note: `of ${key === 'output_tokens_per_second' ? 'tokens' : 'requests'} per second, to ${data.targets[0]?.name ?? 'the baseline'}`,
    width: WIDTHS.difference,
    height,
    indent: 0,
    layers: [...barLayers(bars, x, rows(data, groups, false)), guide('x', 0, LIGHT.axis)],
  });
}
