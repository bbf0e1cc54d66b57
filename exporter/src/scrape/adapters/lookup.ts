import type { Page, Sample } from '../exposition-page';

/** The first of the names that the page has; one quantity may stand there under several, and must be counted once. */
export function firstPresent(page: Page, names: readonly string[]): string | null {
  return names.find((name) => page.has(name)) ?? null;
}

/** What is not finite is no measurement. */
export function finite(samples: readonly Sample[]): Sample[] {
  return samples.filter(({ value }) => Number.isFinite(value));
}

/** null of nothing: a missing value must not become 0. */
export function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number | null {
  const total = sum(values);
  return total === null ? null : total / values.length;
}

/** The label's value; null where it is absent or empty, which Prometheus takes for the same. */
export function label(sample: { labels: Sample['labels'] }, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = sample.labels.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return null;
}

/** Unix seconds of the newest process that the page speaks of; a change is a restart. */
export function processStart(page: Page): number | null {
  const starts = finite(page.samples('process_start_time_seconds')).map(({ value }) => value);
  return starts.length === 0 ? null : Math.max(...starts);
}
