import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log';
import type { Config, HttpSettings, ScrapeGroup } from '../model/config';
import type { TargetObservation } from '../model/observation';
import type { EngineReading, GpuReading, PageReading, RouterReading } from '../model/reading';
import type { HistorySettings } from './history';
import { joinGpus, type GpuJoin } from './join-gpus';
import { observe, type TimeSpan } from './observe';
import { PageGroup, type DiscoveredEndpoint, type DiscoveryState, type GroupTools } from './page-group';
import { PageScraper, type PageKind, type PageTools, type Round } from './page-scraper';
import { ReplicaSet, type Replica } from './replica-set';
import { RoundQueue } from './round-queue';
import { ScrapedPage, type Failure, type ScrapeState } from './scraped-page';

export interface ReplicaSnapshot {
  name: string;
  /** Ready, and its latest scrape succeeded. */
  up: boolean;
  version: string | null;
  /** Over the window. */
  hit_rate: number | null;
  /** null unless the latest scrape succeeded: what was true before is not published as if it were now. */
  reading: EngineReading | null;
  gpus: readonly GpuReading[];
  scrape: ScrapeState;
}

export interface RouterSnapshot {
  /** null unless the latest scrape succeeded. */
  reading: RouterReading | null;
  scrape: ScrapeState;
}

export interface TargetSnapshot {
  name: string;
  observation: TargetObservation;
  /** null where no replicas are configured, and before the first listing. */
  discovery: DiscoveryState | null;
  /** Replicas that discovery lists, ready or not; null where none are configured, and before the first listing. */
  listed: number | null;
  /** Those that were tried at least once since they are listed. */
  replicas: ReplicaSnapshot[];
  router: RouterSnapshot | null;
}

export interface GpuSourceSnapshot {
  name: string;
  gpus: number;
  scrape: ScrapeState;
}

export interface ScrapeSnapshot {
  targets: TargetSnapshot[];
  gpu_sources: GpuSourceSnapshot[];
  /** GPUs that no replica could be found for, and why. */
  unjoined_gpus: GpuJoin['unjoined'];
}

export type ScraperConfig = Pick<Config, 'targets' | 'gpus' | 'scrape' | 'window_seconds'> &
  Pick<HistorySettings, 'every_reading'>;

export interface ScraperTools extends PageTools, GroupTools {
  logger: Logger;
  /** Unix seconds. */
  now(): number;
}

/** A window looks this much further back for its first reading: scrapes may fail or be late for a while. */
const MIN_MARGIN_SECONDS = 60;
const MARGIN_INTERVALS = 4;

interface ScrapedTarget {
  name: string;
  replicas: ReplicaSet | null;
  router: Router | null;
}

/**
 * Scrapes replicas, routers and GPU exporters on our own clock, and remembers enough to say what each target's servers did
 * over any window up to `window_seconds`. Everything that can go wrong with a page is a state of that page.
 */
export class Scraper {
  private readonly targets: ScrapedTarget[];
  private readonly gpuGroups: { group: PageGroup<GpuExporter>; kind: PageKind }[];
  private readonly pages: PageScraper;
  private readonly stopping = new AbortController();
  private join: GpuJoin = { byReplica: new Map(), unjoined: [] };
  private rounds = 0;
  private lastRound: Promise<void> = Promise.resolve();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly config: ScraperConfig,
    private readonly tools: ScraperTools,
    /** The scraper of an earlier configuration, stopped: what it knows of replicas that stay is kept. */
    earlier?: Scraper,
  ) {
    // Each request under way listens to it.
    setMaxListeners(0, this.stopping.signal);
    const { scrape, window_seconds, every_reading = false } = config;
    const margin_seconds = Math.max(MIN_MARGIN_SECONDS, MARGIN_INTERVALS * scrape.interval_seconds);
    const settings: HistorySettings = { window_seconds, margin_seconds, every_reading };
    const before = (name: string) => earlier?.targets.find((target) => target.name === name)?.replicas;
    this.pages = new PageScraper(tools, scrape, tools.now);
    this.targets = config.targets.map(({ name, replicas, router }) => ({
      name,
      replicas:
        replicas && new ReplicaSet(name, replicas, tools, this.pages, settings, before(name) ?? undefined),
      router: router && new Router(name, router, tools, this.pages),
    }));
    this.gpuGroups = config.gpus.map((group) => {
      const made = gpuGroup(group, tools);
      return { group: made, kind: this.pages.kind(made.endpoint) };
    });
  }

  /** Begins to scrape every interval, at once for the first time. */
  start(): void {
    this.loop ??= this.run();
  }

  /** Gives up what is under way and closes all connections. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.lastRound;
    const owners = this.targets.flatMap(({ replicas, router }) => [replicas, router]);
    await Promise.all(
      [...owners, ...this.gpuGroups.map(({ group }) => group)].map((owner) => owner?.close()),
    );
  }

  /** A whole round that begins after this call; rounds never overlap. */
  scrapeNow(): Promise<void> {
    this.lastRound = this.lastRound.then(() => this.round());
    return this.lastRound;
  }

  /** All that is known now, the observations over the last `window_seconds` before `now` (Unix seconds) or since `from`. */
  snapshot(now: number, from: number = now - this.config.window_seconds): ScrapeSnapshot {
    const span: TimeSpan = { from, to: now };
    return {
      targets: this.targets.map((target) => targetSnapshot(target, span)),
      gpu_sources: this.gpuExporters().flatMap(({ name, gpus, page }) =>
        page.state === null ? [] : [{ name, gpus: gpus.length, scrape: page.state }],
      ),
      unjoined_gpus: this.join.unjoined,
    };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const begun = performance.now();
      await this.scrapeNow();
      const left = this.config.scrape.interval_seconds * 1000 - (performance.now() - begun);
      await sleep(Math.max(0, left), undefined, { signal }).catch(() => {});
    }
  }

  private async round(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { scrape } = this.config;
    const begun = performance.now();
    const overdue = () => performance.now() - begun > scrape.interval_seconds * 1000;
    const queue = new RoundQueue(scrape.concurrency, overdue);
    this.rounds += 1;
    const round: Round = { number: this.rounds, queue, signal: this.stopping.signal };
    const now = this.tools.now();
    await Promise.all([
      ...this.gpuGroups.map(({ group, kind }) => this.scrapeGpus(group, kind, round)),
      ...this.targets.map(({ replicas }) => replicas?.scrape(scrape.timeout_seconds, round, now)),
      ...this.targets.map(({ router }) => router?.scrape(round)),
    ]);
    this.joinGpus();
  }

  private async scrapeGpus(group: PageGroup<GpuExporter>, kind: PageKind, round: Round): Promise<void> {
    await group.refresh(this.config.scrape.timeout_seconds, round.signal);
    const exporters = [...(group.members?.values() ?? [])];
    await Promise.all(
      exporters.map((exporter) =>
        this.pages.scrape(exporter.page, kind, round, (reading) => exporter.accept(reading)),
      ),
    );
  }

  private joinGpus(): void {
    const sets = this.targets.flatMap(({ replicas }) => replicas ?? []);
    const pods = sets.flatMap(({ present }) => present.map(({ pod }) => pod));
    const gpus = this.gpuExporters().flatMap(({ page, gpus: own }) =>
      page.state?.success === true ? own : [],
    );
    this.join = joinGpus(onceEach(gpus), pods);
    for (const set of sets) set.giveGpus(this.join);
  }

  private gpuExporters(): GpuExporter[] {
    return this.gpuGroups.flatMap(({ group }) => [...(group.members?.values() ?? [])]);
  }
}

