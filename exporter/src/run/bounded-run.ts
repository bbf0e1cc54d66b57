import { join } from 'node:path';
import { ClientDelays } from '../client-delays';
import { buildComparison } from '../compare/build-comparison';
import type { ComparisonInput } from '../compare/input';
import { Exporter, type Span } from '../exporter';
import type { Logger } from '../log';
import type { Comparison } from '../model/comparison';
import type { Config } from '../model/config';
import type { TargetObservation } from '../model/observation';
import type { ProbeRecord, TimedRecord } from '../model/record';
import type { Shard } from '../probe/pacer';
import type { ProbePlan, ProbeProgress, Probes } from '../probe/probe-plan';
import type { ProbeThreadEvents } from '../probe/probe-thread';
import { loadOf, type LoadFacts } from '../report/load';
import { runHeader, RunWriter } from '../store/run-file';
import { offeredText } from './offered';
import { RUN_FILE } from './out-folder';
import type { EndReason, RunResult } from './run-result';
import type { RunSource } from './source';
import type { Level, Stage } from './stage';
import { conversationsLeft } from './progress';
import { StagedProbes, type StageSpan } from './staged-probes';

export interface RunSettings {
  run: string;
  /** Stands for the run in nonces, see `ProbePlan`. */
  nonce: string;
  /** Of the targets that are measured; the workload is the whole run's. */
  config: Config;
  stages: readonly Stage[];
  levels: readonly Level[];
  shard: Shard | null;
  /** Where conversations are read from; null: the workload. */
  source: RunSource | null;
  /** Folder of the results. */
  out: string;
  /** Somebody may look while it runs: a comparison is made every now and then, which costs the more the longer it runs. */
  live: boolean;
}

export interface RunDeps {
  logger: Logger;
  createProbes(plan: ProbePlan, events: ProbeThreadEvents): Probes;
}

type Levels = NonNullable<Comparison['levels']>;

/** How long requests under way may go on when a run is ended early. */
const GRACE_SECONDS = 5;
/** Longer than any run: all of it is compared. */
const WINDOW_SECONDS = 7 * 24 * 3600;
const LIVE_COMPARISON_SECONDS = 10;

/**
 * A benchmark with an end: the exporter with probes in stages, whose records go to `run.jsonl` as they come. A disk that
 * refuses them ends the run, as results that are not kept are not worth the load.
 */
export class BoundedRun {
  readonly exporter: Exporter;
  private readonly writer: RunWriter;
  private readonly delays = new ClientDelays();
  private staged: StagedProbes | null = null;
  private early: EndReason | null = null;
  private ended = '';
  private failures = 0;

  constructor(
    private readonly settings: RunSettings,
    private readonly deps: RunDeps,
  ) {
    const { config, run, stages } = settings;
    this.exporter = new Exporter({
      config: {
        ...config,
        data_dir: null,
        window_seconds: WINDOW_SECONDS,
        comparison: { ...config.comparison, interval_seconds: comparisonInterval(settings) },
        probe: { ...config.probe, enabled: true },
      },
      run,
      logger: deps.logger,
      limits: {
        conversations: config.probe.workload.conversations * stages.length,
        seconds: null,
        requests: null,
      },
      createProbes: (plan, events) => this.createProbes(plan, events),
    });
    this.writer = new RunWriter(join(settings.out, RUN_FILE), this.header());
  }

  /** Starts and resolves when all is played, a limit is reached, or `stop` was called; all is written then. */
  async play(): Promise<EndReason> {
    const first = await this.writer.flush();
    if (!first.ok) this.end({ kind: 'disk', text: first.error });
    else {
      await this.exporter.start();
      await this.exporter.done.catch((error: unknown) =>
        this.end({ kind: 'refused', text: (error as Error).message }),
      );
    }
    this.ended = new Date().toISOString();
    const written = await this.writer.close();
    if (!written.ok) this.end({ kind: 'disk', text: written.error });
    return this.reason;
  }

  /** Ends early: no new request is sent, those under way have a few seconds. */
  stop(reason: EndReason = { kind: 'interrupted' }): void {
    this.end(reason);
    void this.staged?.stop(GRACE_SECONDS);
  }

  get progress(): ProbeProgress[] {
    return this.exporter.probeProgress();
  }

  /** Requests that failed so far. */
  get failed(): number {
    return this.failures;
  }

  /** The load level that is being measured; null: there are none, or it warms up. */
  get level(): Level | null {
    return this.staged?.spans.at(-1)?.stage.measured?.level ?? null;
  }

  /** What the run came to, once it is over. */
  async result(): Promise<RunResult> {
    const { run, config, shard, source } = this.settings;
    const spans = this.measuredSpans();
    const from = spans[0]?.from ?? this.exporter.started.getTime() / 1000;
    const whole = { from, to: spans.at(-1)?.to ?? Date.now() / 1000 };
    const input = this.inputOf(whole, () => true);
    const comparison = await buildComparison(input);
    const levels = await this.compareLevels(spans);
    return {
      run,
      started: this.exporter.started.toISOString(),
      ended: this.ended,
      end: this.reason,
      workload: config.probe.workload,
      source: source?.text ?? null,
      shard,
      spans,
      comparison: levels === null ? comparison : { ...withoutGrowth(comparison), levels },
      records: new Map(config.targets.map(({ name }) => [name, this.exporter.records(name)])),
      observations: input.targets.map(({ observation }): TargetObservation => observation),
      progress: new Map(this.progress.map((progress) => [progress.target, progress])),
      load: this.loads(),
      client: this.client(),
      keep_alive: config.probe.keep_alive,
      interleave: config.probe.interleave,
    };
  }

