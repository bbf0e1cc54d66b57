import { Alarm } from './alarm';
import type { Clock } from './clock';
import { playConversation, type Stage } from './conversation';
import { closedLoop, openLoop, recordedArrivals, type Pacer } from './pacer';
import type { ProbePlan, ProbeProgress, ProberEvents, SkipReason } from './probe-plan';
import type { TargetHealth } from './target-health';
import type { TargetSession } from './target-session';
import { assignment, type ScriptSource } from './workload';

export interface PlayerDeps {
  plan: ProbePlan;
  target: string;
  scripts: ScriptSource;
  session: TargetSession;
  health: TargetHealth;
  events: ProberEvents;
  now: Clock;
  /** No new conversation and no further turn. */
  stop: AbortSignal;
  /** Requests under way are dropped. */
  cut: AbortSignal;
}

/** How long a bounded closed loop waits for an absent target before it gives its conversations up. */
const PATIENCE_MS = 60_000;
/** Arrivals that may wait for a free worker, in multiples of the concurrency. */
const QUEUE_FACTOR = 2;

/** Plays conversations on one target, at most `concurrency` at a time, and waits for no other target. */
export class TargetPlayer {
  readonly #deps: PlayerDeps;
  readonly #concurrency: number;
  readonly #alarm: Alarm;
  readonly #queue: { sequence: number; intended: number }[] = [];
  readonly #counts: Omit<ProbeProgress, 'target' | 'up' | 'requests' | 'waiting' | 'planned'> = {
    due: 0,
    in_flight: 0,
    finished: 0,
    cut_short: 0,
    skipped: { down: 0, saturated: 0 },
  };
  #failure: { error: unknown } | null = null;

  constructor(deps: PlayerDeps) {
    this.#deps = deps;
    this.#concurrency = deps.plan.config.workload.concurrency;
    this.#alarm = new Alarm(deps.now);
    deps.stop.addEventListener('abort', this.#alarm.ring, { once: true });
  }

  /**
   * Plays the conversations with sequence numbers in [first, end); resolves when the last has ended. `wait_while_down`: a closed
   * loop waits for an absent target to come; otherwise its conversations are skipped.
   */
  async play(first: number, end: number, wait_while_down: boolean): Promise<void> {
    const { stop, now, health } = this.#deps;
    const pacer = this.#pacer(first, end);
    const began = now();
    for (let started = 0; !this.#finishing();) {
      if (this.#closed && wait_while_down && !health.up) {
        if (!(await this.#waitForTarget())) break;
        continue;
      }
      const at = now();
      const pace = pacer.next((at - began) / 1000, started, this.#counts.in_flight);
      if (pace.kind === 'done') break;
      if (pace.kind === 'wait') {
        await this.#alarm.sleepUntil(pace.seconds === null ? Infinity : at + pace.seconds * 1000);
      } else {
        started += 1;
        this.#arrive(pace.index, began + pace.intended_seconds * 1000);
      }
    }
    if (stop.aborted) this.#queue.length = 0;
    while (this.#counts.in_flight > 0) await this.#alarm.sleepUntil(Infinity);
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** The target went away: what waits for a worker is skipped. */
  onDown(): void {
    while (this.#queue.shift() !== undefined) this.#skip('down');
    this.#report();
  }

  /** The target came (back). */
  onUp(): void {
    this.#alarm.ring();
    this.#report();
  }

  /** The target has had its number of requests. */
  get exhausted(): boolean {
    const { plan, session } = this.#deps;
    return plan.limits.requests !== null && session.requests >= plan.limits.requests;
  }

  get #closed(): boolean {
    return this.#deps.plan.config.workload.rate === null && this.#deps.scripts.arrivals === null;
  }

  #pacer(first: number, end: number): Pacer {
    const { config, shard } = this.#deps.plan;
    const { rate, seed } = config.workload;
    const { arrivals } = this.#deps.scripts;
    if (arrivals !== null) return recordedArrivals({ arrivals, first, end, shard });
    if (rate === null) return closedLoop({ concurrency: this.#concurrency, first, end, shard });
    return openLoop({ rate, seed, first, end, shard });
  }

  #finishing(): boolean {
    return this.#deps.stop.aborted || this.#failure !== null || this.exhausted;
  }

  /** False when a bounded run has waited long enough. */
  async #waitForTarget(): Promise<boolean> {
    const { health, plan, now } = this.#deps;
    if (plan.limits.conversations === null) {
      await health.whenUp(Infinity);
      return true;
    }
    const deadline = (health.downSince ?? now()) + PATIENCE_MS;
    await health.whenUp(deadline);
    return health.up || now() < deadline;
  }

  #arrive(sequence: number, intended: number): void {
    this.#counts.due += 1;
    if (!this.#deps.health.up) this.#skip('down');
    else if (this.#counts.in_flight < this.#concurrency) this.#launch(sequence, intended);
    else if (this.#queue.length < QUEUE_FACTOR * this.#concurrency) this.#queue.push({ sequence, intended });
    else this.#skip('saturated');
    this.#report();
  }

  #skip(reason: SkipReason): void {
    this.#counts.skipped[reason] += 1;
    this.#deps.events.onSkipped(this.#deps.target, reason);
  }

  #launch(sequence: number, arrival: number): void {
    const { plan, scripts } = this.#deps;
    const { script: index, round, warmup } = assignment(plan.config.workload, sequence);
    const script = scripts.get(index);
    // A worker of a closed loop thinks before its first turn too, or all of them would begin in the same instant.
    const intended = arrival + (this.#closed ? (script.think_seconds[0] ?? 0) * 1000 : 0);
    this.#counts.in_flight += 1;
    playConversation({ script, round, warmup, intended }, this.#stage())
      .then((whole) => {
        this.#counts[whole ? 'finished' : 'cut_short'] += 1;
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#onEnd());
  }

  #onEnd(): void {
    this.#counts.in_flight -= 1;
    const next = this.#finishing() ? undefined : this.#queue.shift();
    if (next !== undefined) this.#launch(next.sequence, next.intended);
    this.#report();
    this.#alarm.ring();
  }

  #stage(): Stage {
    const { plan, target, session, health, events, now, stop, cut } = this.#deps;
    return {
      run: plan.run,
      nonce: plan.nonce ?? plan.run,
      target,
      session,
      now,
      zero_ms: plan.zero_ms,
      mayGoOn: () => health.up && !this.exhausted,
      stop,
      cut,
      onReply: (record, gaps_ms) => {
        events.onRecord(record, gaps_ms);
        health.report(record.outcome);
        this.#report();
      },
    };
  }

  #report(): void {
    const { plan, target, health, session, events } = this.#deps;
    const { conversations } = plan.limits;
    events.onProgress({
      ...this.#counts,
      skipped: { ...this.#counts.skipped },
      target,
      up: health.up,
      planned: conversations === null ? null : conversations + plan.config.workload.warmup,
      waiting: this.#queue.length,
      requests: session.requests,
    });
  }
}
