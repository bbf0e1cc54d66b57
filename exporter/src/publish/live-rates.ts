interface Past {
  /** Unix seconds and the increase up to then since the first one. */
  points: { at: number; total: number }[];
  counter: number;
}

/**
 * Rates of counters over a window, as `rate()` of Prometheus has them without its extrapolation: increases since the first
 * point of the window by the seconds they took. A decrease is a restart: the counter began anew at 0.
 */
export class LiveRates {
  private readonly past = new Map<string, Past>();

  constructor(private readonly window_seconds: number) {}

  /** `counters` are all that exist at `at` (Unix seconds); what is not among them is forgotten. */
  add(at: number, counters: ReadonlyMap<string, number>): void {
    for (const key of this.past.keys()) if (!counters.has(key)) this.past.delete(key);
    for (const [key, counter] of counters) {
      const past = this.past.get(key);
      if (past === undefined) {
        this.past.set(key, { points: [{ at, total: 0 }], counter });
        continue;
      }
      const last = past.points.at(-1);
      if (last === undefined || at <= last.at) continue;
      const increase = counter >= past.counter ? counter - past.counter : counter;
      past.counter = counter;
      past.points.push({ at, total: last.total + increase });
      while ((past.points[0]?.at ?? at) < at - this.window_seconds) past.points.shift();
    }
  }

  /** Per second; null before there are two points. */
  rate(key: string): number | null {
    const points = this.past.get(key)?.points ?? [];
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return null;
    return (last.total - first.total) / (last.at - first.at);
  }
}
