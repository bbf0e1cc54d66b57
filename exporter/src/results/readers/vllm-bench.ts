/**
 * `vllm bench serve --save-result [--save-detailed]` and files with its keys; `--append-result` writes one object a line.
 * Aggregates are milliseconds, the arrays of detailed files seconds on the tool's own clock. Failed requests stand in the
 * arrays with zeros and a text in `errors`.
 */
import type { LatencyMetric } from '../../model/comparison';
import type { Definition, Level, ResultPart, SummaryStatistics } from '../../model/result';
import type { TimedRecord } from '../../model/record';
import { median } from '../../stats/quantile';
import { gapSummary, importedRecord, outcomeOfText, tpot } from '../imported-record';
import { amount, at, firstOf, isObject, list, word, type JsonObject } from '../json-values';
import { levelFromName } from '../level';
import {
  distribution,
  emptyPart,
  emptySummary,
  setLatency,
  Skipped,
  tooManyRecords,
  type Located,
  type Reading,
} from '../reading';
import { Refusal } from '../refusal';
import type { Source } from '../source';

export const isVllmBench = (value: unknown): boolean =>
  amount(at(value, 'completed')) !== null && amount(at(value, 'duration')) !== null && hasTtft(value);

const hasTtft = (value: unknown) =>
  isObject(value) && Object.keys(value).some((key) => key.endsWith('_ttft_ms') || key === 'ttfts');

/** `request_rate` is a number or the text "inf"; an unlimited rate is bounded by the concurrency. */
function levelOf(value: JsonObject): Level | null {
  const rate = amount(value['request_rate']);
  if (rate !== null && rate > 0) return { value: rate, unit: 'qps' };
  const concurrency = amount(value['max_concurrency']);
  return concurrency !== null && concurrency > 0 ? { value: concurrency, unit: 'concurrency' } : null;
}

const KEYS: readonly (readonly [LatencyMetric, string])[] = [
  ['ttft', 'ttft'],
  ['e2e', 'e2el'],
  ['tpot', 'tpot'],
  ['itl', 'itl'],
];

function summaryOf(value: JsonObject): SummaryStatistics {
  const summary = emptySummary();
  const made = amount(value['num_prompts']);
  summary.ok = amount(value['completed']);
  summary.failed =
    amount(value['failed']) ?? (made === null || summary.ok === null ? null : Math.max(0, made - summary.ok));
  summary.requests_per_second = amount(value['request_throughput']);
  summary.output_tokens_per_second = amount(value['output_throughput']);
  summary.prompt_tokens = amount(value['total_input_tokens']);
  summary.completion_tokens = amount(value['total_output_tokens']);
  for (const [metric, key] of KEYS) {
    const look = (name: string) => {
      const ms = firstOf(
        amount(value[`${name}_${key}_ms`]),
        name === 'p50' ? amount(value[`median_${key}_ms`]) : null,
      );
      // The tool writes zeros where nothing was measured, as for gaps of answers of one token.
      return ms === null || (ms === 0 && amount(value[`mean_${key}_ms`]) === 0) ? null : ms / 1000;
    };
    setLatency(summary, metric, distribution(metric === 'itl' ? null : summary.ok, look));
  }
  return summary;
}

/** The arrays of a detailed file as records; null where it has none, or where they do not fit together. */
function recordsOf(value: JsonObject, run: string): TimedRecord[] | null {
  const ttfts = list(value['ttfts']);
  const [errors, outputs, inputs] = [
    list(value['errors']),
    list(value['output_lens']),
    list(value['input_lens']),
  ];
  if (ttfts.length === 0 || errors.length !== ttfts.length || outputs.length !== ttfts.length) return null;
  const [latencies, starts, itls] = [
    list(value['latencies']),
    list(value['start_times']),
    list(value['itls']),
  ];
  return ttfts.map((told, index) => {
    const error = word(errors[index]);
    const tokens = amount(outputs[index]);
    const gaps = list(itls[index]).flatMap((gap) => amount(gap) ?? []);
    const answered = error === null && (tokens ?? 0) > 0;
    const ttft = answered ? amount(told) : null;
    const summed = ttft === null ? null : gaps.reduce((sum, gap) => sum + gap, ttft);
    const e2e = answered ? firstOf(amount(latencies[index]), summed) : null;
    const perToken = tpot(ttft, e2e, tokens);
    return importedRecord(run, index, {
      conversation: '',
      turn: 0,
      sent_at: amount(starts[index]) ?? index,
      ttft_ms: ttft === null ? null : ttft * 1000,
      e2e_ms: e2e === null ? null : e2e * 1000,
      tpot_ms: perToken === null ? null : perToken * 1000,
      itl_ms: answered ? gapSummary(gaps.map((gap) => gap * 1000)) : null,
      prompt_tokens: amount(inputs[index]),
      completion_tokens: answered ? tokens : null,
      outcome: error !== null ? outcomeOfText(error) : answered ? 'ok' : 'empty',
    });
  });
}

/**
 * This tool stops its clock at the first chunk. Where a server or proxy sends a chunk with the role alone at once, the real
 * wait lies in the first gap: far above the other gaps, and far above the TTFT.
 */
function ttftDefinition(value: JsonObject, records: readonly TimedRecord[] | null): Definition {
  const kind = `${word(value['endpoint_type']) ?? ''} ${word(value['backend']) ?? ''}`;
  if (!/chat/i.test(kind)) return 'first_content';
  if (records === null) return 'first_chunk';
  const gaps = list(value['itls']).map((gap) => list(gap).flatMap((one) => amount(one) ?? []));
  const first = median(gaps.flatMap((one) => one[0] ?? [])) ?? 0;
  const further = median(gaps.flatMap((one) => median(one.slice(1)) ?? [])) ?? 0;
  const ttft = median(records.flatMap((one) => one.ttft_ms ?? [])) ?? Infinity;
  return first > 5 * further && first * 1000 > 4 * ttft ? 'role_chunk' : 'first_chunk';
}

function partOf(value: JsonObject, source: Source): ResultPart {
  const records = recordsOf(value, source.name);
  const much = tooManyRecords(records?.length ?? 0);
  if (much !== null) throw new Refusal(much);
  const made = amount(value['num_prompts']);
  const ttft = ttftDefinition(value, records);
  return {
    ...emptyPart('vllm-bench', source.name),
    level: levelOf(value) ?? levelFromName(source.name),
    model: word(value['model_id']),
    records,
    summary: records === null ? summaryOf(value) : null,
    identity: records === null ? 'none' : 'prompts',
    clock: list(value['start_times']).length > 0 ? 'relative' : 'order',
    wall_seconds: amount(value['duration']),
    requests_missing: records === null || made === null ? 0 : Math.max(0, made - records.length),
    definitions: {
      ttft,
      e2e: 'stream_end',
      tpot: ttft === 'role_chunk' ? 'role_chunk' : 'per_decoded_token',
      itl: records === null ? 'all_gaps' : 'per_request_median_gap',
    },
    notes:
      ttft === 'role_chunk'
        ? ['Its TTFT is that of a chunk without text: the first token came one long gap later']
        : [],
  };
}

export async function readVllmBench(values: AsyncIterable<Located>, source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const parts: ResultPart[] = [];
  for await (const { value, line } of values) {
    if (isVllmBench(value)) parts.push(partOf(value as JsonObject, source));
    else skipped.add(line, 'not a result of vllm bench serve');
  }
  return { parts, unread: skipped.list() };
}
