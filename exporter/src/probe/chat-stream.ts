import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { AnswerReader } from './answer-reader';
import { monotonicMs, type Clock } from './clock';
import type { RawTimeline } from './timeline';

export interface ChatRequest {
  /** Scheme, host and port. */
  origin: string;
  path: string;
  headers: Record<string, string>;
  /** Serialised before the request is timed. */
  body: Buffer;
}

export interface StreamLimits {
  /** From the start of the exchange to its last byte, connecting included. */
  timeout_seconds: number;
  /** Between two bytes of the answer's body. Waiting for the first one is prefill, which only the timeout above limits. */
  idle_timeout_seconds: number;
  max_answer_bytes: number;
}

/** How an exchange ended; what it is worth is for `judge` to say. */
export type ExchangeEnd =
  | { kind: 'complete' }
  | { kind: 'timeout'; text: string }
  | { kind: 'network'; error: unknown }
  /** What was read makes the rest pointless: see the reader's problem, or an answer that is no event stream. */
  | { kind: 'given_up' }
  /** The caller's signal: what was measured so far is not a result. */
  | { kind: 'aborted' };

export interface Exchange {
  end: ExchangeEnd;
  timeline: RawTimeline;
  status: number | null;
  headers: IncomingHttpHeaders;
  answer: AnswerReader;
  /** The beginning of an answer that is no event stream. */
  excerpt: string;
}

const MAX_EVENT_CHARS = 1024 * 1024;
const EXCERPT_BYTES = 16 * 1024;
/** How long the connection may take to end after `[DONE]`; the result does not wait for it. */
const LINGER_MS = 2000;

/**
 * One streaming chat completion. Never rejects: everything that can happen is an `ExchangeEnd`.
 *
 * It listens to undici's dispatcher directly instead of reading the body of `undici.request`. `onRequestStart` is called when
 * a connected socket is about to be written to (undici's client-h1.js: `request.onConnect` is the last thing before the header
 * and body are written), which is exactly the `sent` of our definitions and hides behind `request`; and each chunk arrives in
 * the same tick as from the socket, with no stream buffer and no promise between it and the clock. Stamped first, read later.
 */
