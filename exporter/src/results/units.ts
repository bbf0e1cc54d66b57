/** Units as result files write them. A unit that is not known makes the value unusable: nothing is assumed. */

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  's/token': 1,
  ms: 1e-3,
  millisecond: 1e-3,
  milliseconds: 1e-3,
  'ms/token': 1e-3,
  us: 1e-6,
  µs: 1e-6,
  microseconds: 1e-6,
  ns: 1e-9,
  nanoseconds: 1e-9,
};

/** How many of the unit one second has: dividing by a thousand is exact where multiplying by 0.001 is not. */
export function perSecond(unit: unknown): number | null {
  const factor = typeof unit === 'string' ? SECONDS[unit.trim().toLowerCase()] : undefined;
  return factor === undefined ? null : Math.round(1 / factor);
}

/** Seconds; null where the unit is not one of time or the value is none. */
export function toSeconds(value: number | null, unit: unknown): number | null {
  const divisor = perSecond(unit);
  return value === null || divisor === null ? null : value / divisor;
}
