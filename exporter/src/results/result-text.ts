/** The comparison of results as plain text, and as the README beside the plots. */
import type { Comparison } from '../model/comparison';
import type { Unread } from '../model/result';
import { escape, list, table } from '../report/markdown';
import { columnWidths, tableLines, wrap } from '../report/table';
import { OF_BOTH, pairBasis } from '../report/text-report';
import { overview, resultBlocks, type Block } from './result-blocks';

export interface ResultContext {
  comparison: Comparison;
  unread: readonly Unread[];
  /** What each name stands for, e.g. the paths that were compared. */
  sources: readonly (readonly [string, string])[];
}

/** `file:line: reason` */
export const unreadLine = ({ file, line, reason }: Unread) =>
  `${line === null ? file : `${file}:${line}`}: ${reason}`.replace(/\s+/g, ' ');

const WIDTH = 110;

/** One line a level, then the numbers of everything together. */
export function resultText(context: ResultContext): string {
  const found = resultBlocks(context.comparison);
  const last = found.at(-1);
  const verdicts = found.flatMap(({ title, verdict }) => wrap(`${title}: ${verdict}`, WIDTH, '  '));
  return [
    ...context.sources.map(([name, path]) => `${name}: ${path}`),
    '',
    'Verdicts (candidate against baseline, time to first token):',
    ...verdicts,
    ...(last === undefined ? [] : ['', ...blockLines(last)]),
    ...notRead(context.unread),
    '',
  ].join('\n');
}

function blockLines(block: Block): string[] {
  const widths = columnWidths([block.head, ...block.rows]);
  return [
    `${titleOf(block)}${basisOf(block)}:`,
    ...tableLines([block.head, ...block.rows], widths.label, widths.cell),
    ...(block.ofOthers ? [`  ${OF_BOTH}.`] : []),
    '',
    'What got worse:',
    ...(block.worse.length === 0 ? ['  nothing that the data show'] : block.worse.map((one) => `  ${one}`)),
    '',
    'Read with care:',
    ...(block.caveats.length === 0
      ? ['  no caveats']
      : block.caveats.flatMap((text) => wrap(`${text}.`, WIDTH, '  '))),
  ];
}

const titleOf = ({ title }: Block) => `${title[0]?.toUpperCase() ?? ''}${title.slice(1)}`;

function basisOf({ pair }: Block): string {
  const basis = pairBasis(pair);
  return basis === null ? '' : ` (${basis})`;
}

const notRead = (unread: readonly Unread[]): string[] =>
  unread.length === 0 ? [] : ['', 'Not read:', ...unread.map((one) => `  ${unreadLine(one)}`)];

/** `pictures`: Markdown that stands below the verdicts, e.g. the plots. */
export function resultReadme(context: ResultContext, pictures = ''): string {
  const found = resultBlocks(context.comparison);
  const { head, rows } = overview(found);
  const [baseline = '', candidate = ''] = context.comparison.targets.map(({ name }) => name);
  return [
    `# ${escape(candidate)} against ${escape(baseline)}`,
    list(context.sources.map(([name, path]) => `${name}: ${path}`)),
    '## Verdicts',
    table(head, rows),
    pictures,
    ...found.flatMap(blockParts),
    found.some(({ ofOthers }) => ofOthers) ? `${OF_BOTH}.` : '',
    ...(context.unread.length === 0 ? [] : ['## Not read', list(context.unread.map(unreadLine))]),
    '## How to read this',
    list([
      'Percentiles by linear interpolation; intervals are 95 % by cluster bootstrap over conversations.',
      'A ratio is candidate / baseline. "faster" and "slower" need the whole interval beyond 5 %.',
      'Throughput is what was answered in the time from the first request to the last answer.',
      'Requests that a result lacks count as failures.',
    ]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const blockParts = (block: Block): string[] => [
  `## ${escape(titleOf(block))}`,
  `**${escape(block.verdict)}**${basisOf(block)}`,
  table(block.head, block.rows),
  ...(block.worse.length === 0 ? [] : ['What got worse:', list(block.worse)]),
  ...(block.caveats.length === 0 ? [] : ['Read with care:', list(block.caveats)]),
];
