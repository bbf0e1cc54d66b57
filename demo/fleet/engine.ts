import { chainHash, KvCache, rootHash } from './kv-cache';
import type { LatencyModel } from './latency-model';
import { frontendSeconds, stepTime } from './latency-model';
import type { Random } from './random';

/** What the engine needs to know of a request, and whom it tells. Times are seconds of the caller's clock. */
export interface EngineRequest {
  prompt: Uint32Array;
  cacheSalt: string | null;
  /** Tokens to generate; the caller has decided where the model stops. */
  outputTokens: number;
  outputToken(k: number): number;
  onToken(k: number, at: number): void;
}

export type FinishReason = 'stop' | 'length' | 'abort' | 'error' | 'repetition';

/** Everything that happened to one request, in seconds of the engine's clock. */
export interface RequestTimes {
  arrived: number;
  /** When the engine took it from its inbox. */
  queued: number;
  scheduled: number;
  firstToken: number;
  lastToken: number;
}

/** A request inside the engine. */
export interface Sequence {
  readonly request: EngineRequest;
  readonly times: RequestTimes;
  /** Tokens taken from the prefix cache at first scheduling; null before. */
  cachedTokens: number | null;
  generated: number;
  preemptions: number;
}

/** Told about everything that metrics count. */
export interface EngineObserver {
  admitted(queriedTokens: number, hitTokens: number): void;
  firstToken(sequence: Sequence): void;
  laterToken(gapSeconds: number): void;
  finished(sequence: Sequence): void;
  preempted(): void;
  stepped(computedPromptTokens: number, generatedTokens: number): void;
}

export interface EngineSettings {
  block_size: number;
  blocks: number;
  max_num_seqs: number;
  model: LatencyModel;
}

interface State extends Sequence {
  readyAt: number;
  blocks: number[];
  chain: number[];
  published: number;
  computed: number;
}

interface Step {
  due: number;
  work: { state: State; tokens: number }[];
}

/** One step, remembered for a second, for GPU activity. */
interface BusySpan {
  from: number;
  to: number;
  gpuSeconds: number;
}

/**
 * vLLM's scheduler in the small: continuous batching in steps, decodes first, then prefills in order of arrival within the
 * step's token budget; a prompt that does not fit waits; a running request that finds no free block preempts the youngest.
 * Driven from outside by `advance(now)`, so that tests and the calibration can run it on a clock of their own.
 */
export class Engine {
  readonly cache: KvCache;
  /** Steps take this many times longer: the fault `slow`. */
  slowFactor = 1;
  private inbox: State[] = [];
  private waiting: State[] = [];
  private running: State[] = [];
  private step: Step | null = null;
  private published = { running: 0, waiting: 0 };
  private busy: BusySpan[] = [];

  constructor(
    private readonly settings: EngineSettings,
    private readonly observer: EngineObserver,
    private readonly random: Random,
  ) {
    this.cache = new KvCache(settings.blocks);
  }

  /** Gauges as of the last scheduling, as vLLM publishes them: what arrived meanwhile is not in them. */
  get load(): { running: number; waiting: number } {
    return this.published;
  }

  get inFlight(): number {
    return this.inbox.length + this.waiting.length + this.running.length;
  }

  /** Prompt tokens of the requests that have no token yet: what `--max-num-queued-tokens` limits. */
  get promptTokensUnderway(): number {
    let sum = 0;
    for (const list of [this.inbox, this.waiting, this.running]) {
      for (const state of list) if (state.generated === 0) sum += state.request.prompt.length;
    }
    return sum;
  }

  /** Takes a request that arrived at `now`; call `advance` afterwards. */
  submit(request: EngineRequest, now: number): Sequence {
    const never = Number.NaN;
    const state: State = {
      request,
      readyAt:
        now + frontendSeconds(this.settings.model, request.prompt.length, this.random) * this.slowFactor,
      times: { arrived: now, queued: never, scheduled: never, firstToken: never, lastToken: never },
      cachedTokens: null,
      generated: 0,
      preemptions: 0,
      blocks: [],
      chain: [],
      published: 0,
      computed: 0,
    };
    this.inbox.push(state);
    return state;
  }

