/**
 * The report as one HTML file: no other file, no network, a content security policy that allows its own style and script by
 * their digests and nothing else. The verdict first, then what got worse and why to be careful, then plots and tables.
 */
import { createHash } from 'node:crypto';
import { LATENCY_METRICS, QUANTILE_NAMES, type PairComparison, type Verdict } from '../model/comparison';
import { TURN_CLASSES } from '../model/record';
import { clock, DASH } from '../report/format';
import { levelBlocks } from '../report/level-report';
import type { Row } from '../report/table';
import { ratioRows, ratioTitle, reportHead, reportSections, type ReportContext } from '../report/text-report';
import { worseNames } from '../report/worse';
import { headlineRatio, targetOf, TURN_WORDS, verdictSentence } from '../report/verdict-sentence';
import { escapeMarkup as escape, scriptJson } from './escape';
import type { PlotInput } from './input';
import { METRIC_WORDS } from './ratio-forest';
import { reportFigures, type Figure } from './report-figures';
import { REPORT_SCRIPT } from './report-script';
import { REPORT_STYLE } from './report-style';
import type { Plots, SkippedPlot } from './render-plots';
import { VERDICT_WORDS } from './theme';

export interface ReportInput extends PlotInput {
  /** Settings and facts of the run, as in the text report. */
  context: ReportContext;
}

