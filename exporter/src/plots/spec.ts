/** Building blocks of the Vega-Lite specifications: panels, axes, scales, and marks that all plots share. */
import { textWidth } from './text-width';
import { FONT, LIGHT } from './theme';

/** A part of a Vega-Lite specification. Vega-Lite checks it when it compiles; its own types cost more than they find. */
export type Spec = Record<string, unknown>;

export interface PanelOptions {
  /** Left out where the card's title says it all. */
  title?: string;
  /** One line under the title: unit, reading. */
  note?: string;
  width: number;
  height: number;
  layers: Spec[];
  /** Pixels between the left edge of the title and the plotting area: room for axis labels. */
  indent?: number;
}

/** Room for the labels of a vertical axis, the same everywhere, so that panels and titles stand in line. */
export const AXIS_ROOM = 58;

export const panel = ({ title, note, width, height, layers, indent = AXIS_ROOM }: PanelOptions): Spec => ({
  ...(title === undefined
    ? {}
    : { title: { text: title, dx: -indent, ...(note === undefined ? {} : { subtitle: note }) } }),
  width,
  height,
  layer: layers,
});

export const FONT_SIZE = { label: 11, value: 11.5, panel: 14, note: 11.5 };

/** Vega's configuration: quiet axes, horizontal guide lines, titles at the left. */
export const CONFIG: Spec = {
  background: null,
  padding: 0,
  font: FONT,
  view: { stroke: null },
  concat: { spacing: 36 },
  title: {
    anchor: 'start',
    frame: 'group',
    color: LIGHT.ink,
    fontSize: FONT_SIZE.panel,
    fontWeight: 600,
    offset: 14,
    subtitleColor: LIGHT.text,
    subtitleFontSize: FONT_SIZE.note,
    subtitlePadding: 5,
  },
  axis: {
    labelColor: LIGHT.text,
    labelFontSize: FONT_SIZE.label,
    titleColor: LIGHT.text,
    titleFontSize: FONT_SIZE.label,
    titleFontWeight: 400,
    titlePadding: 8,
    gridColor: LIGHT.grid,
    domainColor: LIGHT.axis,
    tickColor: LIGHT.axis,
    labelPadding: 6,
    tickSize: 4,
  },
  // Labels at the ends stay inside, or panels side by side would not stand in line.
  axisY: { minExtent: AXIS_ROOM, maxExtent: AXIS_ROOM, labelFlush: 8 },
  axisX: { labelFlush: false },
  text: { color: LIGHT.text, fontSize: FONT_SIZE.value },
};

/** Ends and ticks of a logarithmic axis that holds all values. */
export interface LogAxis {
  domain: [number, number];
  ticks: number[];
}

const MANTISSAS: readonly (readonly number[])[] = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]];
const MAX_TICKS = 8;
const MARGIN = 1.12;
const LEAST_SPAN = 2.2;

/** For values above 0; others are left out. With no value at all: one decade around 1. */
export function logAxis(values: Iterable<number>): LogAxis {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!(value > 0) || value === Infinity) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0.5, 2];
  // Differences of a few percent must not fill a panel.
  const widening = Math.max(MARGIN, Math.sqrt(LEAST_SPAN / (high / low)));
  const domain: [number, number] = [low / widening, high * widening];
  const choices = MANTISSAS.map((mantissas) => ticksWithin(domain, mantissas));
  const ticks = choices.findLast((one) => one.length <= MAX_TICKS) ?? choices[0] ?? [];
  return { domain, ticks };
}

/** Labels of neighbours keep this much between them, and stand out this little over the ends of their axis. */
const TICK_GAP = 8;
const TICK_BEYOND = 14;

/** A horizontal axis with as many ticks as its `width` has room for when `label` is written under each. */
export function fittingTicks(axis: LogAxis, width: number, label: (tick: number) => string): LogAxis {
  const half = (tick: number) => textWidth(label(tick), FONT_SIZE.label) / 2;
  const from = (tick: number) => acrossPixels(axis, tick, width) - half(tick);
  const to = (tick: number) => acrossPixels(axis, tick, width) + half(tick);
  const inside = (tick: number) => from(tick) >= -TICK_BEYOND && to(tick) <= width + TICK_BEYOND;
  const choices = MANTISSAS.map((mantissas) => ticksWithin(axis.domain, mantissas).filter(inside));
  const fits = (ticks: readonly number[]) =>
    ticks.every((tick, index) => from(tick) >= to(ticks[index - 1] ?? 0) + TICK_GAP || index === 0);
  const best = choices.findLast((ticks) => ticks.length <= MAX_TICKS && fits(ticks)) ?? [];
  if (best.length >= 2) return { ...axis, ticks: best };
  // None of the even choices fits: every tick that has room behind the one before.
  const ticks: number[] = [];
  for (const tick of choices.at(-1) ?? []) if (fits([...ticks.slice(-1), tick])) ticks.push(tick);
  return { ...axis, ticks };
}

