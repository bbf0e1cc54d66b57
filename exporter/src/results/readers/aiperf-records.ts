/** AIPerf `profile_export.jsonl`: one request a line, every metric with its own `unit`. */
import type { Outcome, TimedRecord } from '../../model/record';
import { gapSummary, importedRecord, outcomeOfStatus, outcomeOfText } from '../imported-record';
import { amount, at, firstOf, isObject, list, word } from '../json-values';
import { levelFromName } from '../level';
import { emptyPart, Skipped, tooManyRecords, type Located, type Reading } from '../reading';
import { Refusal } from '../refusal';
import type { Source } from '../source';
import { perSecond, toSeconds } from '../units';

export const isAiperfRecord = (value: unknown): boolean =>
  isObject(at(value, 'metadata')) &&
  isObject(at(value, 'metrics')) &&
  at(value, 'metadata', 'request_start_ns') !== undefined;

function milliseconds(value: unknown, metric: string): number | null {
  const found = at(value, 'metrics', metric);
  const seconds = toSeconds(amount(at(found, 'value')), at(found, 'unit'));
  return seconds === null ? null : seconds * 1000;
}

const tokens = (value: unknown, ...metrics: string[]) =>
  firstOf(...metrics.map((metric) => amount(at(value, 'metrics', metric, 'value'))));

function gapsOf(value: unknown) {
  const divisor = perSecond(at(value, 'metrics', 'inter_chunk_latency', 'unit'));
  if (divisor === null) return null;
  const gaps = list(at(value, 'metrics', 'inter_chunk_latency', 'value')).flatMap((gap) => amount(gap) ?? []);
  return gapSummary(gaps.map((gap) => (gap / divisor) * 1000));
}

function outcomeOf(value: unknown, ttft: number | null): Outcome {
  const error = at(value, 'error');
  if (!isObject(error)) return ttft === null ? 'empty' : 'ok';
  return (
    outcomeOfStatus(amount(error['code'])) ??
    outcomeOfText(`${word(error['type']) ?? ''} ${word(error['message']) ?? ''}`)
  );
}

function recordOf(value: unknown, run: string, index: number): TimedRecord {
  const ttft = milliseconds(value, 'time_to_first_token');
  const outcome = outcomeOf(value, ttft);
  const ok = outcome === 'ok';
  const turn = amount(at(value, 'metadata', 'turn_index'));
  const conversation = firstOf(
    word(at(value, 'metadata', 'conversation_id')),
    word(at(value, 'metadata', 'x_correlation_id')),
  );
  return importedRecord(run, index, {
    conversation: conversation ?? '',
    turn: turn === null || conversation === null ? 0 : turn + 1,
    sent_at: (amount(at(value, 'metadata', 'request_start_ns')) ?? index * 1e9) / 1e9,
    ttft_ms: ok ? ttft : null,
    e2e_ms: ok ? milliseconds(value, 'request_latency') : null,
    tpot_ms: ok ? milliseconds(value, 'inter_token_latency') : null,
    itl_ms: ok ? gapsOf(value) : null,
    prompt_tokens: tokens(value, 'usage_prompt_tokens', 'input_sequence_length'),
    cached_tokens: tokens(value, 'usage_prompt_cache_read_tokens'),
    completion_tokens: ok ? tokens(value, 'usage_completion_tokens', 'output_sequence_length') : null,
    outcome,
    http_status: amount(at(value, 'error', 'code')),
  });
}

/** A conversation of the data set that was played more than once: the rounds are told apart by their correlation id. */
function roundCounter(): (value: unknown, conversation: string) => number {
  const rounds = new Map<string, Map<string, number>>();
  return (value, conversation) => {
    const played = word(at(value, 'metadata', 'x_correlation_id')) ?? '';
    const known = rounds.get(conversation) ?? new Map<string, number>();
    rounds.set(conversation, known);
    const round = known.get(played) ?? known.size;
    known.set(played, round);
    return round;
  };
}

export async function readAiperfRecords(values: AsyncIterable<Located>, source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const records: TimedRecord[] = [];
  const roundOf = roundCounter();
  let cancelled = 0;
  for await (const { value, line } of values) {
    if (!isAiperfRecord(value)) {
      skipped.add(line, 'not a record of AIPerf');
      continue;
    }
    const phase = word(at(value, 'metadata', 'benchmark_phase')) ?? 'profiling';
    if (phase !== 'profiling') continue;
    if (at(value, 'metadata', 'was_cancelled') === true) {
      cancelled += 1;
      continue;
    }
    const record = recordOf(value, source.name, records.length);
    record.round = roundOf(value, record.conversation);
    records.push(record);
    const much = tooManyRecords(records.length);
    if (much !== null) throw new Refusal(much, line);
  }
  if (records.length === 0) throw new Refusal('holds no request of the profiling phase');
  const part = {
    ...emptyPart('aiperf-records', source.name),
    level: levelFromName(source.name),
    records,
    identity: 'conversation' as const,
    clock: 'wall' as const,
    definitions: {
      ttft: 'first_token',
      e2e: 'last_token',
      tpot: 'per_decoded_token',
      itl: 'per_request_median_gap',
    } as const,
    notes: cancelled === 0 ? [] : [`${cancelled} requests that the tool cancelled are left out`],
  };
  return { parts: [part], unread: skipped.list() };
}
