import type { HistogramReading } from '../../model/reading';
import type { Page } from '../exposition-page';
import { finite, sum } from './lookup';

/**
 * Adds up the classic histogram `name` over its series (engines, models).
 *
 * @returns null where the page has no such histogram. Bounds that only some of the series have are left out, as a sum over the
 * others would be too small; `+Inf` is always there.
 */
export function readHistogram(page: Page, name: string): HistogramReading | null {
  const count = sum(finite(page.samples(`${name}_count`)).map(({ value }) => value));
  const total = sum(finite(page.samples(`${name}_sum`)).map(({ value }) => value));
  const bounds = new Map<number, { count: number; series: number }>();
  for (const { labels, value } of finite(page.samples(`${name}_bucket`))) {
    const le = Number(labels.get('le')?.replace(/inf$/i, 'Infinity') ?? Number.NaN);
    if (Number.isNaN(le)) continue;
    const bound = bounds.get(le) ?? { count: 0, series: 0 };
    bounds.set(le, { count: bound.count + value, series: bound.series + 1 });
  }
  const all = count ?? bounds.get(Infinity)?.count ?? null;
  if (all === null || total === null) return null;
  const most = Math.max(0, ...Array.from(bounds.values(), ({ series }) => series));
  const buckets = [...bounds]
    .filter(([le, { series }]) => le !== Infinity && series === most)
    .map(([le, { count: below }]) => ({ le, count: below }))
    .sort((a, b) => a.le - b.le);
  return { buckets: [...buckets, { le: Infinity, count: all }], count: all, sum: total };
}
