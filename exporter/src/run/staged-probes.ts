import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbePlan, ProbeProgress, Probes } from '../probe/probe-plan';
import type { ProbeThreadEvents } from '../probe/probe-thread';
import { stageConfig, type Stage } from './stage';

/** When a stage was measured, in Unix seconds: from the scrape before it to the scrape after it. */
export interface StageSpan {
  stage: Stage;
  from: number;
  to: number;
}

export interface StagedDeps {
  create(plan: ProbePlan, events: ProbeThreadEvents): Probes;
  /** Before the first stage, between stages and after the last: reads all pages. */
  scrape(): Promise<void>;
  /** Unix seconds. */
  now(): number;
}

/** Engines count a request a moment after its last token is out. */
const SETTLE_MS = 1000;

/** Plays the stages of a run one after the other. For whoever asks it is one probing, with one progress. */
export class StagedProbes implements Probes {
  readonly done: Promise<void>;
  readonly spans: StageSpan[] = [];
  private current: Probes | null = null;
  private readonly stopping = new AbortController();
  private resolve: () => void = () => {};
  private reject: (error: unknown) => void = () => {};
  private started = false;
  /** Per target, what the stages that are over came to. */
  private before = new Map<string, ProbeProgress>();
  private readonly latest = new Map<string, ProbeProgress>();

  constructor(
    private readonly stages: readonly Stage[],
    private readonly plan: ProbePlan,
    private readonly events: ProbeThreadEvents,
    private readonly deps: StagedDeps,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    this.run().then(this.resolve, this.reject);
  }

  async stop(grace_seconds: number): Promise<void> {
    this.stopping.abort();
    if (!this.started) this.resolve();
    await this.current?.stop(grace_seconds);
    await this.done.catch(() => undefined);
  }

  private async run(): Promise<void> {
    await this.deps.scrape();
    for (const stage of this.stages) {
      if (this.stopping.signal.aborted) return;
      const span = { stage, from: this.deps.now(), to: Infinity };
      this.spans.push(span);
      this.before = new Map(this.latest);
      const probes = this.deps.create(this.planOf(stage), this.eventsOf(stage));
      this.current = probes;
      probes.start();
      try {
        await probes.done;
      } finally {
        this.current = null;
        await sleep(SETTLE_MS);
        await this.deps.scrape();
        span.to = this.deps.now();
      }
    }
  }

  private planOf(stage: Stage): ProbePlan {
    const { first_sequence, limits } = stage;
    return { ...this.plan, first_sequence, limits, config: stageConfig(this.plan.config, stage) };
  }

  private eventsOf({ measured }: Stage): ProbeThreadEvents {
    const stage = measured?.level === null ? undefined : measured?.index;
    return {
      ...this.events,
      onRecord: (record, gaps_ms) =>
        this.events.onRecord(stage === undefined ? record : { ...record, stage }, gaps_ms),
      onProgress: (progress) => this.report(progress),
    };
  }

  private report(now: ProbeProgress): void {
    const before = this.before.get(now.target);
    const sum: ProbeProgress = {
      ...now,
      planned: this.planned,
      due: now.due + (before?.due ?? 0),
      finished: now.finished + (before?.finished ?? 0),
      cut_short: now.cut_short + (before?.cut_short ?? 0),
      requests: now.requests + (before?.requests ?? 0),
      skipped: {
        down: now.skipped.down + (before?.skipped.down ?? 0),
        saturated: now.skipped.saturated + (before?.skipped.saturated ?? 0),
      },
    };
    this.latest.set(now.target, sum);
    this.events.onProgress(sum);
  }

  /** Conversations of all stages that this machine plays on each target. */
  private get planned(): number {
    const { shard = { index: 0, count: 1 } } = this.plan;
    const upTo = (end: number) => Math.max(0, Math.ceil((end - shard.index) / shard.count));
    return this.stages.reduce((sum, { first_sequence, limits, workload }) => {
      const end = (limits.conversations ?? 0) + workload.warmup;
      return sum + upTo(end) - upTo(first_sequence);
    }, 0);
  }
}
