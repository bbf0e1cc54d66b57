/** Numbers as they are written into plots: short, as the axes are near. */
import { milliseconds } from '../report/format';

/** `92.1 ms`, `745 ms`, `1.15 s`, `19.7 s`, `125 s` from seconds: milliseconds up to one second, as the axes have it. */
export function duration(seconds: number): string {
  if (seconds < 1) return milliseconds(seconds);
  return `${seconds.toFixed(seconds < 10 ? 2 : seconds < 100 ? 1 : 0)} s`;
}

/** `0.58`, `0.024`, `22.6`: two decimals, but never fewer than two digits that tell something. */
export function ratioText(value: number): string {
  if (value > 0 && value < 0.1) return value.toPrecision(2);
  return value.toFixed(value < 10 ? 2 : 1);
}

export const tokenRate = (perSecond: number) => `${perSecond.toFixed(perSecond < 100 ? 1 : 0)} tok/s`;

/** ` (240 ms to 310 ms)`; empty where no interval is known. */
export const intervalText = (low: number | null, high: number | null, text: (value: number) => string) =>
  low === null || high === null ? '' : ` (${text(low)} to ${text(high)})`;
