import { ExpositionMemory } from './exposition-intern';
import { ExpositionReader, type ExpositionLimits, type PageFeed, type ParsedPage } from './exposition-reader';

export const DEFAULT_LIMITS: ExpositionLimits = {
  max_body_bytes: 64 * 1024 * 1024,
  max_line_bytes: 1024 * 1024,
  max_series: 500_000,
};

/**
 * Parses Prometheus text 0.0.4 and OpenMetrics 1.0. A parser remembers names and label blocks of earlier pages, so one should
 * read all pages of a kind: what stands where it stood the last time is compared, not parsed again. Every number is read.
 * Timestamps and exemplars are checked and dropped, as nobody here needs them.
 */
export class ExpositionParser {
  private memory = new ExpositionMemory();

  constructor(private readonly limits: ExpositionLimits = DEFAULT_LIMITS) {}

  /** @param contentType as the server sent it; null: told from the text. */
  parse(body: Buffer | string, contentType: string | null = null): ParsedPage {
    const page = this.begin(contentType);
    page.feed(typeof body === 'string' ? Buffer.from(body) : body);
    return page.end();
  }

  /** For a body that arrives in pieces. */
  begin(contentType: string | null = null): PageFeed {
    if (this.memory.full) this.memory = new ExpositionMemory();
    return new ExpositionReader(this.memory, this.limits, contentType);
  }
}
