import { SECTIONS, type SectionId } from '../types';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface VerdictBox extends Box {
  headlinePx: number;
  factsPx: number;
  /** How many lines the facts may take. */
  factsLines: number;
  /** Caveats stand beside the headline, as a count. */
  inlineChips: boolean;
  /** The big numbers at the right. */
  figures: boolean;
}

export interface Layout {
  size: 'tiny' | 'small' | 'medium' | 'large';
  verdict: VerdictBox | null;
  sections: (Box & { id: ChartId })[];
  /** Turn classes in the percentile section: all three, or the chosen one. */
  forestGroups: number;
  /** Enabled sections for which there is no room. */
  hidden: ChartId[];
}

export type ChartId = Exclude<SectionId, 'verdict'>;

export interface LayoutInput {
  width: number;
  height: number;
  enabled: readonly SectionId[];
  compact: boolean;
  targets: number;
  percentiles: number;
}

interface Cell {
  id: ChartId;
  span: number;
}

/** Widths in twelfths; the most telling first. A table of many targets needs more of the width. */
const ROWS: Record<Layout['size'] | 'largeMany', Cell[][]> = {
  large: [
    [
      { id: 'percentiles', span: 7 },
      { id: 'overTime', span: 5 },
    ],
    [
      { id: 'hitRate', span: 3 },
      { id: 'balance', span: 3 },
      { id: 'byTurn', span: 3 },
      { id: 'table', span: 3 },
    ],
  ],
  largeMany: [
    [
      { id: 'percentiles', span: 7 },
      { id: 'overTime', span: 5 },
    ],
    [
      { id: 'hitRate', span: 3 },
      { id: 'balance', span: 2 },
      { id: 'byTurn', span: 2 },
      { id: 'table', span: 5 },
    ],
  ],
  medium: [
    [
      { id: 'percentiles', span: 7 },
      { id: 'overTime', span: 5 },
    ],
    [
      { id: 'hitRate', span: 6 },
      { id: 'balance', span: 6 },
    ],
    [
      { id: 'byTurn', span: 6 },
      { id: 'table', span: 6 },
    ],
  ],
  small: (['percentiles', 'hitRate', 'balance', 'overTime', 'byTurn', 'table'] as const).map((id) => [
    { id, span: 12 },
  ]),
  tiny: [[{ id: 'percentiles', span: 12 }]],
};

/** Given up first when there is no room. */
const GIVE_UP: readonly ChartId[] = ['table', 'byTurn', 'overTime', 'balance', 'hitRate', 'percentiles'];

const GAP = { large: 24, medium: 18, small: 16, tiny: 6 };

/** What the percentile section needs for its smallest form: one line per target, no title. */
const MINI_LINE = 17;

/** A chart with this many rows shows its rows at this height at least. */
const FOREST = { head: 28, axis: 24, row: 23, group: 22 };
const ALL_GROUPS = 3;

/** Height of the forest with `groups` turn classes. */
function forestHeight(input: Pick<LayoutInput, 'percentiles' | 'targets'>, groups: number): number {
  const row = FOREST.row + Math.max(0, input.targets - 2) * 9;
  return FOREST.head + FOREST.axis + groups * (FOREST.group + input.percentiles * row);
}

interface Need {
  min: number;
  max: number;
  /** Share of what is left over. */
  weight: number;
}

function needOf(id: ChartId, size: Layout['size'], input: LayoutInput, groups: number): Need {
  const { targets } = input;
  switch (id) {
    case 'percentiles': {
      if (size === 'tiny') return { min: MINI_LINE * targets, max: 22 * targets, weight: 1 };
      const min = forestHeight(input, groups);
      return { min, max: min * 1.5, weight: 5 };
    }
    case 'overTime':
      return { min: 120, max: 420, weight: 3 };
    case 'byTurn':
      return { min: 120, max: 300, weight: 2 };
    case 'hitRate':
      return { min: 48 + targets * 46, max: 70 + targets * 70, weight: 2 };
    case 'balance':
      return { min: 34 + targets * 42, max: 50 + targets * 110, weight: 2 };
    case 'table':
      return { min: 118, max: 210, weight: 2 };
  }
}

function sizeOf(width: number, height: number): Layout['size'] {
  if (width < 300 || height < 210) return 'tiny';
  if (width < 680) return 'small';
  return width < 1180 ? 'medium' : 'large';
}

function verdictBox(size: Layout['size'], input: LayoutInput): VerdictBox {
  const extra = Math.min(3, Math.max(0, input.targets - 2));
  const base = {
    x: 0,
    y: 0,
    width: input.width,
    figures: input.width >= 820,
    factsLines: 1,
    inlineChips: false,
  };
  switch (size) {
    case 'large':
      return { ...base, headlinePx: 28, factsPx: 16, height: 104 + extra * 26 };
    case 'medium':
      return { ...base, headlinePx: 23, factsPx: 14, height: 90 + extra * 22 };
    case 'small':
      return {
        ...base,
        headlinePx: 19,
        factsPx: 13,
        factsLines: 2,
        height: Math.min(input.height, 96 + extra * 20),
      };
    case 'tiny':
      return {
        ...base,
        headlinePx: 16,
        factsPx: 12,
        factsLines: 2,
        inlineChips: true,
        height: Math.min(input.height, 62),
      };
  }
}

