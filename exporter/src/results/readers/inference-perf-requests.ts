/**
 * inference-perf `per_request_lifecycle_metrics.json`: an array, seconds on the process's own clock. Newer files keep what they
 * tell of an answer in `info.response_metrics`, older ones in `info` itself. No request tells its stage.
 */
import type { Outcome, TimedRecord } from '../../model/record';
import { gapSummary, importedRecord, outcomeOfText } from '../imported-record';
import { amount, at, finite, firstOf, isObject, list, word } from '../json-values';
import { emptyPart, Skipped, tooManyRecords, type Located, type Reading } from '../reading';
import { Refusal } from '../refusal';
import type { Source } from '../source';

export const isInferencePerfRequests = (value: unknown): boolean => list(value).some(isRequest);

const isRequest = (value: unknown) =>
  finite(at(value, 'start_time')) !== null &&
  finite(at(value, 'end_time')) !== null &&
  isObject(at(value, 'info'));

function recordOf(one: unknown, run: string, index: number): TimedRecord {
  const info = at(one, 'info');
  const answer = at(info, 'response_metrics');
  const usage = at(answer, 'server_usage');
  const start = finite(at(one, 'start_time')) ?? 0;
  const times = (key: string) =>
    [at(answer, key), at(info, key)]
      .map((found) => list(found).flatMap((time) => finite(time) ?? []))
      .find((found) => found.length > 0) ?? [];
  const tokenTimes = times('output_token_times');
  const chunkTimes = times('chunk_times');
  const error = at(one, 'error');
  const failed = isObject(error)
    ? outcomeOfText(`${word(error['error_type']) ?? ''} ${word(error['error_msg']) ?? ''}`)
    : null;
  const [first, last] = [tokenTimes[0], tokenTimes.at(-1)];
  const ok = failed === null && first !== undefined;
  const outcome: Outcome = failed ?? (ok ? 'ok' : 'empty');
  const completion = firstOf(
    amount(at(usage, 'completion_tokens')),
    amount(at(answer, 'output_tokens')),
    amount(at(info, 'output_tokens')),
  );
  const round = amount(at(info, 'extra_info', 'chat_round'));
  const session = word(at(info, 'extra_info', 'user_session'));
  const decoded =
    ok && last !== undefined && tokenTimes.length > 1 ? (last - first) / (tokenTimes.length - 1) : null;
  return importedRecord(run, index, {
    conversation: session ?? '',
    turn: session === null ? 0 : (round ?? 0),
    sent_at: start,
    ttft_ms: ok ? positive(first - start) : null,
    e2e_ms: ok ? positive((finite(at(one, 'end_time')) ?? NaN) - start) : null,
    tpot_ms: decoded === null ? null : positive(decoded),
    itl_ms: ok ? gapSummary(gaps(chunkTimes.length > 0 ? chunkTimes : tokenTimes)) : null,
    prompt_tokens: firstOf(
      amount(at(usage, 'prompt_tokens')),
      failed === null ? amount(at(info, 'request_metrics', 'text', 'input_tokens')) : null,
      failed === null ? amount(at(info, 'input_tokens')) : null,
    ),
    cached_tokens: amount(at(usage, 'prompt_tokens_details', 'cached_tokens')),
    completion_tokens: ok ? completion : null,
    outcome,
  });
}

/** Milliseconds of a duration in seconds; null for one that runs backwards. */
const positive = (seconds: number): number | null =>
  Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;

const gaps = (times: readonly number[]) =>
  times.slice(1).map((time, index) => (time - (times[index] ?? time)) * 1000);

/** A session that has no more turns begins again: the same turn of the same session is of another round each time. */
function numberRounds(records: readonly TimedRecord[]): void {
  const seen = new Map<string, number>();
  for (const record of [...records].sort((left, right) => left.sent_at - right.sent_at)) {
    const key = `${record.turn} ${record.conversation}`;
    record.round = seen.get(key) ?? 0;
    seen.set(key, record.round + 1);
  }
}

export async function readInferencePerfRequests(
  values: AsyncIterable<Located>,
  source: Source,
): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const records: TimedRecord[] = [];
  for await (const { value, line } of values) {
    list(value).forEach((one, index) => {
      if (isRequest(one)) records.push(recordOf(one, source.name, records.length));
      else skipped.add(line, `entry ${index + 1} is not a request of inference-perf`);
    });
    const much = tooManyRecords(records.length);
    if (much !== null) throw new Refusal(much);
  }
  if (records.length === 0) throw new Refusal('holds no request');
  const sessions = records.some((record) => record.conversation !== '');
  if (sessions) numberRounds(records);
  const part = {
    ...emptyPart('inference-perf-requests', source.name),
    records,
    identity: sessions ? ('conversation' as const) : ('prompts' as const),
    clock: 'relative' as const,
    definitions: {
      ttft: 'first_content',
      e2e: 'stream_end',
      tpot: 'per_decoded_token',
      itl: 'per_request_median_gap',
    } as const,
  };
  return { parts: [part], unread: skipped.list() };
}