  /** Gives up scraping; the records and the result stay. */
  close(): Promise<void> {
    return this.exporter.stop();
  }

  private get reason(): EndReason {
    return this.early ?? { kind: 'finished' };
  }

  private end(reason: EndReason): void {
    this.early ??= reason;
  }

  private header() {
    const { run, config, levels, shard } = this.settings;
    const names = config.targets.map(({ name }) => name);
    return {
      ...runHeader(run, this.exporter.started, names, config.probe.workload),
      ...(levels.length > 0 && { stages: [...levels] }),
      ...(shard !== null && { shard }),
    };
  }

  private createProbes(plan: ProbePlan, events: ProbeThreadEvents): Probes {
    const { nonce, shard, stages, source } = this.settings;
    const own = { ...plan, nonce, shard: shard ?? undefined, source: source?.plan };
    const kept: ProbeThreadEvents = {
      ...events,
      onRecord: (record, gaps_ms) => {
        this.write(record);
        if (record.outcome !== 'ok') this.failures += 1;
        events.onRecord(record, gaps_ms);
      },
      onDelay: (delay) => {
        this.delays.add(delay, Date.now() / 1000, WINDOW_SECONDS);
        events.onDelay(delay);
      },
    };
    this.staged = new StagedProbes(stages, own, kept, {
      create: (one, its) => this.deps.createProbes(one, its),
      scrape: () => this.exporter.scrapeNow(),
      now: () => Date.now() / 1000,
    });
    // A signal may come before there is anything to stop.
    if (this.early !== null) void this.staged.stop(0);
    return this.staged;
  }

  private write(record: ProbeRecord): void {
    void this.writer.append(record).then((written) => {
      if (!written.ok && this.early === null) this.stop({ kind: 'disk', text: written.error });
    });
  }

  private measuredSpans(): StageSpan[] {
    return (this.staged?.spans ?? [])
      .filter(({ stage }) => stage.measured !== null)
      .map((span) => ({ ...span, to: Math.min(span.to, Date.now() / 1000) }));
  }

  private inputOf(span: Span, keep: (record: TimedRecord) => boolean): ComparisonInput {
    const input = this.exporter.inputOf(span, keep);
    if (this.settings.source === null) return input;
    // What conversations of the user's own share is not in the workload; the answers tell.
    const { shared_prefix_tokens: _, ...options } = input.options;
    return { ...input, options };
  }

  private async compareLevels(spans: readonly StageSpan[]): Promise<Levels | null> {
    if (this.settings.levels.length === 0) return null;
    const levels: Levels = [];
    for (const span of spans) {
      const { measured } = span.stage;
      if (measured === null || measured.level === null) continue;
      const { index, level } = measured;
      const input = this.inputOf(span, ({ stage }) => stage === index);
      const { targets, comparisons } = await buildComparison(input);
      levels.push({ ...level, targets, comparisons });
    }
    return levels;
  }

  private loads(): Record<string, LoadFacts> {
    const { config, levels, source } = this.settings;
    const offered =
      levels.length === 0
        ? (source?.offered ?? offeredText(config.probe.workload))
        : `${levels.map(({ level }) => level).join(', ')} ${levels[0]?.unit === 'qps' ? 'req/s' : 'at a time'}, one stage each`;
    return Object.fromEntries(
      config.targets.map(({ name }) => {
        const progress = this.progress.find(({ target }) => target === name);
        const { down = 0, saturated = 0 } = progress?.skipped ?? {};
        const facts = {
          offered,
          cut_short: progress?.cut_short ?? 0,
          skipped_down: down,
          skipped_saturated: saturated,
          given_up: progress === undefined || progress.up ? 0 : conversationsLeft(progress),
        };
        // A ladder of levels is meant to grow: its trend says nothing.
        const load = loadOf(this.exporter.records(name), facts);
        return [name, levels.length > 1 ? { ...load, trend: undefined } : load];
      }),
    );
  }

  private client(): RunResult['client'] {
    const { event_loop_delay_p50_seconds: p50_seconds, event_loop_delay_p99_seconds: p99_seconds } =
      this.delays.sustained();
    return { p50_seconds, p99_seconds };
  }
}

function comparisonInterval({ live, config }: RunSettings): number {
  return live ? Math.max(LIVE_COMPARISON_SECONDS, config.comparison.interval_seconds) : WINDOW_SECONDS;
}

/** Along a ladder of loads TTFT grows as it is meant to; each level has that caveat for itself. */
function withoutGrowth(comparison: Comparison): Comparison {
  const comparisons = comparison.comparisons.map((pair) => ({
    ...pair,
    caveats: pair.caveats.filter(({ reason }) => reason !== 'target_saturated'),
  }));
  return { ...comparison, comparisons };
}

/** The records of a result that count, of all targets. */
export const countedRecords = ({ records }: RunResult): TimedRecord[] =>
  [...records.values()].flat().filter(({ warmup }) => warmup !== true);
