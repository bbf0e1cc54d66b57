import { ClientDelays } from './client-delays';
import { buildComparison } from './compare/build-comparison';
import type { ComparisonInput } from './compare/input';
import { createDiscovery } from './discovery/discover';
import { FailureLog } from './failure-log';
import { fetchPage } from './http/fetch-page';
import { openEndpoint } from './http/open-endpoint';
import type { Logger } from './log';
import type { Comparison } from './model/comparison';
import type { Config } from './model/config';
import type { TargetObservation } from './model/observation';
import type { ProbeRecord, TimedRecord } from './model/record';
import { monotonicMs } from './probe/clock';
import type { ProbePlan, ProbeProgress, Probes } from './probe/probe-plan';
import type { ProbeThreadEvents } from './probe/probe-thread';
import { LiveFeed, type LiveAnswer, type LiveQuery } from './publish/live';
import type { PageFormat } from './publish/page';
import { printPage } from './publish/page';
import { ProbeMetrics } from './publish/probe-metrics';
import { comparisonRows } from './publish/rows-comparison';
import { referenceRows, runRow, sloRows } from './publish/rows-reference';
import { processRows } from './publish/rows-process';
import { serverHistograms, serverRows, type TargetFacts } from './publish/rows-servers';
import { ReferenceFeed } from './reference-feed';
import { Scraper, type ScrapeSnapshot } from './scrape/scraper';
import { listRuns, readLiveRecords, type RunEntry } from './store/data-dir';
import { ObservationMemory } from './store/observations';
import { Recorder } from './store/recorder';
import { runHeader } from './store/run-file';
import { RecordWindow } from './store/window';
import { VERSION } from './version';

export interface ExporterOptions {
  config: Config;
  /** Part of every request id; unique per process. */
  run: string;
  logger: Logger;
  /** Live probing has none. */
  limits: ProbePlan['limits'];
  /** The prober in a thread of its own, or in this one (tests). */
  createProbes(plan: ProbePlan, events: ProbeThreadEvents): Probes;
}

/** Unix seconds. */
export interface Span {
  from: number;
  to: number;
}

interface TargetStatus {
  up: boolean;
  model: string | null;
}

/** How long running requests may go on when the exporter stops or reloads. */
const GRACE_SECONDS = 5;
const SAVE_OBSERVATIONS_MS = 30_000;

/**
 * The exporter: probes and scrapes run on our own clock, a comparison is made every few seconds, and whoever asks gets the
 * latest state. Everything is wired here; every part can be tested without it.
 */
export class Exporter {
  readonly started = new Date();
  /** The same moment on the clock of the probes. */
  private readonly zero_ms = monotonicMs();
  private config: Config;
  private readonly metrics = new ProbeMetrics();
  private readonly memory = new ObservationMemory();
  private readonly failures: FailureLog;
  private readonly status = new Map<string, TargetStatus>();
  private window: RecordWindow;
  private recorder: Recorder | null = null;
  private readonly reference: ReferenceFeed;
  private scraper: Scraper;
  private probes: Probes | null = null;
  private latest: Comparison | null = null;
  private live: LiveFeed;
  private readonly delays = new ClientDelays();
  private readonly progress = new Map<string, ProbeProgress>();
  /** The run under way, as in the ids of its requests; null: nothing is probed. */
  private probing: string | null = null;
  /** How often probing began: a new configuration is a new run, whose nonces differ. */
  private begun = 0;
  private configOk = true;
  private timer: NodeJS.Timeout | null = null;
  private comparing: Promise<Comparison> | null = null;
  private savedAt = 0;
  private stopped = false;

  constructor(private readonly options: ExporterOptions) {
    this.config = options.config;
    this.failures = new FailureLog(options.logger, monotonicMs);
    this.window = new RecordWindow(this.config.window_seconds, this.bounded ? Infinity : undefined);
    this.reference = new ReferenceFeed(this.config.data_dir, options.logger);
    this.promise();
    this.scraper = this.createScraper();
    this.live = this.createLiveFeed();
  }

  /** Reads back what earlier processes measured, then starts to scrape, probe and compare. */
  async start(): Promise<void> {
    await this.openDataDir();
    this.scraper.start();
    this.startProbes();
    this.scheduleComparison(0);
  }

  /** Resolves when a bounded run is over (never for live probing). */
  get done(): Promise<void> {
    return this.probes?.done ?? Promise.resolve();
  }

  /** Ends probing and scraping and writes what is pending. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.probes?.stop(GRACE_SECONDS);
    await this.scraper.stop();
    await this.comparing?.catch(() => undefined);
    await this.saveObservations(true);
    await this.recorder?.close();
  }

  /** Goes on with another configuration; records, counters and results files stay. `data_dir` remains what it was. */
  async reconfigure(config: Config): Promise<void> {
    await this.probes?.stop(GRACE_SECONDS);
    await this.scraper.stop();
    if (this.stopped) return;
    const names = new Set(config.targets.map(({ name }) => name));
    const window = new RecordWindow(config.window_seconds, this.bounded ? Infinity : undefined);
    for (const name of names) for (const record of this.window.records(name)) window.add(record);
    const sameWindow = config.window_seconds === this.config.window_seconds;
    this.config = { ...config, data_dir: this.config.data_dir };
    this.window = window;
    if (!sameWindow) this.live = this.createLiveFeed();
    this.metrics.keepTargets(names);
    this.promise();
    this.failures.keepTargets(names);
    for (const name of this.progress.keys()) if (!names.has(name)) this.progress.delete(name);
    for (const name of this.status.keys()) if (!names.has(name)) this.status.delete(name);
    this.configOk = true;
    this.scraper = this.createScraper(this.scraper);
    this.scraper.start();
    this.startProbes();
    // What was compared under the old configuration must not stand on the page any longer.
    await this.comparing?.catch(() => undefined);
    await this.compareNow();
  }

