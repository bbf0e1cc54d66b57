import type { Logger } from '../log';
import type { ScrapeGroup } from '../model/config';
import type { GpuReading, PageReading } from '../model/reading';
import { ReplicaHistory, type HistorySettings } from './history';
import { meanUtilization, type GpuJoin, type ReplicaPod } from './join-gpus';
import type { TargetState } from './observe';
import { PageGroup, type DiscoveredEndpoint, type GroupTools } from './page-group';
import type { Accept, PageKind, PageScraper, Round } from './page-scraper';
import { ScrapedPage, type Failure } from './scraped-page';

/** A server that will not tell its version is not asked for ever. */
const VERSION_TRIES = 3;

/** One model server: its page, its past, and where it runs. */
export class Replica {
  ready = true;
  /** What `/version` says; null where it does not tell. */
  version: string | null = null;
  pod: ReplicaPod;
  gpus: readonly GpuReading[] = [];
  private versionTries = 0;
  private versionOfProcess = -1;

  constructor(
    readonly name: string,
    readonly page: ScrapedPage,
    readonly history: ReplicaHistory,
    target: string,
  ) {
    this.pod = { key: `${target}/${name}`, pod: name, namespace: null };
  }

  get up(): boolean {
    return this.ready && this.page.state?.success === true;
  }

  update(endpoint: DiscoveredEndpoint): void {
    this.ready = endpoint.ready;
    this.page.quiet = !endpoint.ready;
    this.pod = { ...this.pod, pod: endpoint.pod ?? this.name, namespace: endpoint.namespace ?? null };
  }

  /** Takes in a page; says what is wrong with it where it is not a model server's. */
  accept(reading: PageReading, at: number): Failure | null {
    if (reading.engine === null) return noEngine(reading);
    this.history.add(at, reading.engine, meanUtilization(this.gpus));
    return null;
  }

  /** Asks for the version once per process: after an answer no more, and at most three times. */
  async askVersion(pages: PageScraper, { endpoint }: PageKind, round: Round): Promise<void> {
    if (this.versionOfProcess !== this.history.restarts) {
      this.versionOfProcess = this.history.restarts;
      this.versionTries = 0;
      this.version = null;
    }
    if (this.versionTries >= VERSION_TRIES) return;
    this.versionTries += 1;
    const { document, final } = await pages.fetchJson(versionUrl(this.page.url), endpoint, round.signal);
    if (final) {
      this.version = versionIn(document);
      this.versionTries = VERSION_TRIES;
    }
  }
}

/** The replicas of one target: those listed now, and the pasts of those that went away. */
export class ReplicaSet {
  private readonly group: PageGroup<Replica>;
  private readonly kind: PageKind;
  private readonly departed = new Map<string, Replica>();

  constructor(
    readonly target: string,
    group: ScrapeGroup,
    tools: GroupTools & { logger: Logger },
    private readonly pages: PageScraper,
    private readonly settings: HistorySettings,
    /** The set of the same target under an earlier configuration, stopped by now: its replicas go on where they were. */
    earlier: ReplicaSet | undefined,
  ) {
    const { logger } = tools;
    if (earlier?.settings.window_seconds === settings.window_seconds) {
      for (const [identity, replica] of earlier.all()) this.leave(replica, identity);
    }
    const create = (endpoint: DiscoveredEndpoint, identity: string): Replica => {
      // One that was away for a moment (a pod not listed while it restarts) goes on where it was.
      const back = this.departed.get(identity);
      this.departed.delete(identity);
      if (back !== undefined) return back;
      const page = new ScrapedPage(
        endpoint.url,
        { source: 'replica', target, replica: endpoint.name },
        logger,
      );
      return new Replica(endpoint.name, page, new ReplicaHistory(settings), target);
    };
    const gone = (replica: Replica, identity: string) => this.leave(replica, identity);
    this.group = new PageGroup(group, tools, { of: 'replicas', target }, logger, { create, gone });
    this.kind = pages.kind(this.group.endpoint);
  }

  get discovery() {
    return this.group.state;
  }

  /** Present replicas, in the order of discovery. */
  get present(): Replica[] {
    return [...(this.group.members?.values() ?? [])];
  }

  /** How many discovery lists, ready or not, with those that wait for an address; null before the first listing. */
  get listed(): number | null {
    const { members, pending } = this.group;
    return members === null ? null : members.size + pending;
  }

  async scrape(timeoutSeconds: number, round: Round, now: number): Promise<void> {
    await this.group.refresh(timeoutSeconds, round.signal);
    this.forget(now);
    const { pages, kind } = this;
    const scrape = (replica: Replica) => {
      const accept: Accept = (reading, at) => replica.accept(reading, at);
      return pages.scrape(replica.page, kind, round, accept, () => replica.askVersion(pages, kind, round));
    };
    await Promise.all(this.present.map(scrape));
  }

  giveGpus(join: GpuJoin): void {
    for (const replica of this.present) replica.gpus = join.byReplica.get(replica.pod.key) ?? [];
  }

  state(): TargetState {
    const present = this.present;
    return {
      name: this.target,
      replica_count: this.group.members === null ? null : present.filter(({ ready }) => ready).length,
      present,
      departed: [...this.departed.values()].map(({ history }) => history),
    };
  }

  close(): Promise<void> {
    return this.group.close();
  }

  private all(): [identity: string, Replica][] {
    return [...this.departed, ...(this.group.members ?? [])];
  }

  private leave(replica: Replica, identity: string): void {
    replica.page.state = null;
    if (replica.history.latest !== null) this.departed.set(identity, replica);
  }

  private forget(now: number): void {
    const horizon = now - this.settings.window_seconds - this.settings.margin_seconds;
    for (const [identity, { history }] of this.departed) {
      if ((history.latest?.at ?? 0) < horizon) this.departed.delete(identity);
    }
  }
}

function noEngine({ notes }: PageReading): Failure {
  const why = notes?.length ? notes.join('; ') : 'is it the right port?';
  return { reason: 'no_engine_metrics', detail: `the page has no metrics of a model server: ${why}` };
}

/** `/version` stands beside `/metrics`, under the same prefix. */
function versionUrl(metricsUrl: string): string {
  return new URL('version', metricsUrl).href;
}

/** Versions become label values: short and plain, or not at all. */
function versionIn(document: unknown): string | null {
  const version = (document as { version?: unknown } | null | undefined)?.version;
  return typeof version === 'string' && /^[\w.+-]{1,64}$/.test(version) ? version : null;
}
