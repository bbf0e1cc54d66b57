/** The report of a comparison as plain text: sections in the order of the multi-turn benchmark's log, targets side by side. */
import {
  LATENCY_METRICS,
  QUANTILE_NAMES,
  type Comparison,
  type LatencySummary,
  type PairComparison,
  type RatioEstimate,
  type TargetSummary,
} from '../model/comparison';
import { TURN_CLASSES, type TurnClass } from '../model/record';
import {
  BALANCE_ORDER,
  BALANCE_WORDS,
  balanceCell,
  boundsCell,
  estimateCell,
  outcomesCell,
  ratioCell,
} from './cells';
import type { TargetFacts } from './facts';
import { clock, count, DASH, milliseconds, percent, plural, ratio, seconds } from './format';
import { achievedCell, keptUpCell, lagCell, saturationCell, type LoadFacts } from './load';
import { columnWidths, tableLines, wrap, type Row } from './table';
import { TURN_WORDS, verdictSentence } from './verdict-sentence';
import { worseNames } from './worse';

export interface ReportContext {
  /** Per target name; sections that need it are left out where it is missing. */
  facts: Readonly<Record<string, TargetFacts>>;
  /** Lines about the run, e.g. `['Workload', '40 conversations × 10 turns']`. */
  settings: readonly (readonly [string, string])[];
  /** Per target name, of a bounded run. */
  load?: Readonly<Record<string, LoadFacts>>;
}

const RULE = '='.repeat(80);
const SENTENCE_WIDTH = 100;

export interface Section {
  title: string;
  rows: Row[];
}

/** A cell per target under each. */
export const reportHead = (targets: readonly TargetSummary[]): Row => [
  '',
  ...targets.map((target) => `${target.name} (${target.role})`),
];

/** Everything about the targets by themselves, the summary first: what each kind of report lays out. */
export function reportSections(
  targets: readonly TargetSummary[],
  context: ReportContext,
): { summary: Row[]; sections: Section[] } {
  const sections = [
    ...latencySections(targets),
    turnSection(targets),
    documentSection(targets, context),
    cachingSection(targets),
    ...otherLatencySections(targets),
    errorSection(targets),
    hitRateSection(targets),
    balanceSection(targets),
    loadSection(targets, context),
  ].filter((section) => section.rows.length > 0);
  return { summary: summaryRows(targets, context), sections };
}

export function textReport(comparison: Comparison, context: ReportContext): string {
  const { targets } = comparison;
  const head = reportHead(targets);
  const { summary, sections } = reportSections(targets, context);
  const widths = columnWidths([head, ...summary, ...sections.flatMap((section) => section.rows)]);
  const lines = (rows: readonly Row[]) => tableLines(rows, widths.label, widths.cell);
  return [
    RULE,
    'BENCHMARK SUMMARY',
    RULE,
    '',
    ...context.settings.map(([name, value]) => `${name}: ${value}`),
    ...(context.settings.length > 0 ? [''] : []),
    ...lines([head, ...summary]),
    ...sections.flatMap((section) => ['', `${section.title}:`, ...lines(section.rows)]),
    ...comparison.comparisons.flatMap((pair) => ['', ...pairLines(comparison, pair)]),
    '',
  ].join('\n');
}

const row = (
  label: string,
  targets: readonly TargetSummary[],
  cell: (target: TargetSummary) => string,
): Row => [label, ...targets.map(cell)];

function summaryRows(targets: readonly TargetSummary[], { facts }: ReportContext): Row[] {
  const fact = (target: TargetSummary) => facts[target.name];
  const rate = (value: number | null, unit: string) =>
    value === null ? DASH : `${value.toFixed(2)} ${unit}`;
  return [
    row('Model', targets, (target) => target.model ?? DASH),
    row('Engine', targets, ({ engine }) => [engine.name, engine.version].filter(Boolean).join(' ') || DASH),
    row('Replicas', targets, ({ replicas }) => (replicas.length > 0 ? count(replicas.length) : DASH)),
    row('First request', targets, ({ window }) => (window === null ? DASH : clock(window.start))),
    row('Last request', targets, ({ window }) => (window === null ? DASH : clock(window.end))),
    row('Total time', targets, (target) => seconds(fact(target)?.total_seconds ?? null)),
    row('Total requests', targets, (target) =>
      count(Object.values(target.outcomes).reduce((sum, n) => sum + n, 0)),
    ),
    row('Completed conversations', targets, (target) => {
      const known = fact(target);
      return known === undefined ? DASH : `${known.completed}/${known.started}`;
    }),
    row('Requests per second', targets, (target) => rate(target.requests_per_second, 'req/s')),
    row('Output tokens per second', targets, (target) => rate(target.output_tokens_per_second, 'tok/s')),
  ];
}

