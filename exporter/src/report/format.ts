/** Numbers as people read them. Missing values are a dash, never a zero. */

export const DASH = '–';

/** A latency given in seconds, in milliseconds: `8.31 ms`, `92.1 ms`, `745 ms`, `12 004 ms`. */
export function milliseconds(seconds: number | null): string {
  return seconds === null ? DASH : `${bareMilliseconds(seconds)} ms`;
}

/** As `milliseconds`, without the unit: for the ends of an interval. */
export function bareMilliseconds(seconds: number): string {
  const ms = seconds * 1000;
  const digits = Math.abs(ms) < 10 ? 2 : Math.abs(ms) < 100 ? 1 : 0;
  return grouped(ms.toFixed(digits));
}

/** `227.58 s` */
export function seconds(value: number | null): string {
  return value === null ? DASH : `${value.toFixed(2)} s`;
}

/** A share 0..1: `64 %`; with digits: `34.0 %`. */
export function percent(share: number | null, digits = 0): string {
  return share === null ? DASH : `${bare(share * 100, digits)} %`;
}

/** The difference of two shares, without a sign: `27 points`. */
export function points(difference: number): string {
  const text = bare(Math.abs(difference) * 100, 0);
  return text === '1' ? '1 point' : `${text} points`;
}

/** A ratio of two latencies: `0.36`. */
export function ratio(value: number | null): string {
  return value === null ? DASH : value.toFixed(2);
}

/** A count, in groups of three from five digits on: `12 004`. */
export function count(value: number | null): string {
  return value === null ? DASH : grouped(String(Math.round(value)));
}

/** `1 request`, `3 requests`. */
export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Wall time of an ISO instant or Unix seconds, to the second: `2026-11-21 10:03:12Z`. */
export function clock(instant: string): string {
  return instant.replace('T', ' ').replace(/(\.\d+)?Z$/, 'Z');
}

/** Fixed digits, with a proper zero instead of `-0`. */
function bare(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ' ') : whole;
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}
