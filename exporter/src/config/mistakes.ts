import type { z } from 'zod';
import { oneLine } from '../http/network-error';
import type { Mistake } from './environment';
import type { Flaw, Path } from './section';

/** zod's issues in words. `written` is the file before interpolation: what variables held is never shown. */
export function mistakesOf(issues: readonly z.core.$ZodIssue[], written: unknown): Mistake[] {
  return issues.map((issue) => {
    const path = existing(issue.path as Path, written);
    const flaw = issue.code === 'custom' ? (issue.params as Flaw | undefined) : undefined;
    if (flaw === undefined) return { path, text: issue.message };
    if ('known' in flaw)
      return { path, text: `is not a known key; ${suggestion(String(path.at(-1)), flaw.known)}` };
    const value = flaw.show ? `${shown(valueAt(path, written))} ` : '';
    return { path, text: `${value}${flaw.problem}; ${flaw.remedy}` };
  });
}

/** `targets[1].auth.headers["x y"]`. */
export function pathText(path: Path): string {
  const parts = path.map((segment, index) => {
    if (typeof segment === 'number') return `[${segment}]`;
    if (!/^[\w-]+$/.test(segment)) return `[${JSON.stringify(oneLine(segment, 60))}]`;
    return index === 0 ? segment : `.${segment}`;
  });
  return parts.join('');
}

/** An entry that is written as a bare string has no keys below it. */
function existing(path: Path, written: unknown): Path {
  const scalar = path.findIndex((_, index) =>
    ['string', 'number', 'boolean'].includes(typeof valueAt(path.slice(0, index), written)),
  );
  return scalar === -1 ? path : path.slice(0, scalar);
}

function valueAt(path: Path, value: unknown): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'this mapping';
  // A password in a url is a secret as well.
  return typeof value === 'string'
    ? JSON.stringify(oneLine(value.replace(/\/\/[^/]*@/g, '//***@'), 80))
    : String(value);
}

function suggestion(key: string, known: readonly string[]): string {
  const nearest = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase().slice(0, 60), name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.name.length / 3))
    ? `did you mean "${nearest.name}"?`
    : `known here are ${known.join(', ')}`;
}

/** Levenshtein's, one row at a time. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