function ticksWithin([low, high]: [number, number], mantissas: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const mantissa of mantissas) {
      // By way of the decimal text, so that 3e-3 is 0.003 and not 0.0030000000000000001.
      const tick = Number(`${mantissa}e${power}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** Puts a value onto an axis: what is 0 or less stands at its lower end. */
export const onAxis = ({ domain: [low] }: LogAxis, value: number) => Math.max(low, value);

export const logScale = ({ domain }: LogAxis): Spec => ({ type: 'log', domain, nice: false });

/** A logarithmic axis made so long that `room` of its `width` pixels remain behind `value`, for what is written there. */
export function withRoom(
  { domain: [low, high], ticks }: LogAxis,
  value: number,
  room: number,
  width: number,
): LogAxis {
  const needed = low * (value / low) ** (1 / (1 - room / width));
  return { domain: [low, Math.max(high, needed)], ticks };
}

/** `10 ms`, `1.5 s` from seconds, as an expression of Vega. */
export const TIME_LABEL =
  "datum.value < 1 ? format(datum.value * 1000, '~g') + ' ms' : format(datum.value, '~g') + ' s'";
/** The same text, to be measured. */
export const timeLabel = (seconds: number) =>
  seconds < 1 ? `${Number((seconds * 1000).toPrecision(6))} ms` : `${Number(seconds.toPrecision(6))} s`;
export const PLAIN_LABEL = "format(datum.value, '~g')";
export const PERCENT_LABEL = "format(datum.value * 100, '~g') + ' %'";
export const SIGNED_PERCENT_LABEL =
  "(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + format(abs(datum.value) * 100, '~g') + ' %'";

/** A quantitative position with its axis. */
export const position = (field: string, scale: Spec, axis: Spec | null): Spec => ({
  field,
  type: 'quantitative',
  scale,
  axis: axis === null ? null : { title: null, ...axis },
});

/** Axis labels at fixed positions, as an expression of Vega: whatever stands at `values[i]` is called `labels[i]`. */
export const namedLabels = (values: readonly number[], labels: readonly string[]): string =>
  `${JSON.stringify(labels)}[indexof(${JSON.stringify(values)}, datum.value)]`;

/** Pixels from the top of a panel to a value on its logarithmic axis. */
export const pixelsDown = ({ domain: [low, high] }: LogAxis, value: number, height: number): number =>
  height * (1 - Math.log(value / low) / Math.log(high / low));

/** Pixels from the left end of a logarithmic axis to a value on it. */
export const acrossPixels = (axis: LogAxis, value: number, width: number): number =>
  width - pixelsDown(axis, value, width);

/** Moves labels apart, so that each has `gap` pixels; none further than needed, their order kept. */
export function spreadOut(places: readonly number[], gap: number, limit: number): number[] {
  const order = [...places.keys()].sort((left, right) => (places[left] ?? 0) - (places[right] ?? 0));
  const moved = [...places];
  order.forEach((index, rank) => {
    const before = order[rank - 1];
    if (before !== undefined) moved[index] = Math.max(moved[index] ?? 0, (moved[before] ?? 0) + gap);
  });
  order.reverse().forEach((index, rank) => {
    const after = order[rank - 1];
    const most = after === undefined ? limit : (moved[after] ?? limit) - gap;
    moved[index] = Math.min(moved[index] ?? 0, most);
  });
  return moved;
}

/** A position in pixels, for labels that the layout has placed. */
export const pixels = (field: string): Spec => ({ field, type: 'quantitative', scale: null, axis: null });

/** Colours and opacities are columns of the data, not scales. */
export const ownColor = (field = 'color'): Spec => ({ field, type: 'nominal', scale: null, legend: null });
export const ownOpacity = (field = 'opacity'): Spec => ({
  field,
  type: 'quantitative',
  scale: null,
  legend: null,
});

/** The sentence that a mark says to pointers and screen readers. */
export const SAYS: Spec = { field: 'says', type: 'nominal' };

/** A mark that is decoration to screen readers. */
export const silent = (mark: Spec): Spec => ({ ...mark, aria: false });

/** A rule across the panel. */
export const guide = (axis: 'x' | 'y', at: number, color = LIGHT.axis, dash?: number[]): Spec => ({
  data: { values: [{ at }] },
  mark: silent({ type: 'rule', color, strokeWidth: 1, ...(dash === undefined ? {} : { strokeDash: dash }) }),
  encoding: { [axis]: { field: 'at', type: 'quantitative' } },
});
