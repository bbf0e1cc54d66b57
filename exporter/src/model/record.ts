/**
 * One request, as the client saw it. Everything that Taillight says about latency is a fold over these.
 * The field names are those of `run.jsonl` (one record a line).
 */

/** How a request ended. A closed list: anything else would be a bug. */
export const OUTCOMES = [
  'ok',
  'timeout',
  'connect_error',
  'tls_error',
  'http_4xx',
  'http_429',
  'http_503',
  'http_5xx',
  'stream_cut',
  'bad_stream',
  'empty',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Gaps between token-bearing events of one answer, in milliseconds: inter-chunk, as a chunk may hold several tokens. */
export interface GapSummary {
  p50: number;
  p95: number;
  max: number;
  count: number;
}

/**
 * Times are milliseconds on the monotonic clock since the run's start; the run's `started` is the wall anchor.
 * `null` means that it was not measured or not told, never zero.
 */
export interface ProbeRecord {
  /** `<run>/<target>/<conversation>/<turn>`, also sent as `x-request-id`. */
  request_id: string;
  run: string;
  target: string;
  /** Stable id: same seed and workload, same id, same document, questions and lengths on every target. */
  conversation: string;
  /** How often this conversation was started before in this run (its nonce differs each time). */
  round: number;
  /** 1..T; 0 in imported records whose file does not tell: then it is neither a first nor a later turn. */
  turn: number;
  /** When the schedule wanted the request sent. */
  intended_ms: number;
  /** When the request was handed to the socket; if no connection was made, when it was asked for. */
  sent_ms: number;
  /** First non-empty content, reasoning or tool-call delta - sent. */
  ttft_ms: number | null;
  /** Last token - sent. */
  e2e_ms: number | null;
  /** (last token - first token) / (completion tokens - 1), tokens from the server's `usage`. */
  tpot_ms: number | null;
  itl_ms: GapSummary | null;
  prompt_tokens: number | null;
  /** `null` where the server does not tell; 0 is a measured zero. */
  cached_tokens: number | null;
  completion_tokens: number | null;
  outcome: Outcome;
  http_status: number | null;
  /** One line for people; never prompt text, never a secret. */
  error?: string;
  /** True while the run warms up: kept, but part of no statistic. */
  warmup?: true;
  /** Which stage of a run with load levels it belongs to; an index into the header's `stages`. */
  stage?: number;
  /** What the document looks like, where the workload knows. */
  document?: 'code' | 'text';
  /** The replica that says it answered (`x-inference-pod`), where the server tells. */
  replica?: string;
}

/** First line of `run.jsonl`. */
export interface RunHeader {
  schema: 'taillight.run/1';
  run: string;
  /** ISO time of the run's monotonic zero. */
  started: string;
  targets: string[];
  /** The resolved workload; free-form, for the reader of the file. */
  workload: Record<string, unknown>;
  /** What each time means, in words. */
  definitions: Record<string, string>;
  versions: Record<string, string>;
  /** The load levels of a run that has some, in order. */
  stages?: { level: number; unit: 'qps' | 'concurrency' }[];
  /** Which part of the run this file holds, where several machines share it. */
  shard?: { index: number; count: number };
}

/** A record together with the wall time (Unix seconds) at which it was sent; what windows work on. */
export interface TimedRecord extends ProbeRecord {
  sent_at: number;
}

export type TurnClass = 'first' | 'later' | 'all';
export const TURN_CLASSES: readonly TurnClass[] = ['first', 'later', 'all'];

export function turnClass(turn: number): 'first' | 'later' {
  return turn === 1 ? 'first' : 'later';
}