export function streamChat(
  dispatcher: Dispatcher,
  request: ChatRequest,
  limits: StreamLimits,
  signal: AbortSignal,
  now: Clock = monotonicMs,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const handler = new ExchangeHandler(limits, now, resolve);
    if (signal.aborted) {
      handler.settle({ kind: 'aborted' });
      return;
    }
    handler.abortWith(signal);
    try {
      dispatcher.dispatch({ ...request, method: 'POST', headersTimeout: 0, bodyTimeout: 0 }, handler);
    } catch (error) {
      handler.settle({ kind: 'network', error });
    }
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #limits: StreamLimits;
  readonly #now: Clock;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #answer: AnswerReader;
  readonly #deadline: NodeJS.Timeout;
  readonly #excerpt: Buffer[] = [];
  /** Chunks that are stamped and not read yet. */
  #unread: { chunk: Buffer; at: number }[] = [];
  #idle: NodeJS.Timeout | null = null;
  #linger: NodeJS.Timeout | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #unlisten: () => void = () => {};
  #settled = false;
  #streaming = false;
  #sent: number | null = null;
  #headersAt: number | null = null;
  #lastByte: number | null = null;
  #status: number | null = null;
  #headers: IncomingHttpHeaders = {};

  constructor(limits: StreamLimits, now: Clock, resolve: (exchange: Exchange) => void) {
    this.#limits = limits;
    this.#now = now;
    this.#resolve = resolve;
    this.#answer = new AnswerReader({
      max_answer_bytes: limits.max_answer_bytes,
      max_event_chars: MAX_EVENT_CHARS,
    });
    const text = `not complete within ${limits.timeout_seconds} s`;
    this.#deadline = setTimeout(() => this.#giveUp({ kind: 'timeout', text }), limits.timeout_seconds * 1000);
  }

  abortWith(signal: AbortSignal): void {
    const onAbort = () => this.#giveUp({ kind: 'aborted' });
    signal.addEventListener('abort', onAbort, { once: true });
    this.#unlisten = () => signal.removeEventListener('abort', onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#sent = this.#now();
    this.#controller = controller;
    // Given up while it waited for its connection: nothing may reach the server any more.
    if (this.#settled) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#headersAt = this.#now();
    if (this.#settled) return;
    this.#status = status;
    this.#headers = headers;
    const type = headers['content-type'];
    this.#streaming = status === 200 && (type === undefined || /^text\/event-stream\b/i.test(type));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const at = this.#now();
    if (this.#settled) return;
    this.#lastByte = at;
    if (this.#idle === null) this.#watchIdle(this.#limits.idle_timeout_seconds * 1000);
    if (!this.#streaming) this.#keepExcerpt(chunk);
    else this.#readLater(chunk, at);
  }

  /**
   * Reading waits until every socket that has data now has been stamped: of a burst of many streams the last one would
   * otherwise be seen late by the time that it takes to read all others. A copy, as undici uses the memory again.
   */
  #readLater(chunk: Buffer, at: number): void {
    if (this.#unread.length === 0) setImmediate(() => this.#readAll());
    this.#unread.push({ chunk: Buffer.from(chunk), at });
  }

  #readAll(): void {
    const chunks = this.#unread;
    this.#unread = [];
    if (this.#settled) return;
    for (const { chunk, at } of chunks) this.#answer.feed(chunk, at);
    if (this.#answer.problem !== null) this.#giveUp({ kind: 'given_up' });
    else if (this.#answer.done !== null) this.#leaveAfterDone();
  }

  onResponseEnd(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#lastByte = this.#now();
    this.#readAll();
    this.settle({ kind: 'complete' });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#readAll();
    this.settle({ kind: 'network', error });
  }

  settle(end: ExchangeEnd): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#deadline);
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#unlisten();
    const { first, last, gaps_ms } = this.#answer.tokenTimes();
    this.#resolve({
      end,
      status: this.#status,
      headers: this.#headers,
      answer: this.#answer,
      excerpt: Buffer.concat(this.#excerpt).toString('utf8'),
      timeline: {
        sent: this.#sent,
        headers: this.#headersAt,
        first_event: this.#answer.first_event,
        first_token: first,
        last_token: last,
        done: this.#answer.done ?? this.#lastByte,
        gaps_ms,
      },
    });
  }

  /** Settles first: undici reports an abort as an error, which must not stand as the reason. */
  #giveUp(end: ExchangeEnd): void {
    if (this.#unread.length > 0) this.#readAll();
    this.settle(end);
    this.#controller?.abort(new Error('given up'));
  }

  #leaveAfterDone(): void {
    this.#linger = setTimeout(() => this.#controller?.abort(new Error('no end after [DONE]')), LINGER_MS);
    this.settle({ kind: 'complete' });
  }

  #keepExcerpt(chunk: Buffer): void {
    // A copy, as undici's chunks lie in memory that its parser uses again.
    this.#excerpt.push(Buffer.from(chunk));
    const length = this.#excerpt.reduce((sum, part) => sum + part.length, 0);
    if (length > EXCERPT_BYTES) this.#giveUp({ kind: 'given_up' });
  }

  /** Looks at the time of the last byte when it fires, so that a byte costs no timer. */
  #watchIdle(ms: number): void {
    this.#idle = setTimeout(() => {
      const limit = this.#limits.idle_timeout_seconds * 1000;
      const left = (this.#lastByte ?? 0) + limit - this.#now();
      if (left > 0) this.#watchIdle(Math.ceil(left));
      else this.#giveUp({ kind: 'timeout', text: `no byte for ${this.#limits.idle_timeout_seconds} s` });
    }, ms);
  }
}
