import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Endpoint } from '../http/endpoint';
import type { ScrapeConfig } from '../model/config';
import type { PageReading } from '../model/reading';
import { createPageReader } from './read-page';
import type { RoundQueue } from './round-queue';
import type { Failure, ScrapedPage } from './scraped-page';

export type FetchResult = { ok: true; body: Buffer; content_type: string | null } | ({ ok: false } & Failure);

/** The edge of a scrape: `http/fetch-page`. */
export interface PageTools {
  fetchPage(
    url: string,
    endpoint: Endpoint,
    limits: { timeout_seconds: number; max_body_bytes: number; accept?: string },
    signal?: AbortSignal,
  ): Promise<FetchResult>;
}

type ReadResult = { ok: true; reading: PageReading } | ({ ok: false } & Failure);

/** What a round gives to those who scrape in it. */
export interface Round {
  number: number;
  queue: RoundQueue;
  signal: AbortSignal;
}

/** What pages of one kind have in common. */
export interface PageKind {
  endpoint: Endpoint;
  /** One for each kind, as a reader is quick with pages that resemble those before. */
  read: ReturnType<typeof createPageReader>;
}

/** What becomes of a reading: null, or why the page is not what was expected. */
export type Accept = (reading: PageReading, at: number) => Failure | null;

/** Fetches, reads and hands on pages; the only place that knows how. */
export class PageScraper {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly tools: PageTools,
    private readonly config: ScrapeConfig,
    private readonly now: () => number,
  ) {}

  kind(endpoint: Endpoint): PageKind {
    return { endpoint, read: createPageReader(this.config) };
  }

  /**
   * One attempt at a page, when its place in the round's queue has come; the outcome is in `page.state`. Never rejects: a
   * mistake of ours in one page must not cost the others. `after` runs in the same place, after a success.
   */
  async scrape(
    page: ScrapedPage,
    kind: PageKind,
    round: Round,
    accept: Accept,
    after?: () => Promise<void>,
  ): Promise<void> {
    const run = async () => {
      page.triedInRound = round.number;
      await this.attempt(page, kind, round.signal, accept);
      if (page.state?.success === true) await after?.();
    };
    const suspect = page.state?.success === false;
    await round.queue.run({ suspect, triedInRound: page.triedInRound, run });
  }

  /** A small JSON document beside a page; undefined where it cannot be had. `final`: asking again would not help. */
  async fetchJson(
    url: string,
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<{ document: unknown; final: boolean }> {
    const limits = { timeout_seconds: this.config.timeout_seconds, max_body_bytes: 65_536 };
    try {
      const accept = 'application/json';
      const answer = await this.tools.fetchPage(url, endpoint, { ...limits, accept }, signal);
      if (!answer.ok) return { document: undefined, final: answer.reason === 'http_status' };
      return { document: JSON.parse(answer.body.toString('utf8')) as unknown, final: true };
    } catch {
      return { document: undefined, final: true };
    }
  }

  private async attempt(
    page: ScrapedPage,
    kind: PageKind,
    signal: AbortSignal,
    accept: Accept,
  ): Promise<void> {
    const begun = performance.now();
    const outcome = await this.fetchAndRead(page.url, kind, signal, accept).catch(ourMistake);
    // What was given up because we stop says nothing about the page.
    if (signal.aborted) return;
    const duration = (performance.now() - begun) / 1000;
    if (outcome.ok) page.succeeded(duration, outcome.reading.missing);
    else page.failed(duration, { reason: outcome.reason, detail: outcome.detail });
  }

  private async fetchAndRead(
    url: string,
    { endpoint, read }: PageKind,
    signal: AbortSignal,
    accept: Accept,
  ): Promise<ReadResult> {
    const { timeout_seconds, max_body_bytes } = this.config;
    const fetched = await this.tools.fetchPage(url, endpoint, { timeout_seconds, max_body_bytes }, signal);
    if (!fetched.ok) return fetched;
    const at = this.now();
    await this.ownTurn();
    const page = read(fetched.body, fetched.content_type);
    if (!page.ok) return page;
    const refused = accept(page.reading, at);
    return refused === null ? page : { ok: false, ...refused };
  }

  /** Pages that arrive together are read in successive turns of the event loop, so that probes are timed in between. */
  private ownTurn(): Promise<unknown> {
    this.turn = this.turn.then(() => nextTurn());
    return this.turn;
  }
}

function ourMistake(error: unknown): ReadResult {
  return {
    ok: false,
    reason: 'internal_error',
    detail: error instanceof Error ? error.message : String(error),
  };
}
