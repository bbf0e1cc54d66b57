import { StringDecoder } from 'node:string_decoder';
import { createParser, type EventSourceParser } from 'eventsource-parser';

/** Token counts as the server tells them. */
export interface Usage {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  /** null where the server does not tell: some leave it out when it is 0, others never tell. */
  cached_tokens: number | null;
}

/** Why the rest of an answer was not read. */
export interface StreamProblem {
  kind: 'too_large' | 'not_json' | 'error_event';
  text: string;
}

export interface ReaderLimits {
  max_answer_bytes: number;
  max_event_chars: number;
}

/** Times at which tokens came. */
class TokenTimes {
  first: number | null = null;
  last: number | null = null;
  readonly gaps_ms: number[] = [];

  mark(at: number): void {
    if (this.last === null) this.first = at;
    else this.gaps_ms.push(at - this.last);
    this.last = at;
  }
}

/**
 * Reads one streamed chat answer: bytes with their arrival times in, token times and text out. How the bytes are cut into
 * chunks changes the times alone, never what is read. Knows neither sockets nor clocks.
 */
export class AnswerReader {
  content = '';
  reasoning = '';
  usage: Usage | null = null;
  finish_reason: string | null = null;
  first_event: number | null = null;
  /** When `[DONE]` came. */
  done: number | null = null;
  problem: StreamProblem | null = null;
  bytes = 0;
  events = 0;

  readonly #text = new TokenTimes();
  /** Deltas whose text is empty although they stand for a token. */
  readonly #silent = new TokenTimes();
  readonly #decoder = new StringDecoder('utf8');
  readonly #parser: EventSourceParser;
  readonly #limits: ReaderLimits;
  #at = 0;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
    this.#parser = createParser({
      maxBufferSize: limits.max_event_chars,
      onEvent: (event) => this.#onEvent(event.data),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') {
          this.#fail('too_large', `an event is longer than ${limits.max_event_chars} characters`);
        }
      },
    });
  }

  /** `at` is when these bytes arrived. After a problem or `[DONE]` nothing more is read. */
  feed(chunk: Buffer, at: number): void {
    if (this.problem !== null || this.done !== null) return;
    this.#at = at;
    this.bytes += chunk.length;
    if (this.bytes > this.#limits.max_answer_bytes) {
      this.#fail('too_large', `the answer is longer than ${this.#limits.max_answer_bytes} bytes`);
      return;
    }
    this.#parser.feed(this.#decoder.write(chunk));
  }

  /**
   * Times of the token-bearing events. An answer that consists of tokens without text (random weights give incomplete UTF-8)
   * is timed by its empty deltas, if the server says that there were tokens.
   */
  tokenTimes(): { first: number | null; last: number | null; gaps_ms: number[] } {
    const silent = this.#text.first === null && (this.usage?.completion_tokens ?? 0) > 0;
    return silent ? this.#silent : this.#text;
  }

  #fail(kind: StreamProblem['kind'], text: string): void {
    this.problem ??= { kind, text };
  }

  #onEvent(data: string): void {
    if (this.problem !== null || this.done !== null) return;
    this.events += 1;
    this.first_event ??= this.#at;
    if (data === '[DONE]') {
      this.done = this.#at;
      return;
    }
    const event = parseObject(data);
    if (event === null) this.#fail('not_json', 'an event of the stream is not a JSON object');
    else this.#onObject(event);
  }

  #onObject(event: JsonObject): void {
    const error = errorOf(event);
    if (error !== null) {
      this.#fail('error_event', error);
      return;
    }
    if (isObject(event['usage'])) this.usage = readUsage(event['usage']);
    if (!Array.isArray(event['choices'])) return;
    for (const choice of event['choices'] as unknown[]) if (isObject(choice)) this.#onChoice(choice);
  }

  #onChoice(choice: JsonObject): void {
    if (typeof choice['finish_reason'] === 'string') this.finish_reason = choice['finish_reason'];
    const delta = choice['delta'];
    if (!isObject(delta)) return;
    const content = textOf(delta['content']);
    const reasoning = textOf(delta['reasoning']) || textOf(delta['reasoning_content']);
    const tools = Array.isArray(delta['tool_calls']) && delta['tool_calls'].length > 0;
    this.content += content;
    this.reasoning += reasoning;
    if (content !== '' || reasoning !== '' || tools) this.#text.mark(this.#at);
    else if (delta['content'] === '' && delta['role'] === undefined) this.#silent.mark(this.#at);
  }
}

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parseObject(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `{"error": {"message": …}}`, `{"error": "…"}`, or the older `{"object": "error", "message": …}`. */
function errorOf(event: JsonObject): string | null {
  const { error } = event;
  if (isObject(error)) return textOf(error['message']) || 'an error without a message';
  if (typeof error === 'string') return error;
  if (event['object'] === 'error') return textOf(event['message']) || 'an error without a message';
  return null;
}

function readUsage(usage: JsonObject): Usage {
  const details = usage['prompt_tokens_details'];
  return {
    prompt_tokens: count(usage['prompt_tokens']),
    completion_tokens: count(usage['completion_tokens']),
    cached_tokens: isObject(details) ? count(details['cached_tokens']) : null,
  };
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
