import type { Endpoint } from '../http/endpoint';
import { classifyNetworkError } from '../http/network-error';
import type { ProbeConfig } from '../model/config';
import type { Outcome } from '../model/record';
import type { Usage } from './answer-reader';
import { chatBody, refusedFields, requestFields, type History } from './chat-body';
import { streamChat, type Exchange } from './chat-stream';
import { monotonicMs, type Clock } from './clock';
import { judge, type Evidence, type Judgement } from './outcome';
import { publicText, serverMessage } from './server-message';
import type { RawTimeline } from './timeline';

/** One answered or failed request. */
export interface Reply {
  outcome: Outcome;
  /** One clean line; null when all is well. */
  error: string | null;
  status: number | null;
  /** When the request was asked for; `timeline.sent` is when it went out. */
  asked: number;
  timeline: RawTimeline;
  usage: Usage;
  /** The answer as the next turn quotes it: its text or, if there is none, its reasoning. */
  answer: string;
  replica: string | null;
}

export interface SessionEvents {
  /** The server refuses a field of ours; it is left out from now on. */
  onFieldDropped(field: string, text: string): void;
}

const UNKNOWN_USAGE: Usage = { prompt_tokens: null, completion_tokens: null, cached_tokens: null };

/** How to talk to one target, and what has been learnt about it: its model, the fields that it refuses, what it counts. */
export class TargetSession {
  /** Set before the first request. */
  model = '';
  requests = 0;

  readonly #origin: string;
  readonly #path: string;
  readonly #endpoint: Endpoint;
  readonly #config: ProbeConfig;
  readonly #events: SessionEvents;
  readonly #now: Clock;
  #fields: Record<string, unknown>;
  #tellsCached = false;

  constructor(
    url: string,
    endpoint: Endpoint,
    config: ProbeConfig,
    events: SessionEvents,
    now: Clock = monotonicMs,
  ) {
    const base = new URL(url);
    this.#origin = base.origin;
    this.#path = `${base.pathname.replace(/\/+$/, '')}/chat/completions${base.search}`;
    this.#endpoint = endpoint;
    this.#config = config;
    this.#events = events;
    this.#now = now;
    this.#fields = requestFields(config);
  }

  /** Another server may answer from now on: what was learnt about the last one does not hold. */
  forget(): void {
    this.#fields = requestFields(this.#config);
    this.#tellsCached = false;
  }

  /** Asks for the next answer, of the workload's length or another. Null: given up by `signal`, which is no result. */
  async ask(
    history: History,
    request_id: string,
    signal: AbortSignal,
    max_tokens?: number,
  ): Promise<Reply | null> {
    this.requests += 1;
    for (;;) {
      const asked = this.#now();
      const headers = this.#headers(request_id);
      const exchange = await this.#send(history, headers, signal, max_tokens);
      if (exchange.end.kind === 'aborted') return null;
      const clean = (text: string) => publicText(text, { prompt: history.json, secrets: secretsOf(headers) });
      if (!this.#dropRefused(exchange, clean)) return this.#reply(exchange, asked, clean);
    }
  }

  #send(
    history: History,
    headers: Record<string, string>,
    signal: AbortSignal,
    max_tokens: number | undefined,
  ): Promise<Exchange> {
    const fields = max_tokens === undefined ? this.#fields : { ...this.#fields, max_tokens };
    const body = chatBody(this.model, history, fields);
    const request = { origin: this.#origin, path: this.#path, headers, body };
    return streamChat(this.#endpoint.dispatcher(), request, this.#config, signal, this.#now);
  }

  #headers(request_id: string): Record<string, string> {
    const own = Object.entries(this.#endpoint.headers()).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      ...Object.fromEntries(own),
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-request-id': request_id,
    };
  }

  /** True if the refusal named optional fields: they are gone now, and the request deserves another try. */
  #dropRefused({ status, excerpt }: Exchange, clean: (text: string) => string): boolean {
    const refused = refusedFields(status, excerpt, this.#fields);
    if (refused.length === 0) return false;
    const text = clean(serverMessage(excerpt) ?? `HTTP ${status}`);
    this.#fields = Object.fromEntries(
      Object.entries(this.#fields).filter(([name]) => !refused.includes(name)),
    );
    for (const name of refused) this.#events.onFieldDropped(name, text);
    return true;
  }

  #reply(exchange: Exchange, asked: number, clean: (text: string) => string): Reply {
    const { outcome, text } = judgeExchange(exchange);
    const { answer, timeline, status, headers } = exchange;
    const replica = headers['x-inference-pod'];
    return {
      outcome,
      error: text === null ? null : clean(text),
      status,
      asked,
      timeline,
      usage: this.#count(answer.usage),
      answer: answer.content !== '' ? answer.content : answer.reasoning,
      replica: typeof replica === 'string' ? replica.slice(0, 253) : null,
    };
  }

  /** vLLM before 0.32 leaves a cached count of 0 out: from a server that has told one before, absent means 0. */
  #count(usage: Usage | null): Usage {
    if (usage === null) return UNKNOWN_USAGE;
    if (usage.cached_tokens !== null) this.#tellsCached = true;
    return { ...usage, cached_tokens: usage.cached_tokens ?? (this.#tellsCached ? 0 : null) };
  }
}

function judgeExchange({ end, timeline, status, headers, answer, excerpt }: Exchange): Judgement {
  if (end.kind === 'aborted') throw new Error('an aborted exchange has no outcome');
  const dropped = headers['x-llm-d-request-dropped-reason'];
  const message = [serverMessage(excerpt), typeof dropped === 'string' ? `(${dropped})` : null];
  return judge({
    sent: timeline.sent !== null,
    status,
    content_type: headers['content-type'] ?? null,
    end: end.kind,
    failure: failureOf(end),
    problem: answer.problem,
    message: message.filter((part) => part !== null).join(' ') || null,
    events: answer.events,
    bytes: answer.bytes,
    tokens: timeline.first_token !== null,
    finished: answer.done !== null || answer.finish_reason !== null,
  });
}

function failureOf(end: Exchange['end']): Evidence['failure'] {
  if (end.kind === 'timeout') return { reason: 'timeout', text: end.text };
  if (end.kind !== 'network') return null;
  const { failure, text } = classifyNetworkError(end.error);
  const notHttp = failure !== 'tls_error' && (end.error as Error | null)?.name === 'HTTPParserError';
  return { reason: notHttp ? 'not_http' : failure, text };
}

function secretsOf(headers: Record<string, string>): string[] {
  const { 'content-type': _type, accept: _accept, 'x-request-id': _id, ...rest } = headers;
  return Object.values(rest).map((value) => value.replace(/^Bearer /, ''));
}
