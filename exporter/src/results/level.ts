/** Load levels, where only the name of a file or folder tells them. */
import type { Level } from '../model/result';

const PATTERNS: readonly (readonly [RegExp, Level['unit']])[] = [
  [/(?:^|[_\-/. ])qps[_\-=]?(\d+(?:\.\d+)?)(?![\d.]*\d)/i, 'qps'],
  [/(\d+(?:\.\d+)?)qps/i, 'qps'],
  [/(?:concurrency|streams)[_\-=]?(\d+)/i, 'concurrency'],
];

/** `concurrency8`, `qps2.5`, `5.5qps`; null where the name says nothing. */
export function levelFromName(name: string): Level | null {
  for (const [pattern, unit] of PATTERNS) {
    const found = pattern.exec(name)?.[1];
    if (found !== undefined && Number(found) > 0) return { value: Number(found), unit };
  }
  return null;
}

export const sameLevel = (left: Level | null, right: Level | null): boolean =>
  left === null || right === null
    ? left === right
    : left.unit === right.unit && Math.abs(left.value - right.value) <= 1e-9 * left.value;

export const levelName = (level: Level | null, workload: string | null): string =>
  [workload, level === null ? null : `${level.value} ${level.unit === 'qps' ? 'QPS' : 'at once'}`]
    .filter((part) => part !== null)
    .join(', ') || 'all requests';