  /** Forgets a request whose client went away; counts that were made stay made. */
  abort(sequence: Sequence): void {
    const others = (state: State) => state !== sequence;
    const gone = this.running.find((state) => state === sequence);
    if (gone !== undefined) this.cache.release(gone.blocks);
    this.inbox = this.inbox.filter(others);
    this.waiting = this.waiting.filter(others);
    this.running = this.running.filter(others);
    if (this.step !== null) this.step.work = this.step.work.filter((entry) => entry.state !== sequence);
    this.publishLoad();
  }

  /** Carries out every step that is due by `now`. Returns when to call again, or null while there is nothing to do. */
  advance(now: number): number | null {
    for (;;) {
      if (this.step !== null) {
        if (this.step.due > now) return this.step.due;
        const { due } = this.step;
        this.complete(this.step);
        this.step = null;
        this.begin(due);
      } else {
        const next = this.nextEvent();
        if (next === null || next > now) return next;
        this.begin(next);
      }
    }
  }

  /** When the step under way ends, or else when the next request comes out of its frontend; null: nothing to do. */
  nextEvent(): number | null {
    if (this.step !== null) return this.step.due;
    // Requests that wait although the engine is idle can never run: they need more blocks than there are.
    return this.inbox.reduce<number | null>(
      (earliest, state) => (earliest === null || state.readyAt < earliest ? state.readyAt : earliest),
      null,
    );
  }

  /** Shares of the second before `now`: GPU at work, and any step under way. */
  activity(now: number): { gpu: number; any: number } {
    const since = now - 1;
    this.busy = this.busy.filter((span) => span.to > since);
    let gpu = 0;
    let any = 0;
    for (const span of this.busy) {
      const inside = Math.max(0, Math.min(span.to, now) - Math.max(span.from, since));
      any += inside;
      gpu += inside * (span.gpuSeconds / (span.to - span.from));
    }
    return { gpu: Math.min(1, gpu), any: Math.min(1, any) };
  }

  private takeArrivals(at: number): void {
    const ready = this.inbox.filter((state) => state.readyAt <= at).sort((a, b) => a.readyAt - b.readyAt);
    if (ready.length === 0) return;
    this.inbox = this.inbox.filter((state) => state.readyAt > at);
    for (const state of ready) {
      state.times.queued = at;
      this.waiting.push(state);
    }
  }

  private begin(at: number): void {
    this.takeArrivals(at);
    const work = this.schedule(at);
    this.publishLoad();
    if (work.length === 0) return;
    const prefillTokens = work.reduce((sum, { state, tokens }) => sum + (isPrefill(state) ? tokens : 0), 0);
    const decodingSequences = work.filter(({ state }) => !isPrefill(state)).length;
    const time = stepTime(this.settings.model, { prefillTokens, decodingSequences }, this.random);
    const due = at + time.seconds * this.slowFactor;
    this.busy.push({ from: at, to: due, gpuSeconds: time.gpuSeconds * this.slowFactor });
    if (this.busy.length > 4096) this.busy = this.busy.slice(2048);
    this.step = { due, work };
  }

  private schedule(at: number): Step['work'] {
    const work: Step['work'] = [];
    let budget = this.settings.model.max_batched_tokens;
    let preempted = false;
    for (let i = 0; i < this.running.length && budget > 0; i++) {
      const state = this.running[i];
      if (state === undefined) break;
      const tokens = Math.min(totalTokens(state) - state.computed, budget);
      while (!this.reserve(state, tokens)) {
        preempted = true;
        this.preemptYoungest(work);
        if (!this.running.includes(state)) return work;
      }
      work.push({ state, tokens });
      budget -= tokens;
    }
    while (!preempted && budget > 0 && this.running.length < this.settings.max_num_seqs) {
      const state = this.waiting[0];
      if (state === undefined || !this.admit(state, at)) break;
      this.waiting.shift();
      this.running.push(state);
      const tokens = Math.min(totalTokens(state) - state.computed, budget);
      if (!this.reserve(state, tokens)) throw new Error('admitted although its blocks do not fit');
      work.push({ state, tokens });
      budget -= tokens;
    }
    return work;
  }