/** One page with the GPUs of a machine. */
class GpuExporter {
  gpus: readonly GpuReading[] = [];

  constructor(
    readonly name: string,
    readonly page: ScrapedPage,
  ) {}

  update({ ready }: DiscoveredEndpoint): void {
    this.page.quiet = !ready;
  }

  accept(reading: PageReading): Failure | null {
    this.gpus = reading.gpus;
    if (reading.gpus.length > 0) return null;
    return {
      reason: 'no_gpu_metrics',
      detail: 'the page tells of no GPU; is it the page of a GPU exporter?',
    };
  }
}

/** The page of what stands before a target's replicas. */
class Router {
  reading: RouterReading | null = null;
  readonly page: ScrapedPage;
  private readonly kind: PageKind;

  constructor(
    target: string,
    { url, http }: { url: string; http: HttpSettings },
    tools: ScraperTools,
    private readonly pages: PageScraper,
  ) {
    this.page = new ScrapedPage(url, { source: 'router', target }, tools.logger);
    this.kind = pages.kind(tools.openEndpoint(http));
  }

  scrape(round: Round): Promise<void> {
    return this.pages.scrape(this.page, this.kind, round, ({ router }) => {
      this.reading = router;
      if (router !== null) return null;
      return { reason: 'no_router_metrics', detail: 'the page is not that of an llm-d endpoint picker' };
    });
  }

  close(): Promise<void> {
    return this.kind.endpoint.close();
  }
}

function gpuGroup(group: ScrapeGroup, tools: ScraperTools): PageGroup<GpuExporter> {
  const create = ({ name, url }: DiscoveredEndpoint) =>
    new GpuExporter(name, new ScrapedPage(url, { source: 'gpu', exporter: name }, tools.logger));
  return new PageGroup(group, tools, { of: 'gpu exporters', target: undefined }, tools.logger, { create });
}

/** Two exporters may watch one machine; a GPU counts once for each pod that it serves. */
function onceEach(gpus: readonly GpuReading[]): GpuReading[] {
  const seen = new Set<string>();
  return gpus.filter(({ uuid, gpu, namespace, pod }) => {
    if (uuid === null) return true;
    const key = JSON.stringify([uuid, gpu, namespace, pod]);
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function targetSnapshot({ name, replicas, router }: ScrapedTarget, span: TimeSpan): TargetSnapshot {
  const none = { name, replica_count: null, present: [], departed: [] };
  const observation = observe(replicas?.state() ?? none, span);
  const hitRates = new Map(observation.replicas.map((replica) => [replica.name, replica.hit_rate]));
  return {
    name,
    observation,
    discovery: replicas?.discovery ?? null,
    listed: replicas?.listed ?? null,
    replicas: (replicas?.present ?? []).flatMap((replica) =>
      replicaSnapshot(replica, hitRates.get(replica.name) ?? null),
    ),
    router: router === null || router.page.state === null ? null : routerSnapshot(router, router.page.state),
  };
}

function replicaSnapshot(replica: Replica, hit_rate: number | null): ReplicaSnapshot[] {
  const { name, up, version, history, gpus, page } = replica;
  if (page.state === null) return [];
  const reading = page.state.success ? (history.latest?.reading ?? null) : null;
  return [{ name, up, version, hit_rate, reading, gpus, scrape: page.state }];
}

function routerSnapshot({ reading }: Router, scrape: ScrapeState): RouterSnapshot {
  return { reading: scrape.success ? reading : null, scrape };
}
