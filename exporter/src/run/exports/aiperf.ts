/** AIPerf's `profile_export.jsonl`: one request a line, whatever became of it, each metric with its unit. */
import type { Outcome, TimedRecord } from '../../model/record';
import { levelText, type ExportPart } from './export-part';

/** `profile_export_qps0.5.jsonl`, `profile_export_concurrency8.jsonl`; AIPerf's own name where the run has no levels. */
export function aiperfFile({ level }: ExportPart): string {
  return level === null
    ? 'profile_export.jsonl'
    : `profile_export_${level.unit === 'qps' ? 'qps' : 'concurrency'}${levelText(level)}.jsonl`;
}

export const aiperfJsonl = ({ records }: ExportPart): string =>
  records.map((record, index) => `${JSON.stringify(lineOf(record, index))}\n`).join('');

interface Metric {
  value: number;
  unit: string;
}

/** AIPerf tells the error of its HTTP client; these are the words for ours. Our text may hold addresses, whose ports look like codes. */
const ERRORS: Record<Exclude<Outcome, 'ok' | 'empty'>, { type: string; message: string }> = {
  timeout: { type: 'TimeoutError', message: 'the request timed out' },
  connect_error: { type: 'ClientConnectorError', message: 'cannot connect' },
  tls_error: { type: 'ClientConnectorSSLError', message: 'the TLS handshake failed' },
  http_4xx: { type: 'Bad Request', message: 'the server refused the request' },
  http_429: { type: 'Too Many Requests', message: 'the server has too many requests' },
  http_503: { type: 'Service Unavailable', message: 'the service is unavailable' },
  http_5xx: { type: 'Internal Server Error', message: 'the server failed' },
  stream_cut: { type: 'ClientPayloadError', message: 'the stream was cut' },
  bad_stream: { type: 'InvalidStream', message: 'the stream made no sense' },
};

function lineOf(record: TimedRecord, index: number) {
  const { outcome, sent_at, e2e_ms } = record;
  const start = nanoseconds(sent_at);
  return {
    metadata: {
      session_num: index,
      x_request_id: record.request_id,
      x_correlation_id: `${record.conversation}/${record.round}`,
      conversation_id: record.conversation,
      turn_index: record.turn - 1,
      request_start_ns: start,
      request_ack_ns: null,
      request_end_ns: e2e_ms === null ? null : nanoseconds(sent_at + e2e_ms / 1000),
      worker_id: 'taillight',
      record_processor_id: 'taillight',
      benchmark_phase: 'profiling',
      was_cancelled: false,
      cancellation_time_ns: null,
    },
    metrics: metricsOf(record),
    // An answer without a token is no error of HTTP: it has no time to the first token.
    error: outcome === 'ok' || outcome === 'empty' ? null : { code: record.http_status, ...ERRORS[outcome] },
  };
}

/** What was not measured has no key. */
function metricsOf(record: TimedRecord): Record<string, Metric> {
  const { prompt_tokens, completion_tokens } = record;
  const told: [string, number | null, string][] = [
    ['time_to_first_token', record.ttft_ms, 'ms'],
    ['request_latency', record.e2e_ms, 'ms'],
    ['inter_token_latency', record.tpot_ms, 'ms'],
    ['input_sequence_length', prompt_tokens, 'tokens'],
    ['output_sequence_length', completion_tokens, 'tokens'],
    ['usage_prompt_tokens', prompt_tokens, 'tokens'],
    ['usage_completion_tokens', completion_tokens, 'tokens'],
    ['usage_prompt_cache_read_tokens', record.cached_tokens, 'tokens'],
  ];
  return Object.fromEntries(
    told.flatMap(([name, value, unit]) => (value === null ? [] : [[name, { value, unit }]])),
  );
}

const nanoseconds = (seconds: number) => Math.round(seconds * 1e9);
