import type { WorkloadConfig } from '../model/config';
import { targetFacts } from '../report/facts';
import { milliseconds, percent } from '../report/format';
import { levelBlocks } from '../report/level-report';
import { markdownReport } from '../report/markdown-report';
import { columnWidths, tableLines, wrap } from '../report/table';
import { reportHead, textReport, type ReportContext } from '../report/text-report';
import type { RunResult } from './run-result';

const RULE = '='.repeat(80);
const WIDTH = 100;

/** The report of a run for a terminal or a log. */
export function runTextReport(result: RunResult): string {
  const { comparison } = result;
  return [textReport(comparison, reportContext(result)), ...levelLines(result)].join('\n');
}

/** `report.md`. */
export const runMarkdownReport = (result: RunResult): string =>
  markdownReport(result.comparison, reportContext(result));

/** What every kind of report tells of a run beyond its comparison. */
export function reportContext(result: RunResult): ReportContext {
  const facts = [...result.records].map(([name, records]) => [name, targetFacts(records)] as const);
  return { facts: Object.fromEntries(facts), settings: settingsOf(result), load: result.load };
}

function settingsOf(result: RunResult): [string, string][] {
  const { end, shard, source, workload } = result;
  return [
    ['Run', `${result.run}, ${result.started} to ${result.ended}`],
    ...(end.kind === 'finished' ? [] : [['Ended', endText(result)] as [string, string]]),
    ...(shard === null
      ? []
      : [['Shard', `${shard.index} of ${shard.count}: its share only`] as [string, string]]),
    ['Workload', source ?? workloadText(workload)],
    ['Targets measured', result.interleave === 'abba' ? 'in turns (A B B A)' : 'at the same time'],
    [
      'Connections',
      result.keep_alive
        ? 'kept alive: a load balancer that spreads by connection keeps each on one replica'
        : 'a new one for each request, as load balancers spread by connection',
    ],
    ['Client self-check', selfCheck(result)],
  ];
}

export function endText({ end }: Pick<RunResult, 'end'>): string {
  switch (end.kind) {
    case 'finished':
      return 'all was played';
    case 'interrupted':
      return 'early, by a signal; everything measured until then is here';
    case 'disk':
      return `early, as results could not be written: ${end.text}`;
    case 'refused':
      return `at once: ${end.text}`;
  }
}

function workloadText(workload: WorkloadConfig): string {
  const { document_tokens: tokens, warmup, shared_prefix_tokens: shared } = workload;
  const documents =
    workload.documents_dir ??
    `${workload.documents} documents of ${tokens.min === tokens.max ? tokens.min : `${tokens.min}–${tokens.max}`} tokens`;
  return [
    `${workload.conversations} conversations x ${workload.turns} turns (${workload.preset}, seed ${workload.seed})`,
    documents,
    ...(shared > 0 ? [`a shared prefix of ${shared} tokens`] : []),
    `answers of ${workload.max_tokens} tokens`,
    ...(warmup > 0 ? [`${warmup} conversations of warm-up, not counted`] : []),
  ].join(', ');
}

/** How late the measuring itself was, beside what it measured. */
function selfCheck({ client, comparison }: RunResult): string {
  const { p50_seconds: p50, p99_seconds: p99 } = client;
  if (p50 === null || p99 === null) return 'event-loop delay not measured (the run was too short)';
  const medians = comparison.targets.flatMap(({ ttft_seconds }) => ttft_seconds.all.p50?.estimate ?? []);
  const quickest = medians.length === 0 ? null : Math.min(...medians);
  const share =
    quickest === null || quickest === 0 ? '' : `, ${percent(p99 / quickest, 1)} of the quickest TTFT P50`;
  return `event-loop delay P50 ${milliseconds(p50)}, P99 ${milliseconds(p99)}${share}`;
}

function levelLines({ comparison }: RunResult): string[] {
  const blocks = levelBlocks(comparison);
  if (blocks.length === 0) return [];
  const head = reportHead(comparison.targets);
  const widths = columnWidths([head, ...blocks.flatMap(({ rows }) => rows)]);
  const lines = blocks.flatMap(({ title, rows, notes }) => [
    '',
    `${title}:`,
    ...tableLines([head, ...rows], widths.label, widths.cell),
    ...notes.flatMap((note) => wrap(note, WIDTH, '  ')),
  ]);
  return [RULE, 'LOAD LEVELS', RULE, ...lines, ''];
}