  /** Looks the prompt up and holds what it hits, if the rest of it fits too. Counts the lookup once per request. */
  private admit(state: State, at: number): boolean {
    const { block_size: size } = this.settings;
    const total = totalTokens(state);
    this.extendChain(state, Math.floor(total / size));
    // The last token is always computed anew: its logits are needed.
    const hits = this.cache.lookup(state.chain, Math.floor((total - 1) / size));
    const needed = Math.ceil(total / size) - hits.length;
    if (needed + this.cache.countUnheld(hits) > this.cache.free) return false;
    this.cache.take(hits);
    state.blocks = hits;
    state.published = hits.length;
    state.computed = hits.length * size;
    if (state.cachedTokens === null) {
      state.cachedTokens = state.computed;
      state.times.scheduled = at;
      this.observer.admitted(state.request.prompt.length, state.computed);
    }
    return true;
  }

  /** Blocks for `tokens` more tokens, and the full ones made findable at once, as vLLM does when it schedules. */
  private reserve(state: State, tokens: number): boolean {
    const { block_size: size } = this.settings;
    const end = state.computed + tokens;
    const missing = Math.ceil(end / size) - state.blocks.length;
    if (missing > 0) {
      const blocks = this.cache.allocate(missing);
      if (blocks === null) return false;
      state.blocks.push(...blocks);
    }
    const full = Math.floor(end / size);
    if (full > state.published) {
      this.extendChain(state, full);
      for (let i = state.published; i < full; i++)
        this.cache.publish(state.blocks[i] ?? 0, state.chain[i] ?? 0);
      state.published = full;
    }
    return true;
  }

  private preemptYoungest(work: Step['work']): void {
    const victim = this.running.pop();
    if (victim === undefined) return;
    this.cache.release(victim.blocks);
    victim.blocks = [];
    victim.published = 0;
    victim.computed = 0;
    victim.preemptions++;
    this.waiting.unshift(victim);
    const planned = work.findIndex((entry) => entry.state === victim);
    if (planned >= 0) work.splice(planned, 1);
    this.observer.preempted();
  }

  private complete(step: Step): void {
    let computedPrompt = 0;
    let generated = 0;
    for (const { state, tokens } of step.work) {
      if (isPrefill(state)) computedPrompt += tokens;
      state.computed += tokens;
      if (state.computed < totalTokens(state)) continue;
      generated++;
      this.emit(state, step.due);
    }
    this.observer.stepped(computedPrompt, generated);
  }

  private emit(state: State, at: number): void {
    const k = state.generated++;
    if (k === 0) {
      state.times.firstToken = at;
      this.observer.firstToken(state);
    } else {
      this.observer.laterToken(at - state.times.lastToken);
    }
    state.times.lastToken = at;
    const done = state.generated >= state.request.outputTokens;
    if (done) {
      this.running = this.running.filter((other) => other !== state);
      this.cache.release(state.blocks);
      this.observer.finished(state);
    }
    state.request.onToken(k, at);
  }

  private extendChain(state: State, blocks: number): void {
    const { block_size: size } = this.settings;
    const { prompt } = state.request;
    const tokenAt = (i: number) =>
      i < prompt.length ? (prompt[i] ?? 0) : state.request.outputToken(i - prompt.length);
    for (let i = state.chain.length; i < blocks; i++) {
      const parent = i === 0 ? rootHash(state.request.cacheSalt) : (state.chain[i - 1] ?? 0);
      state.chain.push(chainHash(parent, tokenAt, i * size, size));
    }
  }

  private publishLoad(): void {
    this.published = { running: this.running.length, waiting: this.waiting.length };
  }
}

/** A preempted request computes its own answer again, too. */
function totalTokens(state: State): number {
  return state.request.prompt.length + state.generated;
}

function isPrefill(state: State): boolean {
  return totalTokens(state) - state.computed > 1 || state.generated === 0;
}
