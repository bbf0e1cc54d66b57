import type { ProbeConfig } from '../model/config';
import { refusedParameter, serverMessage } from './server-message';

type Role = 'system' | 'user' | 'assistant';

/**
 * The messages of a conversation as JSON, never changed but continued: a history of 60 kB is not made into JSON again at each
 * turn, and a failed exchange leaves no trace.
 */
export class History {
  /** The messages joined by commas, without brackets. */
  readonly json: string;

  constructor(json = '') {
    this.json = json;
  }

  with(role: Role, content: string): History {
    // Half a surrogate pair, as a cut answer may end with, is valid in JSON but refused by servers.
    const text = content.replace(/\p{Surrogate}/gu, '\ufffd');
    return new History(
      `${this.json}${this.json === '' ? '' : ','}${JSON.stringify({ role, content: text })}`,
    );
  }
}

/** The fields of a request beside model and messages. `extra_body` may change any but `stream`. */
export function requestFields({ workload, extra_body }: ProbeConfig): Record<string, unknown> {
  return {
    max_tokens: workload.max_tokens,
    temperature: 0,
    ignore_eos: true,
    stream_options: { include_usage: true },
    ...extra_body,
    stream: true,
  };
}

export function chatBody(model: string, history: History, fields: Record<string, unknown>): Buffer {
  const rest = JSON.stringify(fields).slice(1, -1);
  return Buffer.from(`{"model":${JSON.stringify(model)},"messages":[${history.json}],${rest}}`);
}

/** What no request can do without: its refusal is an error, not a reason to ask otherwise. */
const NEEDED: ReadonlySet<string> = new Set(['stream', 'max_tokens']);

/**
 * Which optional fields of ours a 400 or 422 is about: the one that it names as `param` or, failing that, in its message.
 * Empty if the refusal is about something else.
 */
export function refusedFields(
  status: number | null,
  body: string,
  fields: Record<string, unknown>,
): string[] {
  if (status !== 400 && status !== 422) return [];
  const optional = Object.keys(fields).filter((name) => !NEEDED.has(name));
  const parameter = refusedParameter(body)?.split('.')[0];
  if (parameter !== undefined && optional.includes(parameter)) return [parameter];
  const message = serverMessage(body) ?? '';
  return optional.filter((name) => message.split(/[^\w-]+/).includes(name));
}
