import type { LogFields, Logger } from '../log';

/** What is known of the latest attempt at a page. */
export interface ScrapeState {
  success: boolean;
  /** Fetching and reading. */
  duration_seconds: number;
  /** A word of a closed list; null after a success. */
  reason: string | null;
  /** One line for people; null after a success. */
  detail: string | null;
  /** Our names of values that the page does not tell; of the latest success. */
  missing: readonly string[];
}

export interface Failure {
  reason: string;
  detail: string;
}

/** Tells the log when something begins to fail and when it is well again, and nothing in between. */
export class Transition {
  private announced = false;

  constructor(
    private readonly logger: Logger,
    /** What it is, for the log line, e.g. `scrape`. */
    private readonly subject: string,
    private readonly fields: LogFields,
  ) {}

  failed({ reason, detail }: Failure): void {
    if (!this.announced) this.logger.warn(`${this.subject} failing`, { ...this.fields, reason, detail });
    this.announced = true;
  }

  succeeded(): void {
    if (this.announced) this.logger.info(`${this.subject} recovered`, this.fields);
    this.announced = false;
  }
}

/** One page that is scraped again and again: the outcome of the latest attempt. */
export class ScrapedPage {
  /** null before the first attempt. */
  state: ScrapeState | null = null;
  /** Number of the round of the latest attempt. */
  triedInRound = 0;
  /** A replica that is not ready is expected to fail: its failures are kept, not announced. */
  quiet = false;
  private readonly transition: Transition;

  constructor(
    readonly url: string,
    fields: LogFields,
    logger: Logger,
  ) {
    this.transition = new Transition(logger, 'scrape', { ...fields, url: withoutCredentials(url) });
  }

  succeeded(duration_seconds: number, missing: readonly string[]): void {
    this.state = { success: true, duration_seconds, reason: null, detail: null, missing };
    this.transition.succeeded();
  }

  failed(duration_seconds: number, failure: Failure): void {
    this.state = { success: false, duration_seconds, ...failure, missing: this.state?.missing ?? [] };
    if (!this.quiet) this.transition.failed(failure);
  }
}

/** User names, passwords and query strings do not belong in a log. */
function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return text;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
