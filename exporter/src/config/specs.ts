/** One kind of value that people write: how it is read, and the words for a mistake. */
export interface Spec<T> {
  /** Completes "… is not …". */
  is: string;
  /** The remedy, an imperative; also told when the value is missing. */
  use: string;
  /** Returns null for what is not such a value; never throws. */
  read: (raw: unknown) => T | null;
  /** The value is never shown. */
  secret?: true;
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A number, or a string of one as `${ENV}` gives; finite. */
function toNumber(raw: unknown): number | null {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : null;
  if (typeof raw !== 'string' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw)) return null;
  const number = Number(raw);
  return Number.isFinite(number) ? number : null;
}

const within = (value: number | null, min: number, max: number) =>
  value !== null && value >= min && value <= max ? value : null;

export function wholeNumber(min: number, max: number, example: number): Spec<number> {
  return {
    is: `a whole number from ${min} to ${max}`,
    use: `use e.g. ${example}`,
    read: (raw) => {
      const value = within(toNumber(raw), min, max);
      return value !== null && Number.isInteger(value) ? value : null;
    },
  };
}

/** `5s`, `500ms`, `1h30m` as seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return text === '0' ? 0 : null;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    seconds += Number(count) * (UNITS[unit ?? ''] ?? NaN);
  }
  return Number.isFinite(seconds) ? seconds : null;
}

/** Seconds. A bare number is refused, as half of the readers would take it for milliseconds. */
export function duration(min: string, max: string, example: string): Spec<number> {
  const [lower, upper] = [parseDuration(min) ?? 0, parseDuration(max) ?? Infinity];
  return {
    is: `a duration from ${min} to ${max}`,
    use: `write it with its unit, e.g. ${example}`,
    read: (raw) => within(parseDuration(String(raw)), lower, upper),
  };
}

/** Bytes. */
export function size(min: string, max: string, example: string): Spec<number> {
  const parse = (text: string) => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(text) ?? [];
    const factor = SIZES[unit ?? ''];
    return count === undefined || factor === undefined ? null : Math.floor(Number(count) * factor);
  };
  return {
    is: `a size from ${min} to ${max}`,
    use: `write it with its unit (B, KiB, MiB, GiB), e.g. ${example}`,
    read: (raw) => within(parse(String(raw)), parse(min) ?? 0, parse(max) ?? Infinity),
  };
}

/** `5%` or `0.05`, as 0.05. */
export function share(min: number, max: number): Spec<number> {
  return {
    is: `a share from ${min * 100}% to ${max * 100}%`,
    use: 'write it like 5% or 0.05',
    read: (raw) => {
      const percent = typeof raw === 'string' && raw.endsWith('%') ? toNumber(raw.slice(0, -1)) : null;
      return within(percent === null ? toNumber(raw) : percent / 100, min, max);
    },
  };
}

/** Events per second: a number, or `3/m`. */
export const rate: Spec<number> = {
  is: 'a rate above 0 and up to 1000 per second',
  use: 'write a number (per second), or like 3/m; leave it out for a closed loop',
  read: (raw) => {
    const [, count, unit] = (typeof raw === 'string' ? /^([\d.]+)\/(s|m|h)$/.exec(raw) : null) ?? [];
    const value = count === undefined ? toNumber(raw) : (toNumber(count) ?? NaN) / (UNITS[unit ?? ''] ?? NaN);
    return within(value, Number.MIN_VALUE, 1000);
  },
};

/** One value, `A..B`, or `{min, max}`, of what `end` reads. */
export function range(end: Spec<number>, example: string): Spec<{ min: number; max: number }> {
  return {
    is: `${end.is}, or a range of it`,
    use: `write it like ${example}, the lower end first`,
    read: (raw) => {
      const [from, to] = rangeEnds(raw);
      const [min, max] = [end.read(from), end.read(to)];
      return min === null || max === null || min > max ? null : { min, max };
    },
  };
}

/** In `0.5..2s` the unit is that of the upper end. */
function rangeEnds(raw: unknown): [unknown, unknown] {
  if (typeof raw === 'string' && raw.includes('..')) {
    const [from = '', to = ''] = raw.split('..');
    const unit = /[a-z]*$/i.exec(to.trim())?.[0] ?? '';
    return [/[a-z]$/i.test(from.trim()) ? from.trim() : from.trim() + unit, to.trim()];
  }
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    const { min, max, ...rest } = raw as { min?: unknown; max?: unknown };
    return Object.keys(rest).length === 0 ? [min, max] : [null, null];
  }
  return [raw, raw];
}

export function choice<const T extends string>(...words: T[]): Spec<T> {
  return {
    is: `one of ${words.join(', ')}`,
    use: 'use one of these',
    read: (raw) => words.find((word) => word === raw) ?? null,
  };
}

export const yesNo: Spec<boolean> = {
  is: 'true or false',
  use: 'write true or false',
  read: (raw) => (raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : null),
};

/** Text without control characters. */
export function text(is: string, use: string, pattern = /^.+$/s): Spec<string> {
  return {
    is,
    use,

    read: (raw) =>
      typeof raw === 'string' && !/[\u0000-\u001f\u007f]/.test(raw) && pattern.test(raw) ? raw : null,
  };
}