  /** A new configuration was refused: the old one stays, and the metric says so. */
  configRefused(): void {
    this.configOk = false;
  }

  comparison(): Comparison | null {
    return this.latest;
  }

  /** The state that the live page draws, as of the latest comparison. */
  liveState(query: LiveQuery): LiveAnswer {
    return this.live.answer(query, Date.now());
  }

  runs(): Promise<RunEntry[]> {
    return this.config.data_dir === null ? Promise.resolve([]) : listRuns(this.config.data_dir);
  }

  notReady(): string | null {
    return this.latest === null ? 'the first comparison is not made yet' : null;
  }

  async page(format: PageFormat): Promise<string> {
    const snapshot = this.scraper.snapshot(Date.now() / 1000);
    const rows = [
      ...serverRows(snapshot, this.targetFacts(snapshot)),
      ...(this.latest === null ? [] : comparisonRows(this.latest)),
      ...sloRows(this.config.targets),
      ...referenceRows(this.reference.comparable(this.config)),
      ...(this.probing === null ? [] : [runRow(this.probing, this.bounded ? 'bounded' : 'live')]),
      ...processRows({
        version: VERSION,
        config_ok: this.configOk,
        event_loop_delay: this.delays.latest,
      }),
    ];
    return printPage(format, this.metrics.registry, rows, serverHistograms(snapshot));
  }

  /** A comparison of the present state; the one under way when there is one. */
  compareNow(): Promise<Comparison> {
    this.comparing ??= this.compare().finally(() => (this.comparing = null));
    return this.comparing;
  }

  /** Reads every page once more; begins after this call. */
  scrapeNow(): Promise<void> {
    return this.scraper.scrapeNow();
  }

  /** What a comparison needs of a span (Unix seconds): the records that `keep` chooses, and what the servers did meanwhile. */
  inputOf({ from, to }: Span, keep: (record: TimedRecord) => boolean): ComparisonInput {
    return this.comparisonInput(this.scraper.snapshot(to, from), keep);
  }

  /** Where probing stands, per target. */
  probeProgress(): ProbeProgress[] {
    return [...this.progress.values()];
  }

  /** One record per request that was measured, for a target's window. */
  records(target: string): TimedRecord[] {
    return this.window.records(target);
  }

  private async compare(): Promise<Comparison> {
    const snapshot = this.scraper.snapshot(Date.now() / 1000);
    const facts = this.targetFacts(snapshot);
    this.latest = await buildComparison(this.comparisonInput(snapshot));
    this.live.update(this.latest, snapshot, facts);
    await this.reference.refresh(this.config);
    await this.saveObservations(false);
    return this.latest;
  }

  private comparisonInput(
    snapshot: ScrapeSnapshot,
    keep: (record: TimedRecord) => boolean = () => true,
  ): ComparisonInput {
    const { targets, comparison: options, probe } = this.config;
    const observations = new Map(snapshot.targets.map(({ name, observation }) => [name, observation]));
    return {
      generated: new Date(),
      baseline: targets.find(({ role }) => role === 'baseline')?.name ?? '',
      targets: targets.flatMap(({ name, role }) => {
        const observation = observations.get(name);
        if (observation === undefined) return [];
        const current = { ...observation, up: this.isUp(observation), model: this.modelOf(observation) };
        return [
          { role, observation: this.memory.recall(current), records: this.window.records(name).filter(keep) },
        ];
      }),
      client: this.delays.sustained(),
      options: { ...options, shared_prefix_tokens: probe.workload.shared_prefix_tokens },
    };
  }

  private get bounded(): boolean {
    return Object.values(this.options.limits).some((limit) => limit !== null);
  }

  private promise(): void {
    const { targets } = this.config;
    this.metrics.promise(
      new Map(targets.flatMap(({ name, slo }) => (slo === null ? [] : [[name, slo.ttft_seconds]]))),
    );
  }

  private isUp(observation: TargetObservation): boolean {
    return this.status.get(observation.name)?.up ?? observation.up;
  }

  /** What the target's API calls the model is what probes ask for; pages of replicas may know it by another name. */
  private modelOf(observation: TargetObservation): string | null {
    return this.status.get(observation.name)?.model ?? observation.model;
  }