function latencyRows(
  targets: readonly TargetSummary[],
  read: (target: TargetSummary) => LatencySummary,
): Row[] {
  return [
    row('Min', targets, (target) => milliseconds(read(target).min)),
    row('Max', targets, (target) => milliseconds(read(target).max)),
    row('Mean', targets, (target) => milliseconds(read(target).mean)),
    ...percentileRows(targets, read),
  ];
}

const percentileRows = (
  targets: readonly TargetSummary[],
  read: (target: TargetSummary) => LatencySummary,
): Row[] =>
  QUANTILE_NAMES.map((name) =>
    row(name.toUpperCase(), targets, (target) => estimateCell(name, read(target)[name])),
  );

function latencySections(targets: readonly TargetSummary[]): Section[] {
  const classes: readonly TurnClass[] = ['first', 'later'];
  return [
    {
      title: 'Time to First Token (TTFT)',
      rows: latencyRows(targets, (target) => target.ttft_seconds.all),
    },
    ...classes.map((turn) => ({
      title: `Time to First Token (TTFT), ${TURN_WORDS[turn]}`,
      rows: latencyRows(targets, (target) => target.ttft_seconds[turn]),
    })),
    { title: 'Total Request Time', rows: latencyRows(targets, (target) => target.e2e_seconds.all) },
  ];
}

function turnSection(targets: readonly TargetSummary[]): Section {
  const turns = [
    ...new Set(targets.flatMap((target) => target.ttft_by_turn_seconds.map(({ turn }) => turn))),
  ];
  return {
    title: 'TTFT by Turn Number',
    rows: turns
      .sort((left, right) => left - right)
      .map((turn) =>
        row(`Turn ${String(turn).padStart(2)}`, targets, (target) => {
          const one = target.ttft_by_turn_seconds.find((entry) => entry.turn === turn);
          return one === undefined
            ? DASH
            : `${milliseconds(one.mean)} avg, ${milliseconds(one.p50)} median (${count(one.n)} requests)`;
        }),
      ),
  };
}

function documentSection(targets: readonly TargetSummary[], { facts }: ReportContext): Section {
  const kinds = (['code', 'text'] as const).filter((kind) =>
    targets.some((target) => facts[target.name]?.documents.some(({ document }) => document === kind)),
  );
  return {
    title: 'TTFT by Document Type',
    rows: kinds.map((kind) =>
      row(kind.toUpperCase(), targets, (target) => {
        const one = facts[target.name]?.documents.find(({ document }) => document === kind);
        return one === undefined
          ? DASH
          : `${milliseconds(one.mean_ttft_seconds)} avg (${count(one.n)} requests)`;
      }),
    ),
  };
}

function cachingSection(targets: readonly TargetSummary[]): Section {
  const means = ({ ttft_seconds: ttft }: TargetSummary) => ({
    first: ttft.first.mean,
    later: ttft.later.mean,
  });
  return {
    title: 'First Turn vs Subsequent Turns (Prefix Caching Indicator)',
    rows: [
      row('First turn avg', targets, (target) => milliseconds(means(target).first)),
      row('Later turns avg', targets, (target) => milliseconds(means(target).later)),
      row('Speedup ratio', targets, (target) => {
        const { first, later } = means(target);
        return first === null || later === null || later === 0 ? DASH : `${ratio(first / later)}x`;
      }),
    ],
  };
}

const otherLatencySections = (targets: readonly TargetSummary[]): Section[] => [
  {
    title: 'Time per Output Token (TPOT)',
    rows: percentileRows(targets, (target) => target.tpot_seconds.all),
  },
  {
    title: 'Gap between Chunks (ITL; median gap of each request)',
    rows: percentileRows(targets, (target) => target.itl_seconds.all),
  },
];

const errorSection = (targets: readonly TargetSummary[]): Section => ({
  title: 'Errors',
  rows: [row('Outcomes', targets, outcomesCell)],
});

const hitRateSection = (targets: readonly TargetSummary[]): Section => ({
  title: 'Prefix Cache Hit Rate',
  rows: [
    row('Probes (usage)', targets, ({ hit_rate: rate }) => percent(rate?.from_probes ?? null, 1)),
    row('Fleet', targets, ({ hit_rate: rate }) =>
      rate === null || rate.measured === null
        ? DASH
        : `${percent(rate.measured, 1)} (${rate.source ?? 'usage'})`,
    ),
    row('Expected, no eviction', targets, (target) => boundsCell(target.hit_rate)),
    ...(targets.some((target) => target.replicas.length > 0)
      ? [
          row('By replica', targets, ({ replicas }) =>
            replicas.map((replica) => percent(replica.hit_rate)).join(', '),
          ),
        ]
      : []),
  ],
});

