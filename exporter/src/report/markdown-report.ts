/** The report as Markdown: the sections of the text report as tables. */
import type { Comparison, PairComparison } from '../model/comparison';
import { levelBlocks } from './level-report';
import { escape, list, table } from './markdown';
import { ratioRows, ratioTitle, reportHead, reportSections, type ReportContext } from './text-report';
import { verdictSentence } from './verdict-sentence';
import { worseNames } from './worse';

export function markdownReport(comparison: Comparison, context: ReportContext): string {
  const { targets } = comparison;
  const head = reportHead(targets);
  const { summary, sections } = reportSections(targets, context);
  const blocks = levelBlocks(comparison);
  return [
    '# BENCHMARK SUMMARY',
    ...comparison.comparisons.map((pair) => `**${escape(verdictSentence(comparison, pair))}.**`),
    context.settings.map(([name, value]) => `- ${escape(name)}: ${escape(value)}`).join('\n'),
    table(head, summary),
    ...sections.flatMap(({ title, rows }) => [`## ${escape(title)}`, table(head, rows)]),
    ...(blocks.length > 0 ? ['## Load levels'] : []),
    ...blocks.flatMap(({ title, rows, notes }) => [`### ${escape(title)}`, table(head, rows), list(notes)]),
    ...comparison.comparisons.flatMap((pair) => pairParts(comparison, pair)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function pairParts(comparison: Comparison, pair: PairComparison): string[] {
  const worse = worseNames(comparison, pair);
  return [
    `## COMPARISON: ${escape(pair.candidate)} against ${escape(pair.baseline)}`,
    escape(ratioTitle(pair)),
    table(['', 'ratio', 'verdict'], ratioRows(pair)),
    '### What got worse',
    list(worse.length === 0 ? ['nothing that the data show'] : worse),
    '### Read with care',
    list(
      pair.caveats.length === 0
        ? ['no caveats']
        : pair.caveats.map(({ reason, text }) => `${reason}: ${text}`),
    ),
  ];
}
