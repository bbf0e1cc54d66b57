/** What a server knows of one chat request: the truth that a client's own timing is held against. */
export interface LoggedRequest {
  /** `x-request-id`; null where the client sent none. */
  request_id: string | null;
  replica: string;
  /** Milliseconds of CLOCK_MONOTONIC, whose zero is the same in every process of a machine. */
  received_ms: number;
  /** When it was handed to the socket; null until then. */
  first_token_ms: number | null;
  last_token_ms: number | null;
  prompt_tokens: number | null;
  cached_tokens: number | null;
  output_tokens: number;
}

const KEPT = 50_000;

const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;

/** The latest requests of one replica, in order of arrival. */
export class RequestLog {
  private requests: LoggedRequest[] = [];

  constructor(private readonly replica: string) {}

  begin(id: string | string[] | undefined): LoggedRequest {
    const entry: LoggedRequest = {
      request_id: typeof id === 'string' ? id : null,
      replica: this.replica,
      received_ms: monotonicMs(),
      first_token_ms: null,
      last_token_ms: null,
      prompt_tokens: null,
      cached_tokens: null,
      output_tokens: 0,
    };
    this.requests.push(entry);
    if (this.requests.length >= 2 * KEPT) this.requests = this.requests.slice(-KEPT);
    return entry;
  }

  get entries(): readonly LoggedRequest[] {
    return this.requests;
  }
}

/** Stamps a token just before it is written; `tokens`: of this sequence so far. */
export function stampToken(
  entry: LoggedRequest,
  usage: { prompt: number; cached: number; tokens: number },
): void {
  const now = monotonicMs();
  entry.first_token_ms ??= now;
  entry.last_token_ms = now;
  entry.prompt_tokens = usage.prompt;
  entry.cached_tokens = usage.cached;
  entry.output_tokens = usage.tokens;
}
