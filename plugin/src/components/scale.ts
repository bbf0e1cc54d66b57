export interface Scale {
  kind: 'linear' | 'log';
  min: number;
  max: number;
  ticks: number[];
  /** Value to pixel, clamped to the range. */
  at: (value: number) => number;
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Seconds; no latency is smaller, and arithmetic on what is would be noise. */
const LEAST = 1e-12;

/** The least of 1, 2, 2.5, 5 x 10^k that is not below `raw`. */
function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return (STEPS.find((step) => step * power >= raw * 0.9999) ?? 10) * power;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** A scale from zero whose end is a tick. `size` is in pixels, may be negative for axes that grow upwards. */
export function linearScale(max: number, from: number, size: number, wantedTicks: number): Scale {
  const top = Number.isFinite(max) && max >= LEAST ? max : 1;
  const step = niceStep(top / Math.max(1, wantedTicks));
  const end = Math.ceil((top / step) * 0.9999) * step;
  const count = Math.round(end / step);
  return {
    kind: 'linear',
    min: 0,
    max: end,
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))),
    at: (value) => from + clamp(value / end, 0, 1) * size,
  };
}

/** A logarithmic scale with ticks at 1, 2, 5 (or 1) x 10^k. Values at or below zero stand at its start. */
export function logScale(min: number, max: number, from: number, size: number): Scale {
  const low = Math.max(min, LEAST);
  const high = Math.max(max, low * 2);
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const decades = b - a;
  const every = decades > 6 ? Math.ceil(decades / 6) : 1;
  const within = decades > 2.5 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let k = Math.floor(a); k <= Math.ceil(b); k += every) {
    for (const factor of within) {
      const tick = Number((factor * 10 ** k).toPrecision(12));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  const at = (value: number) => from + clamp(value <= 0 ? 0 : (Math.log10(value) - a) / (b - a), 0, 1) * size;
  return { kind: 'log', min: low, max: high, ticks, at };
}

/** Beyond this spread a linear axis would squeeze the small values into a corner. */
const SPREAD = 60;

/** The scale for latencies: linear from zero, or logarithmic when asked for or when values spread too far. */
export function latencyScale(
  values: readonly number[],
  wish: 'auto' | 'linear' | 'log',
  from: number,
  size: number,
  wantedTicks: number,
): Scale {
  const positive = values.filter((value) => Number.isFinite(value) && value >= LEAST);
  const max = positive.reduce((a, b) => Math.max(a, b), 0);
  const min = positive.reduce((a, b) => Math.min(a, b), max);
  const log = wish === 'log' || (wish === 'auto' && min > 0 && max / min > SPREAD);
  if (log && min > 0) return logScale(min / 1.3, max * 1.15, from, size);
  return linearScale(max, from, size, wantedTicks);
}

/** Steps of clocks and calendars, in milliseconds. */
const TIME_STEPS = [1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map(
  (s) => s * 1000,
);

/** Round instants within [from, to], about `wanted` of them. */
export function timeTicks(from: number, to: number, wanted: number): number[] {
  if (!(to > from)) return [];
  const raw = (to - from) / Math.max(1, wanted);
  const day = 86_400_000;
  const step = TIME_STEPS.find((one) => one >= raw) ?? Math.ceil(raw / day) * day;
  const ticks: number[] = [];
  for (let t = Math.ceil(from / step) * step; t <= to && ticks.length < 50; t += step) ticks.push(t);
  return ticks;
}

/** Moves labels apart along an axis so that none overlaps, keeping their order. */
export function spread(positions: readonly number[], distance: number, low: number, high: number): number[] {
  const order = positions.map((position, i) => ({ position, i })).sort((a, b) => a.position - b.position);
  for (let k = 1; k < order.length; k++) {
    const [before, here] = [order[k - 1], order[k]];
    if (before && here) here.position = Math.max(here.position, before.position + distance);
  }
  const over = (order.at(-1)?.position ?? low) - high;
  if (over > 0) {
    let limit = high;
    for (const here of order.reverse()) {
      here.position = Math.min(here.position, limit);
      limit = here.position - distance;
    }
  }
  const result = positions.map(() => low);
  for (const { position, i } of order) result[i] = Math.max(low, position);
  return result;
}
