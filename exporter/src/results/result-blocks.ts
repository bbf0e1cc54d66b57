/** The numbers of a comparison of results as rows: what the text and the README lay out, one block per load level. */
import {
  QUANTILE_NAMES,
  type Comparison,
  type GenerationRatio,
  type LatencyMetric,
  type LatencySummary,
  type PairComparison,
  type RatioEstimate,
  type TargetSummary,
} from '../model/comparison';
import { TURN_CLASSES, type TurnClass } from '../model/record';
import {
  blockingCaveat,
  isTooSmall,
  outcomesCell,
  ratioCell,
  shortEstimate,
  TOO_SMALL,
} from '../report/cells';
import { count, DASH, milliseconds, percent, ratio } from '../report/format';
import type { Row } from '../report/table';
import { isOfOthers, pairBasis } from '../report/text-report';
import { TURN_WORDS, verdictSentence } from '../report/verdict-sentence';
import { worseNames } from '../report/worse';
import { levelName } from './level';

export interface Block {
  title: string;
  /** `slower: …` or `not_comparable: requests missing (…)`. */
  verdict: string;
  targets: readonly TargetSummary[];
  pair: PairComparison;
  head: Row;
  rows: Row[];
  /** The ratios are not those of the percentiles beside them, but of matched requests. */
  ofOthers: boolean;
  worse: string[];
  caveats: string[];
}

type Part = Pick<Comparison, 'targets' | 'comparisons'>;

/** The levels in their order; everything together last, or alone where there are no levels to tell apart. */
export function resultBlocks(comparison: Comparison): Block[] {
  const levels = (comparison.levels ?? []).flatMap((level) =>
    blockOf(comparison, level, levelName({ value: level.level, unit: level.unit }, level.workload ?? null)),
  );
  return levels.length === 1
    ? levels
    : [...levels, ...blockOf(comparison, comparison, 'everything together')];
}

function blockOf(comparison: Comparison, part: Part, title: string): Block[] {
  const [pair] = part.comparisons;
  const [baseline, candidate] = part.targets;
  if (pair === undefined || baseline === undefined || candidate === undefined) return [];
  return [
    {
      title,
      verdict: verdictLine({ ...comparison, ...part }, pair),
      targets: part.targets,
      pair,
      head: [
        '',
        `${baseline.name} (baseline)`,
        candidate.name,
        pairBasis(pair) === null ? 'ratio' : 'ratio (95 % interval)',
        'verdict',
      ],
      rows: [...requestRows(baseline, candidate), ...latencyRows(baseline, candidate, pair)],
      ofOthers: isOfOthers(pair, baseline, candidate),
      worse: worseNames(comparison, pair),
      caveats: pair.caveats.map(({ reason, text }) => `${reason}: ${text}`),
    },
  ];
}

/** The reason where nothing can be said, else what the headline ratio came to. */
export function verdictLine(comparison: Comparison, pair: PairComparison): string {
  const blocking = blockingCaveat(pair);
  if (blocking !== undefined) return `not_comparable: ${blocking.text}`;
  return verdictSentence(comparison, pair);
}

const perSecond = (value: number | null, unit: string) =>
  value === null ? DASH : `${value.toFixed(2)} ${unit}`;

function requestRows(baseline: TargetSummary, candidate: TargetSummary): Row[] {
  const row = (label: string, cell: (target: TargetSummary) => string, quotient = ''): Row => [
    label,
    cell(baseline),
    cell(candidate),
    quotient,
    '',
  ];
  const quotient = (key: 'requests_per_second' | 'output_tokens_per_second') => {
    const [before, after] = [baseline[key], candidate[key]];
    return before === null || after === null || before === 0 ? '' : ratio(after / before);
  };
  return [
    row('Requests', outcomesCell),
    row(
      'Requests per second',
      (target) => perSecond(target.requests_per_second, 'req/s'),
      quotient('requests_per_second'),
    ),
    row(
      'Output tokens per second',
      (target) => perSecond(target.output_tokens_per_second, 'tok/s'),
      quotient('output_tokens_per_second'),
    ),
    row('Prompt tokens', (target) => count(target.tokens.prompt)),
    row('Completion tokens', (target) => count(target.tokens.completion)),
    ...([baseline, candidate].some((target) => hitRate(target) !== DASH)
      ? [row('Cache hit rate', hitRate)]
      : []),
  ];
}

/** The fleet's, which decides whether it got worse; else that of the requests themselves. */
function hitRate({ hit_rate: rate }: TargetSummary): string {
  if (rate === null) return DASH;
  return rate.measured === null && rate.from_probes !== null
    ? `${percent(rate.from_probes, 1)} (of these requests)`
    : percent(rate.measured, 1);
}

