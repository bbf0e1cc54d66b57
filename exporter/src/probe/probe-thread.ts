import { Worker } from 'node:worker_threads';
import { monotonicMs } from './clock';
import type { ProbePlan, ProbeProgress, ProberEvents, Probes } from './probe-plan';
import type { LoopDelay, ProbeCommand, ProbeMessage, ProbeThreadData } from './probe-thread-protocol';
import { remainingPlan } from './remaining-plan';

export interface ProbeThreadEvents extends ProberEvents {
  /** Every 5 s: how late the thread's event loop was. */
  onDelay(delay: LoopDelay): void;
  /** The thread died of a bug or for want of memory; null: it is not started again. */
  onCrash(event: { text: string; restart_in_seconds: number | null }): void;
}

/** Room for young objects, so that the garbage of many answers is collected seldom: each collection delays the clock. */
const ROOMY = { maxYoungGenerationSizeMb: 64 };
const MAX_RESTARTS = 5;
/** A thread that lived this long has earned a fresh count of restarts. */
const STEADY_MS = 300_000;
/** Beyond the grace, for the last messages. */
const EXIT_MS = 5000;

/**
 * A `Prober` in a thread of its own, so that scrapes and statistics never delay the clock of an answer. It has the same
 * methods; its events arrive in order. A crashed thread is started again, at most five times in a row, from the first
 * conversation that it had not begun.
 */
export class ProbeThread implements Probes {
  /** Also rejects if the thread keeps crashing. */
  readonly done: Promise<void>;

  readonly #plan: ProbePlan;
  readonly #events: ProbeThreadEvents;
  readonly #entryPath: string;
  readonly #firstBackOff: number;
  readonly #progress = new Map<string, ProbeProgress>();
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  #worker: Worker | null = null;
  #restart: NodeJS.Timeout | null = null;
  #crashes = 0;
  #began: number | null = null;
  #stopping = false;

  /** `entryPath`: the program's own file, which runs `runProbeThread` when started with `isProbeThreadData(workerData)`. */
  constructor(
    plan: ProbePlan,
    events: ProbeThreadEvents,
    deps: { entryPath: string; first_back_off_seconds?: number },
  ) {
    this.#plan = plan;
    this.#events = events;
    this.#entryPath = deps.entryPath;
    this.#firstBackOff = deps.first_back_off_seconds ?? 1;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(): void {
    if (this.#began !== null) return;
    this.#began = monotonicMs();
    this.#spawn(this.#plan);
  }

  /** As `Prober.stop`; a thread that does not end in time is ended. */
  async stop(grace_seconds: number): Promise<void> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === null) {
      this.#resolve();
      return;
    }
    worker.postMessage({ kind: 'stop', grace_seconds } satisfies ProbeCommand);
    const timer = setTimeout(() => void worker.terminate(), grace_seconds * 1000 + EXIT_MS);
    await this.done.catch(() => {});
    clearTimeout(timer);
  }

  #spawn(plan: ProbePlan): void {
    const data: ProbeThreadData = { role: 'probe', plan };
    const worker = new Worker(this.#entryPath, { workerData: data, resourceLimits: ROOMY });
    const startedAt = monotonicMs();
    let ending: 'done' | { refused: string } | { crashed: string } | null = null;
    worker.on('message', (message: ProbeMessage) => {
      if (message.kind === 'event') this.#onEvent(message, plan);
      else if (message.kind === 'delay') this.#events.onDelay(message.delay);
      else ending = message.kind === 'done' ? 'done' : { refused: message.text };
    });
    worker.on('error', (error) => {
      ending = { crashed: describe(error) };
    });
    // `exit` comes after the last message, so nothing that was measured is lost.
    worker.on('exit', (code) => {
      this.#worker = null;
      if (ending === 'done' || this.#stopping) this.#resolve();
      else if (ending !== null && 'refused' in ending) this.#reject(new Error(ending.refused));
      else this.#onCrash(ending?.crashed ?? `the thread ended with code ${code}`, monotonicMs() - startedAt);
    });
    this.#worker = worker;
  }

  #onEvent(message: Extract<ProbeMessage, { kind: 'event' }>, plan: ProbePlan): void {
    if (message.name === 'onProgress') this.#keepProgress(message.args[0], plan);
    // The protocol pairs each name with its own arguments, which the compiler cannot follow through a call.
    (this.#events[message.name] as (...args: unknown[]) => void)(...message.args);
  }

  /** Counted over restarts: what the thread of `plan` tells comes on top of what earlier ones played. */
  #keepProgress(progress: ProbeProgress, plan: ProbePlan): void {
    const sequences = (plan.first_sequence ?? 0) - (this.#plan.first_sequence ?? 0);
    const before = sequences / (plan.shard?.count ?? 1);
    this.#progress.set(progress.target, { ...progress, due: before + progress.due });
  }

  #onCrash(text: string, lived_ms: number): void {
    this.#crashes = lived_ms >= STEADY_MS ? 1 : this.#crashes + 1;
    if (this.#crashes > MAX_RESTARTS) {
      this.#events.onCrash({ text, restart_in_seconds: null });
      this.#reject(new Error(`the probing thread crashed ${this.#crashes} times in a row: ${text}`));
      return;
    }
    const restart_in_seconds = this.#firstBackOff * 2 ** (this.#crashes - 1);
    this.#events.onCrash({ text, restart_in_seconds });
    this.#restart = setTimeout(() => {
      const elapsed = (monotonicMs() - (this.#began ?? 0)) / 1000;
      this.#spawn(remainingPlan(this.#plan, [...this.#progress.values()], elapsed));
    }, restart_in_seconds * 1000);
  }
}

/** Errors of a thread come from another realm, so that `instanceof` may not hold. */
function describe(error: unknown): string {
  const { name = 'Error', message = String(error), code } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return `${name}${code === undefined ? '' : ` (${code})`}: ${message}`.replace(/\s+/g, ' ');
}