  private targetFacts(snapshot: ScrapeSnapshot): TargetFacts[] {
    const observations = new Map(snapshot.targets.map(({ name, observation }) => [name, observation]));
    return this.config.targets.flatMap(({ name, role }) => {
      const observation = observations.get(name);
      if (observation === undefined) return [];
      return [
        {
          name,
          role,
          up: this.isUp(observation),
          model: this.modelOf(observation),
          traffic_share: this.trafficShare(observation),
        },
      ];
    });
  }

  private trafficShare({ name, prompt_tokens: all }: TargetObservation): number | null {
    if (all === null || all <= 0) return null;
    const from = Date.now() / 1000 - this.config.window_seconds;
    const own = this.window
      .records(name)
      .reduce((sum, { sent_at, prompt_tokens }) => sum + (sent_at >= from ? (prompt_tokens ?? 0) : 0), 0);
    return Math.min(1, own / all);
  }

  /** Replicas that stay keep their history with `earlier`, the stopped scraper of the last configuration. */
  private createScraper(earlier?: Scraper): Scraper {
    const { logger } = this.options;
    const now = () => Date.now() / 1000;
    // The stages of a bounded run begin and end at readings.
    const config = { ...this.config, every_reading: this.bounded };
    return new Scraper(config, { logger, now, openEndpoint, createDiscovery, fetchPage }, earlier);
  }

  private createLiveFeed(): LiveFeed {
    const { window_seconds } = this.config;
    const started = this.started.getTime();
    return new LiveFeed({ version: VERSION, run: this.options.run, started, window_seconds });
  }

  private startProbes(): void {
    const { probe, targets } = this.config;
    this.status.clear();
    if (!probe.enabled) {
      this.probes = null;
      this.probing = null;
      return;
    }
    const plan: ProbePlan = {
      run: this.begun === 0 ? this.options.run : `${this.options.run}.${this.begun}`,
      zero_ms: this.zero_ms,
      targets: targets.map(({ name, url, model, http }) => ({ name, url, model, http })),
      config: probe,
      limits: this.options.limits,
    };
    this.begun += 1;
    this.probing = plan.run;
    this.probes = this.options.createProbes(plan, this.probeEvents());
    this.probes.done.catch((error: unknown) =>
      this.options.logger.error('probing_ended', { detail: (error as Error).message }),
    );
    this.probes.start();
  }

  private probeEvents(): ProbeThreadEvents {
    const { logger } = this.options;
    return {
      onRecord: (record, gaps_ms) => this.record(record, gaps_ms),
      onTarget: ({ target, up, reason, text, model }) => {
        const before = this.status.get(target);
        this.status.set(target, { up, model: model ?? before?.model ?? null });
        if (before?.up === up) return;
        if (up) logger.info('target_up', { target, model });
        else logger.warn('target_down', { target, reason, detail: text });
      },
      onSkipped: (target, reason) => this.metrics.skip(target, reason),
      onFieldDropped: ({ target, field, text }) =>
        logger.warn('request_field_refused', { target, field, detail: text }),
      onProgress: (progress) => this.progress.set(progress.target, progress),
      onDelay: (delay) => this.delays.add(delay, Date.now() / 1000, this.config.window_seconds),
      onCrash: ({ text, restart_in_seconds }) =>
        logger.error('probing_crashed', { detail: text, restart_in_seconds }),
    };
  }

  private record(record: ProbeRecord, gaps_ms: readonly number[]): void {
    this.metrics.record(record, gaps_ms);
    this.window.add({ ...record, sent_at: (this.started.getTime() + record.sent_ms) / 1000 });
    void this.recorder?.record(record);
    this.failures.record(record);
  }

  private scheduleComparison(delay_ms: number): void {
    this.timer = setTimeout(() => {
      const begun = performance.now();
      this.compareNow()
        .catch((error: unknown) =>
          this.options.logger.error('comparison_failed', { detail: (error as Error).message }),
        )
        .finally(() => {
          if (this.timer === null) return;
          const took = performance.now() - begun;
          this.scheduleComparison(Math.max(0, this.config.comparison.interval_seconds * 1000 - took));
        });
    }, delay_ms);
  }

  private async openDataDir(): Promise<void> {
    const { data_dir, targets, window_seconds } = this.config;
    if (data_dir === null) return;
    const { logger, run } = this.options;
    const names = targets.map(({ name }) => name);
    const { records, problems } = await readLiveRecords(data_dir, new Set(names), window_seconds);
    for (const record of records.sort((a, b) => a.sent_at - b.sent_at)) this.window.add(record);
    for (const detail of problems) logger.warn('results_not_read', { detail });
    if (records.length > 0) logger.info('results_read', { data_dir, records: records.length });
    await this.memory.load(data_dir);
    const header = runHeader(run, this.started, names, this.config.probe.workload);
    this.recorder = new Recorder(data_dir, header, logger, () => this.metrics.writeError());
    await this.recorder.start();
  }

  private async saveObservations(always: boolean): Promise<void> {
    const { data_dir } = this.config;
    if (data_dir === null || (!always && Date.now() - this.savedAt < SAVE_OBSERVATIONS_MS)) return;
    this.savedAt = Date.now();
    // A disk that refuses is told of by the recorder; the memory itself is only a convenience.
    await this.memory.save(data_dir).catch(() => undefined);
  }
}
