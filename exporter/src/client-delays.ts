import type { ComparisonInput } from './compare/input';
import type { LoopDelay } from './probe/probe-thread-protocol';
import { median } from './stats/quantile';

/** How late the probing event loop was over the window. */
export class ClientDelays {
  private readonly delays: (LoopDelay & { at: number })[] = [];

  /** `now` in Unix seconds. */
  add(delay: LoopDelay, now: number, window_seconds: number): void {
    this.delays.push({ ...delay, at: now });
    while ((this.delays[0]?.at ?? now) < now - window_seconds) this.delays.shift();
  }

  get latest(): LoopDelay | null {
    return this.delays.at(-1) ?? null;
  }

  /** Medians over the window: one hiccup spoils a few samples, lateness that lasts spoils them all. */
  sustained(): ComparisonInput['client'] {
    return {
      event_loop_delay_p50_seconds: median(this.delays.map(({ p50_seconds }) => p50_seconds)),
      event_loop_delay_p99_seconds: median(this.delays.map(({ p99_seconds }) => p99_seconds)),
    };
  }
}
