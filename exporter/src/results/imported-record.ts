/** Records of other tools' requests. */
import type { GapSummary, Outcome, TimedRecord } from '../model/record';
import { quantile, sortedFinite } from '../stats/quantile';

/** What a reader tells of one request. Milliseconds; seconds for `sent_at`. */
export interface Told {
  conversation: string;
  /** 0: the file does not tell. */
  turn: number;
  round?: number;
  sent_at: number;
  ttft_ms: number | null;
  e2e_ms: number | null;
  tpot_ms: number | null;
  itl_ms?: GapSummary | null;
  prompt_tokens: number | null;
  cached_tokens?: number | null;
  completion_tokens: number | null;
  outcome: Outcome;
  http_status?: number | null;
}

/** The target's name and the run are set when the results are put together. */
export const importedRecord = (run: string, index: number, told: Told): TimedRecord => ({
  request_id: String(index),
  run,
  target: '',
  conversation: told.conversation,
  round: told.round ?? 0,
  turn: told.turn,
  intended_ms: 0,
  sent_ms: 0,
  ttft_ms: told.ttft_ms,
  e2e_ms: told.e2e_ms,
  tpot_ms: told.tpot_ms,
  itl_ms: told.itl_ms ?? null,
  prompt_tokens: told.prompt_tokens,
  cached_tokens: told.cached_tokens ?? null,
  completion_tokens: told.completion_tokens,
  outcome: told.outcome,
  http_status: told.http_status ?? null,
  sent_at: told.sent_at,
});

/** Gaps in milliseconds; those that are no finite, non-negative number are left out. Null for none. */
export function gapSummary(gaps: readonly number[]): GapSummary | null {
  const sorted = sortedFinite(gaps.filter((gap) => gap >= 0));
  const [p50, p95] = [quantile(sorted, 0.5), quantile(sorted, 0.95)];
  const max = sorted.at(-1);
  if (p50 === null || p95 === null || max === undefined) return null;
  return { p50, p95, max, count: sorted.length };
}

/** (e2e - ttft) / (tokens - 1); null where it has no meaning. */
export function tpot(ttft: number | null, e2e: number | null, tokens: number | null): number | null {
  if (ttft === null || e2e === null || tokens === null || tokens <= 1 || e2e < ttft) return null;
  return (e2e - ttft) / (tokens - 1);
}

const OF_STATUS: Readonly<Record<number, Outcome>> = { 429: 'http_429', 503: 'http_503' };

/** How a request with this HTTP status ended; null for a status that is none of failure. */
export function outcomeOfStatus(status: number | null): Outcome | null {
  if (status === null || status < 400 || status > 599) return null;
  return OF_STATUS[status] ?? (status < 500 ? 'http_4xx' : 'http_5xx');
}

const OF_TEXT: readonly (readonly [RegExp, Outcome])[] = [
  [/too many requests/i, 'http_429'],
  [/service unavailable/i, 'http_503'],
  [/bad gateway|gateway time-?out|internal server error/i, 'http_5xx'],
  [/bad request|unauthorized|forbidden|not found|unprocessable/i, 'http_4xx'],
  [/time-?d? ?-?out/i, 'timeout'],
  [/\bssl\b|\btls\b|certificate/i, 'tls_error'],
  [/refused|resolve|unreachable|cannot connect|connect call failed|getaddrinfo/i, 'connect_error'],
  [/disconnected|incomplete|payload|closed|reset|broken pipe|cut/i, 'stream_cut'],
];

/** How a request ended, from the words of the tool's error. What none of the patterns knows is a stream that made no sense. */
export function outcomeOfText(text: string): Outcome {
  const status = /(?:^|[^\d])([45]\d\d)(?!\d)/.exec(text)?.[1];
  const known = OF_TEXT.find(([pattern]) => pattern.test(text))?.[1];
  return outcomeOfStatus(status === undefined ? null : Number(status)) ?? known ?? 'bad_stream';
}