const METRIC_WORDS: Record<LatencyMetric, string> = {
  ttft: 'Time to first token',
  e2e: 'Total time',
  tpot: 'Time per output token',
  itl: 'Gap between chunks',
};

/** Classes that say something of their own: with first turns only, "all" is the same. */
function classesOf(baseline: TargetSummary, candidate: TargetSummary): TurnClass[] {
  const later = baseline.samples.later + candidate.samples.later > 0;
  return TURN_CLASSES.filter((turn) => later || turn === 'all');
}

function latencyRows(baseline: TargetSummary, candidate: TargetSummary, pair: PairComparison): Row[] {
  const metric = (name: LatencyMetric) =>
    classesOf(baseline, candidate).flatMap((turn) =>
      summaryRows(
        turn === 'all' ? METRIC_WORDS[name] : `${METRIC_WORDS[name]}, ${TURN_WORDS[turn]}`,
        [baseline[`${name}_seconds`][turn], candidate[`${name}_seconds`][turn]],
        pair.ratios.filter((one) => one.metric === name && one.turn === turn),
        milliseconds,
      ),
    );
  const generation = (name: GenerationRatio['metric']) =>
    (pair.generation_ratios ?? []).filter((one) => one.metric === name);
  return [
    ...metric('ttft'),
    ...summaryRows(
      'Generation time',
      [baseline.generation_seconds, candidate.generation_seconds],
      generation('generation'),
      milliseconds,
    ),
    ...metric('e2e'),
    ...metric('tpot'),
    ...summaryRows(
      'Tokens per second of one answer',
      [baseline.token_rate, candidate.token_rate],
      generation('token_rate'),
      (value) => (value === null ? DASH : value.toFixed(1)),
    ),
    ...metric('itl'),
  ];
}

type Ratio = Pick<RatioEstimate, 'quantile' | 'estimate' | 'lower' | 'upper' | 'verdict'>;

/** P50 to P99 with interval and n, and the maximum; nothing where neither side has a value. */
function summaryRows(
  label: string,
  summaries: readonly [LatencySummary | undefined, LatencySummary | undefined],
  ratios: readonly Ratio[],
  value: (found: number | null) => string,
): Row[] {
  if (
    summaries.every((one) => one === undefined || (one.p50 === null && one.p95 === null && one.mean === null))
  )
    return [];
  const percentiles = QUANTILE_NAMES.map((name): Row => {
    const found = ratios.find((one) => one.quantile === name);
    const cells = summaries.map((one) => {
      const estimate = one?.[name] ?? null;
      if (estimate === null) return DASH;
      const mark = isTooSmall(name, estimate.n) ? ` ${TOO_SMALL}` : '';
      const told = value === milliseconds ? shortEstimate(estimate) : rateCell(estimate, value);
      return `${told}, n = ${count(estimate.n)}${mark}`;
    });
    return [
      `${label} ${name.toUpperCase()}`,
      cells[0] ?? DASH,
      cells[1] ?? DASH,
      found === undefined ? '' : ratioCell(found),
      found?.verdict.replaceAll('_', ' ') ?? '',
    ];
  });
  const max: Row = [`${label} max`, ...summaries.map((one) => value(one?.max ?? null)), '', ''];
  return [...percentiles, max];
}

const rateCell = (
  { estimate, lower, upper }: { estimate: number; lower: number | null; upper: number | null },
  value: (found: number | null) => string,
) =>
  lower === null || upper === null ? value(estimate) : `${value(estimate)} (${value(lower)}–${value(upper)})`;

/** One row a block: the numbers that one looks at first. */
export function overview(found: readonly Block[]): { head: Row; rows: Row[] } {
  const [baseline = '', candidate = ''] = found[0]?.targets.map(({ name }) => name) ?? [];
  const both = (block: Block, cell: (target: TargetSummary) => string) => block.targets.map(cell).join(' / ');
  return {
    head: [
      `${baseline} / ${candidate}`,
      'answered',
      'failed or missing',
      'TTFT P50',
      'TTFT P95',
      'TTFT P99',
      'req/s',
      'verdict',
    ],
    rows: found.map((block) => [
      block.title,
      both(block, ({ samples }) => count(samples.all)),
      both(block, (target) => count(failed(target))),
      ...(['p50', 'p95', 'p99'] as const).map((name) =>
        both(block, ({ ttft_seconds: { all } }) => milliseconds(all[name]?.estimate ?? null)),
      ),
      both(block, ({ requests_per_second: rate }) => (rate === null ? DASH : rate.toFixed(2))),
      block.verdict,
    ]),
  };
}

const failed = ({ outcomes, requests_missing: missing = 0 }: TargetSummary) =>
  Object.entries(outcomes).reduce((sum, [outcome, n]) => sum + (outcome === 'ok' ? 0 : n), missing);