interface Row {
  cells: Cell[];
  min: number;
  max: number;
  weight: number;
}

function toRow(cells: Cell[], size: Layout['size'], input: LayoutInput, groups: number): Row {
  const needs = cells.map(({ id }) => needOf(id, size, input, groups));
  const most = (key: keyof Need) => Math.max(...needs.map((need) => need[key]));
  return { cells, min: most('min'), max: most('max'), weight: most('weight') };
}

interface Fit {
  rows: Row[];
  /** Turn classes in the forest. */
  groups: number;
}

/** Rows that fit into `space`: first the forest makes do with the chosen turns, then the least telling sections go. */
function fittingRows(size: Layout['size'], space: number, input: LayoutInput): Fit {
  const wanted = new Set<SectionId>(input.enabled);
  const fit = (groups: number): Fit & { fits: boolean } => {
    const rows = ROWS[size === 'large' && input.targets > 2 ? 'largeMany' : size]
      .map((cells) => cells.filter(({ id }) => wanted.has(id)))
      .filter((cells) => cells.length > 0)
      .map((cells) => toRow(cells, size, input, groups));
    const needed = rows.reduce((sum, row) => sum + row.min, 0) + GAP[size] * Math.max(0, rows.length - 1);
    return { rows, groups, fits: needed <= space };
  };
  let found = fit(input.compact || size === 'tiny' ? 1 : ALL_GROUPS);
  if (!found.fits) found = fit(1);
  for (const id of GIVE_UP) {
    if (found.fits) break;
    wanted.delete(id);
    found = fit(1);
  }
  return found;
}

/** Heights of the rows: the least each needs, then the rest by weight, none beyond its most. */
function heights(rows: readonly Row[], space: number): number[] {
  const result = rows.map((row) => row.min);
  let left = space - result.reduce((a, b) => a + b, 0);
  for (let round = 0; round < rows.length && left > 0.5; round++) {
    const open = rows.map((row, i) => (result[i] ?? 0) < row.max);
    const weight = rows.reduce((sum, row, i) => sum + (open[i] === true ? row.weight : 0), 0);
    if (weight === 0) break;
    const share = left / weight;
    rows.forEach((row, i) => {
      if (open[i] !== true) return;
      const more = Math.min(share * row.weight, row.max - (result[i] ?? 0));
      result[i] = (result[i] ?? 0) + more;
      left -= more;
    });
  }
  return result.map(Math.floor);
}

/**
 * Where everything stands in a panel of `width` x `height` pixels. Depends on size and options only, never on values, so
 * that a refresh moves nothing.
 */
export function layout(input: LayoutInput): Layout {
  const { width, height, enabled } = input;
  const size = sizeOf(width, height);
  const gap = GAP[size];
  const verdict = enabled.includes('verdict') ? verdictBox(size, input) : null;
  const top = verdict === null ? 0 : verdict.height + gap;
  const { rows, groups } = fittingRows(size, height - top, input);
  const space = height - top - gap * Math.max(0, rows.length - 1);
  const rowHeights = heights(rows, space);
  const sections: Layout['sections'] = [];
  let y = top;
  rows.forEach(({ cells }, i) => {
    const rowHeight = rowHeights[i] ?? 0;
    const spans = cells.reduce((sum, cell) => sum + cell.span, 0);
    const free = width - gap * (cells.length - 1);
    let x = 0;
    for (const { id, span } of cells) {
      const cellWidth = Math.floor((free * span) / spans);
      sections.push({ id, x: Math.round(x), y, width: Math.max(0, cellWidth), height: rowHeight });
      x += (free * span) / spans + gap;
    }
    y += rowHeight + gap;
  });
  const shown = new Set(sections.map(({ id }) => id));
  const hidden = SECTIONS.filter(
    (id): id is ChartId => id !== 'verdict' && enabled.includes(id) && !shown.has(id),
  );
  return { size, verdict, sections, forestGroups: groups, hidden };
}

/** What a page that may scroll gives each row above its least, as a share of what the row could use. */
const EASE = { large: 0.35, medium: 0.35, small: 0.6, tiny: 1 };
/** Beyond these a section only grows apart. */
const LARGEST = 2000;

/** Pixels at which every enabled section has its place at this width, for hosts that choose the height themselves. */
export function fullHeight(input: Omit<LayoutInput, 'height'>): number {
  const roomy = { ...input, height: LARGEST };
  const size = sizeOf(input.width, LARGEST);
  const verdict = input.enabled.includes('verdict') ? verdictBox(size, roomy).height + GAP[size] : 0;
  const { rows } = fittingRows(size, Number.POSITIVE_INFINITY, roomy);
  const each = rows.map((row) => row.min + (row.max - row.min) * EASE[size]);
  const gaps = GAP[size] * Math.max(0, rows.length - 1);
  return Math.ceil(verdict + each.reduce((a, b) => a + b, 0) + gaps);
}
