/** The table "Results Comparison" of the demo, every value with its interval and what may be said of it, and the messages that follow from it. */
import type {
  Comparison,
  PairComparison,
  QuantileName,
  RatioEstimate,
  TargetSummary,
} from '../model/comparison';
import type { TimedRecord, TurnClass } from '../model/record';
import type { Interval } from '../stats/bootstrap';
import { bootstrapSums, type SumIntervals, type SumsOptions } from '../stats/resampled-sums';
import { boundsCell, isTooSmall, shortEstimate, TOO_SMALL } from './cells';
import { DASH, percent, points, ratio } from './format';
import { wrap } from './table';
import { worseName } from './worse';
import { headlineRatio, TURN_WORDS, verdictSentence } from './verdict-sentence';

/** Metric, baseline, candidate, candidate / baseline, verdict. */
type Cells = readonly [string, string, string, string, string];

export interface ResultsContext {
  comparison: Comparison;
  /** All requests of each target by its name; warm-up excluded. */
  records: ReadonlyMap<string, readonly TimedRecord[]>;
  options: SumsOptions & { min_effect: number };
}

interface Sides {
  baseline: TargetSummary;
  candidate: TargetSummary;
  pair: PairComparison;
}

const WIDTH = 110;
const ROWS: readonly { turn: TurnClass; quantiles: readonly QuantileName[] }[] = [
  { turn: 'all', quantiles: ['p50', 'p95', 'p99'] },
  { turn: 'first', quantiles: ['p50', 'p95', 'p99'] },
  { turn: 'later', quantiles: ['p50', 'p95', 'p99'] },
];

/** The table, then messages and notes; one line where there is nothing to compare. */
export function resultsComparison(context: ResultsContext): string {
  const sides = sidesOf(context.comparison);
  if (sides === null) return 'Results Comparison: there are no two targets to compare.';
  const { baseline, candidate, pair } = sides;
  const head: Cells = [
    'Metric',
    baseline.name,
    candidate.name,
    `${candidate.name} / ${baseline.name}`,
    'Verdict',
  ];
  const rows = [
    ...ROWS.flatMap(({ turn, quantiles }) =>
      quantiles.map((quantile) => latencyRow(sides, 'ttft', turn, quantile)),
    ),
    ...cacheRows(sides, context),
    latencyRow(sides, 'e2e', 'all', 'p50'),
    latencyRow(sides, 'e2e', 'all', 'p95'),
    throughputRow(sides, context.options.min_effect),
  ];
  return [
    'Results Comparison',
    '',
    ...tableOf(head, rows),
    '',
    ...wrap(
      `In brackets: 95 % intervals (cluster bootstrap, ${pair.method} over ${pair.conversations} conversations). A verdict needs the whole interval beyond ${percent(context.options.min_effect)}.`,
      WIDTH,
      '',
      '',
    ),
    '',
    'Key messages of this measurement',
    '',
    ...keyMessages(context.comparison, sides).flatMap((text, at) =>
      wrap(`${at + 1}. ${text}`, WIDTH, '', '   '),
    ),
    '',
    'Read with care:',
    ...(pair.caveats.length === 0
      ? ['  no caveats']
      : pair.caveats.flatMap(({ reason, text }) => wrap(`${reason}: ${text}.`, WIDTH, '  '))),
  ].join('\n');
}

function sidesOf({ targets, comparisons }: Comparison): Sides | null {
  const [pair] = comparisons;
  const baseline = targets.find(({ name }) => name === pair?.baseline);
  const candidate = targets.find(({ name }) => name === pair?.candidate);
  return pair === undefined || baseline === undefined || candidate === undefined
    ? null
    : { baseline, candidate, pair };
}

