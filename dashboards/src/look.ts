import type { Property } from './grafana';

/** The comparison panel's colours of baseline and candidate in the dark theme (plugin/src/tokens.ts; tested). */
export const ORANGE = '#e69f00';
export const BLUE = '#56b4e9';
export const GREY = '#8e8e99';
export const GREEN = 'green';
export const RED = 'red';

export interface Style {
  color?: string;
  /** Many series of one query: shades of the colour. */
  shades?: boolean;
  line?: 'solid' | 'dash' | 'dot';
  width?: number;
  /** Percent of opacity under the line. */
  fill?: number;
  /** Fills the space down to the series of this name. */
  fillTo?: string;
  /** Ends of an interval: neither in the legend nor in the tooltip. */
  quiet?: boolean;
}

const LINES = {
  solid: { fill: 'solid' },
  dash: { fill: 'dash', dash: [10, 6] },
  dot: { fill: 'dot', dash: [2, 6] },
};

/** Lines of percentiles: the higher, the stronger. */
export const PERCENTILES = [
  { q: 0.5, name: 'P50', style: { line: 'dot', width: 1 } },
  { q: 0.95, name: 'P95', style: { line: 'dash', width: 2 } },
  { q: 0.99, name: 'P99', style: { line: 'solid', width: 2 } },
] as const;

/** Field overrides that give the style. */
export function properties(style: Style): Property[] {
  const { color, shades = false, line, width, fill, fillTo, quiet = false } = style;
  const found: Property[] = [];
  const put = (id: string, value: unknown) => found.push({ id, value });
  if (color !== undefined) put('color', { mode: shades ? 'shades' : 'fixed', fixedColor: color });
  if (line !== undefined) put('custom.lineStyle', LINES[line]);
  if (width !== undefined) put('custom.lineWidth', width);
  if (fill !== undefined) put('custom.fillOpacity', fill);
  if (fillTo !== undefined) put('custom.fillBelowTo', fillTo);
  if (quiet) put('custom.hideFrom', { legend: true, tooltip: true, viz: false });
  return found;
}
