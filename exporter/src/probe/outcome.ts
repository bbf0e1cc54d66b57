import type { NetworkFailure } from '../http/endpoint';
import type { Outcome } from '../model/record';
import type { StreamProblem } from './answer-reader';

/** What is known of an ended exchange, as plain data. */
export interface Evidence {
  /** Whether a connection was made and the request handed to it. */
  sent: boolean;
  status: number | null;
  content_type: string | null;
  end: 'complete' | 'timeout' | 'network' | 'given_up';
  /** Below HTTP, or why time ran out. */
  failure: { reason: NetworkFailure | 'not_http'; text: string } | null;
  problem: StreamProblem | null;
  /** What the server says in an answer that is no stream. */
  message: string | null;
  events: number;
  bytes: number;
  /** At least one token-bearing event came. */
  tokens: boolean;
  /** `finish_reason` or `[DONE]` came. */
  finished: boolean;
}

export interface Judgement {
  outcome: Outcome;
  /** One line for people; null when all is well. It may quote the server: clean it before it leaves the process. */
  text: string | null;
}

/** Names the outcome of an exchange, from the closed list. Pure. */
export function judge(evidence: Evidence): Judgement {
  const { status } = evidence;
  if (status === null) return judgeUnanswered(evidence);
  if (status !== 200) return judgeStatus(status, evidence);
  if (evidence.content_type !== null && !/^text\/event-stream\b/i.test(evidence.content_type)) {
    const type = evidence.content_type.split(';')[0] ?? '';
    return { outcome: 'bad_stream', text: withMessage(`answered ${type}, not an event stream`, evidence) };
  }
  return judgeStream(evidence);
}

function judgeUnanswered({ sent, end, failure }: Evidence): Judgement {
  const text = failure?.text ?? 'the connection closed without an answer';
  if (failure?.reason === 'tls_error') return { outcome: 'tls_error', text };
  if (!sent) return { outcome: 'connect_error', text };
  if (end === 'timeout' || failure?.reason === 'timeout') return { outcome: 'timeout', text };
  return { outcome: failure?.reason === 'not_http' ? 'bad_stream' : 'stream_cut', text };
}

function judgeStatus(status: number, evidence: Evidence): Judgement {
  const text = withMessage(`HTTP ${status}`, evidence);
  if (status === 429) return { outcome: 'http_429', text };
  if (status === 503) return { outcome: 'http_503', text };
  if (status >= 500) return { outcome: 'http_5xx', text };
  if (status >= 400) return { outcome: 'http_4xx', text };
  return { outcome: 'bad_stream', text: withMessage(`HTTP ${status} instead of an answer`, evidence) };
}

/**
 * An error event after the first token cuts the answer off (`stream_cut`); before it there never was an answer (`bad_stream`).
 * What breaks after `finish_reason` or `[DONE]` takes nothing from the answer.
 */
function judgeStream(evidence: Evidence): Judgement {
  const { problem, tokens, finished, end, failure } = evidence;
  if (problem?.kind === 'error_event') {
    return {
      outcome: tokens ? 'stream_cut' : 'bad_stream',
      text: `the server broke the answer off: ${problem.text}`,
    };
  }
  if (problem !== null) return { outcome: 'bad_stream', text: problem.text };
  if (finished) return tokens ? { outcome: 'ok', text: null } : { outcome: 'empty', text: 'no token in it' };
  if (end === 'timeout') return { outcome: 'timeout', text: failure?.text ?? 'not complete in time' };
  if (end === 'network') {
    return { outcome: 'stream_cut', text: failure?.text ?? 'the connection broke' };
  }
  if (evidence.bytes === 0) return { outcome: 'empty', text: 'an answer of 0 bytes' };
  if (evidence.events === 0) return { outcome: 'bad_stream', text: 'no server-sent event in it' };
  return { outcome: 'stream_cut', text: 'ended without finish_reason and without [DONE]' };
}

function withMessage(text: string, { message }: Evidence): string {
  return message === null ? text : `${text}: ${message}`;
}