const balanceSection = (targets: readonly TargetSummary[]): Section => ({
  title: 'Balance over the Replicas',
  rows: BALANCE_ORDER.filter((resource) => targets.some((target) => target.balance[resource] !== null)).map(
    (resource) => row(BALANCE_WORDS[resource], targets, (target) => balanceCell(target.balance[resource])),
  ),
});

function loadSection(targets: readonly TargetSummary[], { load }: ReportContext): Section {
  const of = (label: string, cell: (facts: LoadFacts) => string) =>
    row(label, targets, ({ name }) => {
      const facts = load?.[name];
      return facts === undefined ? DASH : cell(facts);
    });
  const rows = [
    of('Offered', ({ offered }) => offered),
    row('Achieved', targets, achievedCell),
    of('Kept up', keptUpCell),
    of('Send lag P99', lagCell),
    of('Saturated', saturationCell),
  ];
  return { title: 'Load', rows: load === undefined ? [] : rows };
}

/** Ratios with intervals and verdicts, as rows of a table. */
export function ratioRows(pair: PairComparison): Row[] {
  const ratios = pair.ratios.filter((one) => one.estimate !== null);
  return LATENCY_METRICS.flatMap((metric) =>
    TURN_CLASSES.flatMap((turn) => {
      const ofClass = ratios.filter((one) => one.metric === metric && one.turn === turn);
      return ofClass.map((one): Row => [
        `${metric.toUpperCase()} ${TURN_WORDS[turn]} ${one.quantile.toUpperCase()}`,
        ratioCell(one),
        one.verdict.replaceAll('_', ' '),
      ]);
    }),
  );
}

/** What the table of ratios is of. */
export function ratioTitle(pair: PairComparison): string {
  const basis = pairBasis(pair);
  const interval = basis === null ? '' : `; 95 % interval, ${basis}`;
  return `Ratios ${pair.candidate} / ${pair.baseline} (below 1 is better${interval}):`;
}

/** `paired over 1512 conversations`; null where no conversation is known, and so no interval. */
export const pairBasis = ({ method, conversations }: PairComparison): string | null =>
  conversations === 0 ? null : `${method} over ${plural(conversations, 'conversation')}`;

/** Said where the two columns beside a ratio are of other requests than the ratio. */
export const OF_BOTH = 'Ratios are of the requests that both sides answered';

/** Whether a paired ratio is not that of the two percentiles shown: of unlike counts, or beyond its own interval. */
export function isOfOthers(pair: PairComparison, baseline: TargetSummary, candidate: TargetSummary): boolean {
  if (pair.method !== 'paired') return false;
  const differs = (
    before: LatencySummary | undefined,
    after: LatencySummary | undefined,
    { quantile, estimate, lower, upper }: Pick<RatioEstimate, 'quantile' | 'estimate' | 'lower' | 'upper'>,
  ) => {
    const [left, right] = [before?.[quantile] ?? null, after?.[quantile] ?? null];
    if (left === null || right === null || estimate === null) return false;
    if (left.n !== right.n) return true;
    const shown = right.estimate / left.estimate;
    return lower !== null && upper !== null && (shown < lower - ROUNDING || shown > upper + ROUNDING);
  };
  return (
    pair.ratios.some((one) => {
      const [before, after] = [baseline, candidate].map((side) => side[`${one.metric}_seconds`][one.turn]);
      return differs(before, after, one);
    }) ||
    (pair.generation_ratios ?? []).some((one) => {
      const key = one.metric === 'generation' ? 'generation_seconds' : 'token_rate';
      return differs(baseline[key], candidate[key], one);
    })
  );
}

/** Of an interval without width the ratio itself may miss the end by this much. */
const ROUNDING = 1e-9;

function pairLines(comparison: Comparison, pair: PairComparison): string[] {
  const rows = ratioRows(pair);
  const widths = columnWidths(rows);
  const worse = worseNames(comparison, pair);
  return [
    RULE,
    `COMPARISON: ${pair.candidate} against ${pair.baseline}`,
    RULE,
    '',
    ...wrap(verdictSentence(comparison, pair), SENTENCE_WIDTH),
    '',
    ratioTitle(pair),
    ...tableLines(rows, widths.label, widths.cell),
    '',
    'What got worse:',
    ...(worse.length === 0 ? ['  nothing that the data show'] : worse.map((one) => `  ${one}`)),
    '',
    'Read with care:',
    ...(pair.caveats.length === 0
      ? ['  no caveats']
      : pair.caveats.flatMap(({ reason, text }) => wrap(`${reason}: ${text}.`, SENTENCE_WIDTH, '  '))),
  ];
}
