/** The card on which a plot stands: its own background, title, how to read it, whose colour is whose, the plot, remarks. */
import { escapeMarkup } from './escape';
import type { Drawing } from './render-svg';
import { cutText, textWidth, wrapText } from './text-width';
import { FONT, LIGHT } from './theme';

export interface LegendItem {
  color: string;
  name: string;
  /** After the name, quieter: `baseline, n = 440`. */
  detail: string;
}

export interface CardText {
  title: string;
  /** How to read the plot. */
  subtitle: string;
  legend: LegendItem[];
  /** What is greyed, and why; under the plot. */
  notes: string[];
}

const PADDING = 28;
const MIN_WIDTH = 920;
const TITLE = { size: 20, line: 26 };
const SUBTITLE = { size: 13, line: 19 };
const NOTE = { size: 11.5, line: 17 };
const SWATCH = 12;
const LEGEND = { size: 13, line: 22, gap: 26 };
const LONGEST_NAME = 260;

interface Block {
  svg: string;
  height: number;
}

/** The whole picture as one svg element, without styles: colours are attributes. `label` is its name to screen readers. */
export function card(plot: Drawing, text: CardText): Drawing {
  const width = Math.max(MIN_WIDTH, Math.ceil(plot.width) + 2 * PADDING);
  const inner = width - 2 * PADDING;
  const head = stack([
    lines([cutText(text.title, inner, TITLE.size, 700)], TITLE, LIGHT.ink, 700),
    gap(4),
    lines(wrapText(text.subtitle, inner, SUBTITLE.size), SUBTITLE, LIGHT.text),
    ...(text.legend.length > 0 ? [gap(8), legendBlock(text.legend, inner)] : []),
    gap(18),
    { svg: nested(plot), height: plot.height },
    ...(text.notes.length > 0 ? [gap(16), notesBlock(text.notes, inner)] : []),
  ]);
  const height = Math.ceil(head.height + 2 * PADDING - 4);
  const frame = `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${LIGHT.card}" stroke="${LIGHT.border}"/>`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `role="figure" aria-label="${escapeMarkup(`${text.title}. ${text.subtitle}`)}" font-family="${escapeMarkup(FONT)}">` +
    `${frame}<g transform="translate(${PADDING} ${PADDING - 4})">${head.svg}</g></svg>`;
  return { svg, width, height };
}

const gap = (height: number): Block => ({ svg: '', height });

function stack(blocks: readonly Block[]): Block {
  let height = 0;
  let svg = '';
  for (const block of blocks) {
    if (block.svg !== '') svg += `<g transform="translate(0 ${round(height)})">${block.svg}</g>`;
    height += block.height;
  }
  return { svg, height };
}

function lines(
  texts: readonly string[],
  { size, line }: { size: number; line: number },
  color: string,
  weight = 400,
): Block {
  const svg = texts
    .map(
      (text, index) =>
        `<text x="0" y="${round(line * index + size)}" font-size="${size}" font-weight="${weight}" fill="${color}">${escapeMarkup(text)}</text>`,
    )
    .join('');
  return { svg, height: texts.length * line };
}

/** A swatch and a name per target, in as many rows as it takes. */
function legendBlock(items: readonly LegendItem[], width: number): Block {
  let [x, y] = [0, 0];
  let svg = '';
  for (const item of items) {
    const name = cutText(item.name, LONGEST_NAME, LEGEND.size, 700);
    const nameWidth = textWidth(name, LEGEND.size, 700);
    const needed = SWATCH + 8 + nameWidth + 8 + textWidth(item.detail, LEGEND.size - 1);
    if (x > 0 && x + needed > width) [x, y] = [0, y + LEGEND.line];
    const base = y + 15;
    svg +=
      `<rect x="${round(x)}" y="${round(base - 10)}" width="${SWATCH}" height="${SWATCH}" rx="3" fill="${item.color}"/>` +
      `<text x="${round(x + SWATCH + 8)}" y="${round(base)}" font-size="${LEGEND.size}"><tspan font-weight="700" fill="${LIGHT.ink}">${escapeMarkup(name)}</tspan>` +
      `<tspan dx="8" font-size="${LEGEND.size - 1}" fill="${LIGHT.text}">${escapeMarkup(item.detail)}</tspan></text>`;
    x += needed + LEGEND.gap;
  }
  return { svg, height: y + LEGEND.line };
}

function notesBlock(notes: readonly string[], width: number): Block {
  return lines(
    notes.flatMap((note) => wrapText(note, width, NOTE.size)),
    NOTE,
    LIGHT.text,
  );
}

/**
 * An svg element inside another: its own namespace declarations and background class are not needed. It is not cut at its
 * edges, which nothing crosses: the rasteriser takes three times as long for a picture in which it must.
 */
const nested = ({ svg }: Drawing): string =>
  svg.replace(
    /^<svg [^>]*?(width="[\d.]+" height="[\d.]+" viewBox="[^"]*")[^>]*>/,
    '<svg overflow="visible" $1>',
  );

const round = (value: number) => Math.round(value * 100) / 100;