function tableOf(head: Cells, rows: readonly Cells[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}

function latencyRow(
  { baseline, candidate, pair }: Sides,
  metric: 'ttft' | 'e2e',
  turn: TurnClass,
  quantile: QuantileName,
): Cells {
  const name = quantile.toUpperCase();
  const found = pair.ratios.find(
    (one) => one.metric === metric && one.turn === turn && one.quantile === quantile,
  );
  const cell = (target: TargetSummary) => {
    const estimate = target[`${metric}_seconds`][turn][quantile];
    if (estimate === null) return DASH;
    return isTooSmall(quantile, estimate.n)
      ? `${shortEstimate(estimate)} ${TOO_SMALL}`
      : shortEstimate(estimate);
  };
  return [
    metric === 'ttft' ? `${name} TTFT, ${TURN_WORDS[turn]}` : `${name} end to end`,
    cell(baseline),
    cell(candidate),
    found === undefined ? DASH : withInterval(ratio(found.estimate), found, ratio),
    found === undefined ? DASH : verdictWords(found),
  ];
}

function verdictWords({ verdict, estimate }: RatioEstimate): string {
  const change = estimate === null ? '' : `${percent(Math.abs(estimate - 1))} `;
  switch (verdict) {
    case 'faster':
    case 'slower':
      return `${change}${verdict}`;
    case 'no_difference_shown':
    case 'not_comparable':
      return verdict.replaceAll('_', ' ');
    case 'too_few':
      return 'too few requests';
  }
}

function withInterval(
  text: string,
  interval: { lower: number | null; upper: number | null } | null,
  print: (value: number) => string,
): string {
  return interval === null || interval.lower === null || interval.upper === null || text === DASH
    ? text
    : `${text} (${print(interval.lower)}–${print(interval.upper)})`;
}

const speedUpOf = ({ ttft_seconds: { first, later } }: TargetSummary) =>
  first.mean === null || later.mean === null || later.mean === 0 ? null : first.mean / later.mean;

/** How much sooner later turns answer than first ones, and the hit rate between its bounds. */
function cacheRows(sides: Sides, { records, options }: ResultsContext): Cells[] {
  const { baseline, candidate } = sides;
  const requests = [records.get(baseline.name) ?? [], records.get(candidate.name) ?? []] as const;
  const speed = bootstrapSums(
    pairedSums(requests, speedSums),
    ([first = 0, firsts = 0, later = 0, laters = 0]) => first / firsts / (later / laters),
    options,
  );
  const hits = bootstrapSums(
    pairedSums(requests, hitSums),
    ([cached = 0, prompt = 0]) => cached / prompt,
    options,
  );
  const times = (value: number) => `${ratio(value)}x`;
  const share = (value: number) => percent(value, 1);
  return [
    ratioRow(
      'Cache speed-up (first / later turns)',
      [speedUpOf(baseline), speedUpOf(candidate)],
      speed,
      times,
      options,
    ),
    ratioRow(
      'Cache hit rate',
      [baseline.hit_rate?.from_probes ?? null, candidate.hit_rate?.from_probes ?? null],
      hits,
      share,
      options,
    ),
    [
      '  its bounds without eviction',
      boundsCell(baseline.hit_rate),
      boundsCell(candidate.hit_rate),
      DASH,
      DASH,
    ],
  ];
}

/** A row of which more is better. */
function ratioRow(
  metric: string,
  [before, after]: readonly [number | null, number | null],
  intervals: SumIntervals,
  print: (value: number) => string,
  { min_effect }: { min_effect: number },
): Cells {
  const cell = (value: number | null, interval: Interval | null) =>
    value === null ? DASH : withInterval(print(value), interval, print);
  const estimate = before === null || after === null || before === 0 ? null : after / before;
  return [
    metric,
    cell(before, intervals.baseline),
    cell(after, intervals.candidate),
    estimate === null ? DASH : withInterval(ratio(estimate), intervals.ratio, ratio),
    estimate === null ? DASH : moreOrLess(estimate, intervals.ratio, min_effect),
  ];
}

function moreOrLess(estimate: number, interval: Interval | null, min_effect: number): string {
  if (interval === null) return 'too few conversations';
  if (interval.lower > 1 + min_effect) return `${percent(estimate - 1)} higher`;
  if (interval.upper < 1 - min_effect) return `${percent(1 - estimate)} lower`;
  return 'no difference shown';
}

/** Sum of times of first turns and their number, then of later turns. */
function speedSums({ outcome, ttft_ms: ttft, turn }: TimedRecord): number[] {
  if (outcome !== 'ok' || ttft === null) return [0, 0, 0, 0];
  return turn === 1 ? [ttft, 1, 0, 0] : [0, 0, ttft, 1];
}

const hitSums = ({ prompt_tokens: prompt, cached_tokens: cached }: TimedRecord): number[] =>
  prompt === null || cached === null ? [0, 0] : [cached, prompt];

/** The sums of each conversation that both sides have. */
function pairedSums(
  [baseline, candidate]: readonly [readonly TimedRecord[], readonly TimedRecord[]],
  sums: (record: TimedRecord) => number[],
): [number[], number[]][] {
  const [before, after] = [baseline, candidate].map((records) => {
    const byConversation = new Map<string, number[]>();
    for (const record of records) {
      if (record.warmup === true) continue;
      const known = byConversation.get(record.conversation);
      const added = sums(record);
      byConversation.set(record.conversation, known?.map((sum, at) => sum + (added[at] ?? 0)) ?? added);
    }
    return byConversation;
  });
  return [...(before ?? [])].flatMap(([conversation, own]): [number[], number[]][] => {
    const other = after?.get(conversation);
    return other === undefined ? [] : [[own, other]];
  });
}

/** A run has one throughput: there is nothing to draw an interval from. */
function throughputRow({ baseline, candidate, pair }: Sides, min_effect: number): Cells {
  const [before, after] = [baseline.requests_per_second, candidate.requests_per_second];
  const estimate = before === null || after === null || before === 0 ? null : after / before;
  const cell = (value: number | null) => (value === null ? DASH : value.toFixed(2));
  const words = () => {
    if (estimate === null) return DASH;
    if (pair.worse.some(({ metric }) => metric === 'requests_per_second'))
      return `${percent(1 - estimate)} lower`;
    return estimate > 1 + min_effect ? `${percent(estimate - 1)} higher` : 'about the same';
  };
  return [
    'Requests per second',
    cell(before),
    cell(after),
    ratio(estimate),
    estimate === null ? DASH : `${words()} (one value each, no interval)`,
  ];
}

/** What was measured, in sentences: nothing is said in favour of a side that the numbers do not show. */
function keyMessages(comparison: Comparison, sides: Sides): string[] {
  const { baseline, candidate, pair } = sides;
  const headline = headlineRatio(pair, baseline, candidate);
  const better = headline?.verdict === 'faster';
  return [
    `${verdictSentence(comparison, pair)}.`,
    ...(better
      ? []
      : [
          `${candidate.name} is not shown to be better here: do not say that it is; see what follows, and demo/README.md.`,
        ]),
    ...wholeTail(sides, better),
    ...hitRateMessage(sides),
    pair.worse.length === 0
      ? 'Nothing got worse that the data show.'
      : `What got worse: ${pair.worse.map(worseName).join(', ')}.`,
  ];
}

/** Why the tail over all turns may not move although that of later turns does. */
function wholeTail({ pair }: Sides, better: boolean): string[] {
  const whole = pair.ratios.find(
    ({ metric, turn, quantile }) => metric === 'ttft' && turn === 'all' && quantile === 'p99',
  );
  if (!better || (whole?.verdict !== 'slower' && whole?.verdict !== 'no_difference_shown')) return [];
  return [
    `P99 over all turns: ${verdictWords(whole)}. It consists of first turns, cold prefills that no routing shortens; the gain is in the later ones.`,
  ];
}

function hitRateMessage({ baseline, candidate }: Sides): string[] {
  const [before, after] = [baseline, candidate].map(({ hit_rate: rate }) => rate?.from_probes ?? null);
  if (before === null || before === undefined || after === null || after === undefined) return [];
  const gap = after - before;
  const bounds = boundsCell(candidate.hit_rate);
  const claim = `${candidate.name} found ${percent(after)} of its prompt tokens in its caches, ${baseline.name} ${percent(before)}`;
  return [
    `${claim}: ${points(gap)} ${gap < 0 ? 'less' : 'more'}${bounds === DASH ? '' : ` (without eviction: ${bounds})`}.`,
  ];
}
