import type { Endpoint } from '../http/endpoint';
import { fetchPage } from '../http/fetch-page';
import type { Outcome } from '../model/record';
import { sleepUntil, type Clock } from './clock';
import { presence, type Presence } from './models-check';

/** Outcomes that may mean that nobody is there any more; a look at `/models` tells. */
const SUSPICIOUS: ReadonlySet<Outcome> = new Set([
  'connect_error',
  'tls_error',
  'http_503',
  'http_5xx',
  'http_4xx',
  'stream_cut',
]);
const CHECK = { timeout_seconds: 5, max_body_bytes: 1024 * 1024, accept: 'application/json' };
const MIN_CHECK_INTERVAL_MS = 1000;
/** One look may have met the one dead replica of many behind a load balancer: only this many in a row take a target down. */
const LOOKS = 3;
const LOOK_INTERVAL_MS = 250;
const FIRST_BACK_OFF_MS = 1000;
const MAX_BACK_OFF_MS = 15_000;

/**
 * Knows whether a target is there. It is looked at once at the start, then only when a request failed in a way that may mean
 * absence, and while it is down: after 1 s, 2 s, 4 s, up to every 15 s, until it answers again.
 */
export class TargetHealth {
  readonly #url: string;
  readonly #model: string | null;
  readonly #endpoint: Endpoint;
  readonly #now: Clock;
  readonly #stop: AbortSignal;
  readonly #onChange: (presence: Presence) => void;
  readonly #waiting = new Set<() => void>();
  #state: Presence | null = null;
  #checking: Promise<void> | null = null;
  #checkedAt = -Infinity;
  #downSince: number | null = null;

  constructor(
    target: { url: string; model: string | null },
    endpoint: Endpoint,
    deps: { now: Clock; stop: AbortSignal; onChange: (presence: Presence) => void },
  ) {
    this.#url = `${target.url.replace(/\/+$/, '')}/models`;
    this.#model = target.model;
    this.#endpoint = endpoint;
    this.#now = deps.now;
    this.#stop = deps.stop;
    this.#onChange = deps.onChange;
    this.#stop.addEventListener('abort', () => this.#release(), { once: true });
  }

  get up(): boolean {
    return this.#state?.up === true;
  }

  /** On the monotonic clock; null while it is up. */
  get downSince(): number | null {
    return this.#downSince;
  }

  /** The first look; resolves when it is known whether the target is there. */
  start(): Promise<void> {
    return this.#check();
  }

  /** Tells how a request ended. */
  report(outcome: Outcome): void {
    const due = this.#now() - this.#checkedAt >= MIN_CHECK_INTERVAL_MS;
    if (this.up && due && SUSPICIOUS.has(outcome)) void this.#check();
  }

  /** Resolves when the target is up, at `deadline`, or when probing stops. */
  async whenUp(deadline: number): Promise<void> {
    if (this.up || this.#stop.aborted) return;
    const wake = new AbortController();
    const release = () => wake.abort();
    this.#waiting.add(release);
    await sleepUntil(deadline, wake.signal, this.#now);
    this.#waiting.delete(release);
  }

  #check(): Promise<void> {
    this.#checking ??= this.#look().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #look(): Promise<void> {
    const wasUp = this.#state?.up;
    const next = await this.#presence(wasUp === true ? LOOKS : 1);
    if (this.#stop.aborted) return;
    this.#checkedAt = this.#now();
    const changed = this.#state === null || describe(this.#state) !== describe(next);
    this.#state = next;
    this.#downSince = next.up ? null : (this.#downSince ?? this.#checkedAt);
    if (changed) this.#onChange(next);
    if (next.up) this.#release();
    else if (wasUp !== false) void this.#lookAgain();
  }

  async #presence(looks: number): Promise<Presence> {
    const state = presence(await fetchPage(this.#url, this.#endpoint, CHECK, this.#stop), this.#model);
    if (state.up || looks === 1 || this.#stop.aborted) return state;
    await sleepUntil(this.#now() + LOOK_INTERVAL_MS, this.#stop, this.#now);
    return this.#presence(looks - 1);
  }

  async #lookAgain(): Promise<void> {
    for (
      let delay = FIRST_BACK_OFF_MS;
      !this.up && !this.#stop.aborted;
      delay = Math.min(delay * 2, MAX_BACK_OFF_MS)
    ) {
      await sleepUntil(this.#now() + delay, this.#stop, this.#now);
      if (!this.#stop.aborted) await this.#check();
    }
  }

  #release(): void {
    for (const release of this.#waiting) release();
  }
}

function describe(state: Presence): string {
  return state.up ? `up ${state.model}` : `${state.reason} ${state.text}`;
}
