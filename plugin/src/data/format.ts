import type { Interval } from '../types';

/** How latencies are written: `auto` picks ms, s or h by size. */
export type LatencyUnit = 'auto' | 's' | 'ms';

export const NONE = '–';

/** Three significant digits and no exponent within reason: 0.0123, 1.24, 272, 12 300. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toExponential(1).replace('e+', 'e');
  if (size >= 1000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return String(Number(value.toPrecision(3)));
}

/** Digits of a number rounded like `digits`, with zeros kept so that columns do not jump: 1.20, 12.0, 120. */
function fixed(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000 || size < 0.001) return digits(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** "272 ms", "1.24 s", "2.8 h"; a dash for null. */
export function seconds(value: number | null, unit: LatencyUnit = 'auto'): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  if (unit === 's') return `${fixed(value)} s`;
  const ms = value * 1000;
  if (unit === 'ms' || Math.abs(ms) < 999.5) return `${Math.abs(ms) >= 99.95 ? digits(ms) : fixed(ms)} ms`;
  if (Math.abs(value) < 3600) return `${fixed(value)} s`;
  return `${fixed(value / 3600)} h`;
}

/** A latency on an axis: no zeros that say nothing ("0", "500 ms", "1.5 s"). */
export function tickSeconds(value: number, unit: LatencyUnit = 'auto'): string {
  if (value === 0) return '0';
  return seconds(value, unit)
    .replace(/(\.\d*?)0+(?= )/, '$1')
    .replace(/\.(?= )/, '');
}

/** "235 ms to 316 ms", or null unless both ends are known. */
export function intervalText(
  interval: { lower: number | null; upper: number | null } | null | undefined,
  unit: LatencyUnit = 'auto',
): string | null {
  if (interval === null || interval === undefined) return null;
  const { lower, upper } = interval;
  return lower === null || upper === null ? null : `${seconds(lower, unit)} to ${seconds(upper, unit)}`;
}

export function percent(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return NONE;
  const value = ratio * 100;
  return `${Math.abs(value) < 1 && value !== 0 ? Number(value.toPrecision(1)) : digits(Math.round(value))} %`;
}

export const count = (value: number | null) => (value === null ? NONE : digits(value));

/** Per cent above or below 1 of a ratio, without sign; 99.9 and not 100 for what is not wholly gone. */
function apart(ratio: number): number {
  const value = Math.abs(1 - ratio) * 100;
  return ratio > 0 && ratio < 0.01 ? Math.floor(value * 10) / 10 : Math.round(value);
}

/** "55–70 %", lesser first, for an interval that lies on one side of 1. */
function oneSided(lower: number, upper: number): string {
  const [a, b] = [apart(lower), apart(upper)].sort((x, y) => x - y);
  return a === b ? `${a} %` : `${a}–${b} %`;
}

const sided = (ratio: number) => `${apart(ratio)} % ${ratio <= 1 ? 'less' : 'more'}`;

/**
 * A ratio candidate / baseline in words: "64 % less (55–70 %)", "2.4 times as much (2.1–2.8)", and where the interval
 * holds 1: "5 % less (12 % less to 3 % more)".
 */
export function ratioInWords({ estimate, lower, upper }: Interval): string {
  if (estimate >= 2 && (lower === null || lower >= 1)) {
    const range = lower === null || upper === null ? '' : ` (${times(lower)}–${times(upper)})`;
    return `${times(estimate)} times as much${range}`;
  }
  const middle = apart(estimate) === 0 ? 'about the same' : sided(estimate);
  if (lower === null || upper === null) return middle;
  if (upper <= 1 || lower >= 1) return `${middle} (${oneSided(lower, upper)})`;
  return `${middle} (${sided(lower)} to ${sided(upper)})`;
}

const times = (ratio: number) => digits(Number(ratio.toPrecision(2)));

/** A ratio as a short signed figure for tight places: "−64 %", "+12 %", "×2.4", "±0 %". */
export function ratioShort(ratio: number): string {
  if (ratio >= 2) return `×${times(ratio)}`;
  const by = apart(ratio);
  if (by === 0) return '±0 %';
  return `${ratio < 1 ? '−' : '+'}${by} %`;
}

const FIELDS: Record<'minute' | 'second' | 'date', Intl.DateTimeFormatOptions> = {
  minute: { hour: '2-digit', minute: '2-digit' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  date: { hour: '2-digit', minute: '2-digit', day: '2-digit', month: 'short' },
};

/** Making a formatter costs more than drawing a chart. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string, detail: keyof typeof FIELDS): Intl.DateTimeFormat {
  const key = `${detail} ${timeZone}`;
  let found = formatters.get(key);
  if (found === undefined) {
    const zone = timeZone === 'utc' ? 'UTC' : timeZone;
    found = new Intl.DateTimeFormat('en-GB', {
      ...FIELDS[detail],
      ...(zone === 'browser' || zone === '' ? {} : { timeZone: zone }),
    });
    formatters.set(key, found);
  }
  return found;
}

const two = (value: number) => String(value).padStart(2, '0');

/** As British English shortens them. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];

/** The browser's zone and UTC need no Intl, whose start costs more than a chart; null for other zones. */
function plainClock(time: number, timeZone: string, detail: keyof typeof FIELDS): string | null {
  const date = new Date(time);
  const local = timeZone === 'browser' || timeZone === '';
  if (Number.isNaN(date.getTime()) || !(local || timeZone === 'utc')) return null;
  const [month, day, ...clockwise] = local
    ? [date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()]
    : [date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const text = clockwise
    .map(two)
    .join(':')
    .slice(0, detail === 'second' ? 8 : 5);
  return detail === 'date' ? `${two(day ?? 0)} ${MONTHS[month ?? 0]}, ${text}` : text;
}

/** "12:30", "12:30:05" or "25 Nov, 12:30"; UTC where the zone is not known. */
export function clock(time: number, timeZone: string, detail: keyof typeof FIELDS = 'minute'): string {
  try {
    return plainClock(time, timeZone, detail) ?? formatter(timeZone, detail).format(time);
  } catch {
    return new Date(Number.isFinite(time) ? Math.min(Math.max(time, -8e15), 8e15) : 0)
      .toISOString()
      .slice(11, 16);
  }
}

/** "3 min", "2 h", "5 days". */
export function age(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