/** `plots` are those of `renderPlots` for the same input. The same input gives the same page. */
export async function reportHtml(input: ReportInput, { plots, skipped }: Plots): Promise<string> {
  const { comparison } = input;
  const figures = await reportFigures(input, plots);
  const first = comparison.comparisons[0];
  const title = first === undefined ? 'Nothing to compare' : verdictSentence(comparison, first);
  return [
    '<!doctype html>',
    '<html lang="en">',
    head(title),
    '<body>',
    pageHeader(input),
    '<main>',
    ...comparison.comparisons.map((pair) => careful(comparison, pair)),
    `<h2>Plots</h2>${figures.map(figureHtml).join('\n')}${skippedHtml(skipped)}`,
    `<h2>Figures</h2>${tables(input)}`,
    ...comparison.comparisons.map(ratioTable),
    levelTables(input),
    '</main>',
    pageFooter(comparison.generated),
    `<script type="application/json" id="taillight-data">${scriptJson(comparison)}</script>`,
    `<script>${REPORT_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

function head(title: string): string {
  const policy = [
    "default-src 'none'",
    `style-src ${digest(REPORT_STYLE)}`,
    `script-src ${digest(REPORT_SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escape(title)}</title>`,
    `<style>${REPORT_STYLE}</style>`,
    '</head>',
  ].join('\n');
}

function pageHeader({ comparison, context }: ReportInput): string {
  const names = comparison.targets.map(({ name }) => name);
  const verdicts = comparison.comparisons.map((pair) => {
    const verdict = headlineVerdict(comparison, pair);
    return `<div class="verdict ${verdict}"><strong>${VERDICT_WORDS[verdict]}</strong><p>${escape(verdictSentence(comparison, pair))}.</p></div>`;
  });
  const settings = context.settings.map(
    ([name, value]) => `<li><strong>${escape(name)}</strong>: ${escape(value)}</li>`,
  );
  return [
    '<header>',
    '<div class="top"><span class="quiet">Taillight comparison report</span><button id="theme" type="button" hidden data-needs-script>Light / dark</button></div>',
    `<h1>${names.map(escape).join(' and ')}</h1>`,
    verdicts.length > 0 ? verdicts.join('') : '<p>Nothing to compare.</p>',
    settings.length > 0
      ? `<details><summary>How it was measured</summary><ul>${settings.join('')}</ul></details>`
      : '',
    '</header>',
  ].join('\n');
}

function headlineVerdict(comparison: ReportInput['comparison'], pair: PairComparison): Verdict {
  const [baseline, candidate] = [targetOf(comparison, pair.baseline), targetOf(comparison, pair.candidate)];
  if (baseline === undefined || candidate === undefined) return 'not_comparable';
  return headlineRatio(pair, baseline, candidate)?.verdict ?? 'not_comparable';
}

const listHtml = (lines: readonly string[], otherwise: string) =>
  lines.length === 0
    ? `<p class="quiet">${otherwise}</p>`
    : `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;

/** The reason in front, where the sentence does not begin with it. */
function caveatText({ reason, text }: PairComparison['caveats'][number]): string {
  const words = reason.replaceAll('_', ' ');
  return text.toLowerCase().startsWith(words) ? text : `${words}: ${text}`;
}

function careful(comparison: ReportInput['comparison'], pair: PairComparison): string {
  const name = escape(pair.candidate);
  return [
    '<section class="notes">',
    `<div class="box"><h3>What got worse with ${name}</h3>${listHtml(worseNames(comparison, pair), 'Nothing that the data show.')}</div>`,
    `<div class="box"><h3>Read with care: ${name}</h3>${listHtml(
      pair.caveats.map(caveatText),
      'No caveats.',
    )}</div>`,
    '</section>',
  ].join('\n');
}

function figureHtml({ name, title, alt, choices }: Figure): string {
  const options = choices.map(({ label }, index) => `<option value="${index}">${escape(label)}</option>`);
  const select =
    choices.length < 2
      ? ''
      : `<div class="choice" hidden data-needs-script><label>Show <select data-plots autocomplete="off">${options.join('')}</select></label></div>`;
  const plots = choices.map(
    ({ label, svg }, index) =>
      `<div class="plot" data-choice="${index}" tabindex="0" role="group" aria-label="${escape(`${title}, ${label}; arrow keys go from mark to mark`)}">${svg}</div>`,
  );
  return `<figure id="${name}"><figcaption class="apart">${escape(alt)}</figcaption>${select}${plots.join('')}</figure>`;
}

const skippedHtml = (skipped: readonly SkippedPlot[]) =>
  skipped.length === 0
    ? ''
    : `<p class="quiet">Not drawn: ${skipped.map(({ name, reason }) => escape(`${name.replaceAll('_', ' ')} (${reason})`)).join('; ')}.</p>`;

/** `data`: attributes of each row, for the filter. */
function tableHtml(caption: string, headRow: Row, rows: readonly { row: Row; data?: string }[]): string {
  const [corner = '', ...columns] = headRow;
  const body = rows.map(({ row: [label, ...cells], data = '' }) => {
    const values = cells.map((cell) => `<td>${cell}</td>`).join('');
    return `<tr${data}><th scope="row">${escape(label)}</th>${values}</tr>`;
  });
  return [
    `<div class="table" tabindex="0" role="region" aria-label="${escape(caption)}"><table><caption>${escape(caption)}</caption>`,
    `<thead><tr><td>${escape(corner)}</td>${columns.map((column) => `<th scope="col">${escape(column)}</th>`).join('')}</tr></thead>`,
    `<tbody>${body.join('')}</tbody></table></div>`,
  ].join('');
}

const escapedRow = ([label, ...cells]: Row) => ({ row: [label, ...cells.map(escape)] as Row });

function tables({ comparison: { targets }, context }: ReportInput): string {
  const headRow = reportHead(targets);
  const { summary, sections } = reportSections(targets, context);
  // A table of dashes only tells nothing.
  const told = sections.filter(({ rows }) =>
    rows.some(([, ...cells]) => cells.some((cell) => cell !== DASH)),
  );
  return [{ title: 'Summary', rows: summary }, ...told]
    .map(({ title, rows }) => tableHtml(title, headRow, rows.map(escapedRow)))
    .join('\n');
}

/** All ratios of a pair; metric, turn class and percentile can be chosen. */
function ratioTable(pair: PairComparison): string {
  const known = LATENCY_METRICS.flatMap((metric) =>
    TURN_CLASSES.flatMap((turn) =>
      pair.ratios.filter((one) => one.metric === metric && one.turn === turn && one.estimate !== null),
    ),
  );
  const rows = ratioRows(pair).map(([label, figures = '', verdict = ''], index) => {
    const one = known[index];
    const data =
      one === undefined
        ? ''
        : ` data-metric="${one.metric}" data-turn="${one.turn}" data-quantile="${one.quantile}"`;
    return {
      row: [label, escape(figures), `<span class="v-${one?.verdict ?? ''}">${escape(verdict)}</span>`] as Row,
      data,
    };
  });
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) =>
    `<label>${label} <select name="${name}" autocomplete="off"><option value="">all</option>${options
      .map(([value, text]) => `<option value="${value}">${text}</option>`)
      .join('')}</select></label>`;
  const filters = [
    select(
      'metric',
      'Metric',
      LATENCY_METRICS.map((metric) => [metric, METRIC_WORDS[metric]]),
    ),
    select(
      'turn',
      'Turns',
      TURN_CLASSES.map((turn) => [turn, TURN_WORDS[turn]]),
    ),
    select(
      'quantile',
      'Percentile',
      QUANTILE_NAMES.map((name) => [name, name.toUpperCase()]),
    ),
  ];
  return [
    `<h2>${escape(pair.candidate)} against ${escape(pair.baseline)}</h2>`,
    `<div class="choice" data-filter hidden data-needs-script>${filters.join('')}</div>`,
    tableHtml(ratioTitle(pair).replace(/:$/, ''), ['', 'ratio', 'verdict'], rows),
  ].join('\n');
}

function levelTables({ comparison }: ReportInput): string {
  const blocks = levelBlocks(comparison);
  if (blocks.length === 0) return '';
  const headRow = reportHead(comparison.targets);
  const parts = blocks.map(
    ({ title, rows, notes }) =>
      `<details><summary>${escape(title)}</summary>${listHtml(notes, '')}${tableHtml(title, headRow, rows.map(escapedRow))}</details>`,
  );
  return `<h2>Load levels</h2>${parts.join('\n')}`;
}

function pageFooter(generated: string): string {
  return [
    '<footer>',
    '<p>Percentiles interpolate between order statistics (Hyndman and Fan, type 7); intervals are 95 %, from a cluster bootstrap over conversations. ' +
      `A percentile with too few requests for such an interval takes part in no verdict. Compared ${escape(clock(generated))}.</p>`,
    '<p class="save"><button id="save" type="button" hidden data-needs-script>Save the data (comparison.json)</button></p>',
    '</footer>',
    '<div id="tip" role="status" hidden></div>',
  ].join('\n');
}
