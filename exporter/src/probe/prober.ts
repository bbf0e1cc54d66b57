import { setMaxListeners } from 'node:events';
import type { Endpoint } from '../http/endpoint';
import { openEndpoint } from '../http/open-endpoint';
import type { HttpSettings } from '../model/config';
import { monotonicMs, sleepUntil, type Clock } from './clock';
import type { Presence } from './models-check';
import type { ProbePlan, ProberEvents, Probes } from './probe-plan';
import { openScripts } from './script-source';
import { TargetHealth } from './target-health';
import { TargetPlayer } from './target-player';
import { TargetSession } from './target-session';
import type { ScriptSource } from './workload';

export interface ProberDeps {
  open: (settings: HttpSettings, options: { keep_alive: boolean }) => Endpoint;
  now: Clock;
}

interface Actor {
  health: TargetHealth;
  player: TargetPlayer;
  endpoint: Endpoint;
}

/** In `abba`, one target plays as many conversations as this times the concurrency before the other has its turn. */
const BLOCK_FACTOR = 2;

/**
 * Probes all targets with the same conversations. Each target is played on its own: none waits for another, and one that is
 * slow or absent changes nothing for the rest (`interleave: abba` apart, where they take turns).
 */
export class Prober implements Probes {
  readonly done: Promise<void>;

  readonly #plan: ProbePlan;
  readonly #events: ProberEvents;
  readonly #deps: ProberDeps;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #started = false;

  constructor(plan: ProbePlan, events: ProberEvents, deps: Partial<ProberDeps> = {}) {
    this.#plan = plan;
    this.#events = events;
    this.#deps = { open: openEndpoint, now: monotonicMs, ...deps };
    // Every pause and every request listens; Node would warn of a leak from the eleventh on.
    setMaxListeners(0, this.#stop.signal, this.#cut.signal);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#run().then(this.#resolve, this.#reject);
  }

  async stop(grace_seconds: number): Promise<void> {
    this.#stop.abort();
    if (!this.#started) this.#resolve();
    const timer = setTimeout(() => this.#cut.abort(), grace_seconds * 1000);
    await this.done.catch(() => {});
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { config, limits, first_sequence = 0 } = this.#plan;
    const { warmup } = config.workload;
    const scripts = openScripts(this.#plan);
    const actors = this.#plan.targets.map((target) => this.#cast(target, scripts));
    try {
      // First find out who is there, so that all targets start in the same instant with the same arrivals.
      await Promise.all(actors.map(({ health }) => health.start()));
      void this.#endAfter(limits.seconds);
      const end = limits.conversations === null ? Infinity : limits.conversations + warmup;
      if (config.interleave === 'abba') await this.#takeTurns(actors, first_sequence, end);
      else await Promise.all(actors.map(({ player }) => player.play(first_sequence, end, true)));
    } finally {
      this.#stop.abort();
      this.#cut.abort();
      await Promise.all(actors.map(({ endpoint }) => endpoint.close()));
    }
  }

  async #endAfter(seconds: number | null): Promise<void> {
    if (seconds === null) return;
    await sleepUntil(this.#deps.now() + seconds * 1000, this.#stop.signal, this.#deps.now);
    this.#stop.abort();
  }

  /** Block by block, in the order A B, B A, A B …, so that a drift of the shared hardware meets each target alike. */
  async #takeTurns(actors: readonly Actor[], first: number, end: number): Promise<void> {
    const { config, shard } = this.#plan;
    const size = BLOCK_FACTOR * config.workload.concurrency * (shard?.count ?? 1);
    let order = [...actors];
    const over = () => this.#stop.signal.aborted || actors.every(({ player }) => player.exhausted);
    for (let from = first; from < end && !over(); from += size) {
      if (!actors.some(({ health }) => health.up)) {
        await Promise.race(actors.map(({ health }) => health.whenUp(Infinity)));
      }
      for (const { player } of order) await player.play(from, Math.min(from + size, end), false);
      order = order.reverse();
    }
  }

  #cast(target: ProbePlan['targets'][number], scripts: ScriptSource): Actor {
    const { config } = this.#plan;
    const { now } = this.#deps;
    const endpoint = this.#deps.open(target.http, { keep_alive: config.keep_alive });
    const onFieldDropped = (field: string, text: string) =>
      this.#events.onFieldDropped({ target: target.name, field, text });
    const session = new TargetSession(target.url, endpoint, config, { onFieldDropped }, now);
    const onChange = (state: Presence) => {
      if (state.up) {
        session.model = state.model;
        session.forget();
      }
      this.#events.onTarget({
        target: target.name,
        up: state.up,
        reason: state.up ? null : state.reason,
        text: state.up ? null : state.text,
        model: state.up ? state.model : target.model,
      });
      if (state.up) player.onUp();
      else player.onDown();
    };
    const health = new TargetHealth(target, endpoint, { now, stop: this.#stop.signal, onChange });
    const player = new TargetPlayer({
      plan: this.#plan,
      target: target.name,
      scripts,
      session,
      health,
      events: this.#events,
      now,
      stop: this.#stop.signal,
      cut: this.#cut.signal,
    });
    return { health, player, endpoint };
  }
}
