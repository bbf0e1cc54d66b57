/**
 * GuideLLM `benchmarks.json`, versions 1 (settings under `args`) and 2 (`config`). One file holds all levels. Milliseconds in
 * names that end so, but `request_latency` is seconds. Zero-filled groups of metrics mean that nothing was measured, -1 that
 * it was not measured.
 */
import type { LatencyMetric } from '../../model/comparison';
import type { Level, ResultPart, SummaryStatistics } from '../../model/result';
import type { Outcome, TimedRecord } from '../../model/record';
import { importedRecord, outcomeOfText } from '../imported-record';
import { amount, at, finite, firstOf, isObject, list, word } from '../json-values';
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

export const isGuidellm = (value: unknown): boolean =>
  list(at(value, 'benchmarks')).some(
    (one) => isObject(at(one, 'metrics')) && at(one, 'metrics', 'time_to_first_token_ms') !== undefined,
  );

/** Where the versions keep a benchmark's strategy and the whole file's settings. */
const strategyOf = (benchmark: unknown) =>
  [
    ['config', 'strategy'],
    ['args', 'strategy'],
    ['scheduler', 'strategy'],
  ]
    .map((path) => at(benchmark, ...path))
    .find(isObject);

function levelOf(benchmark: unknown): Level | null {
  const strategy = strategyOf(benchmark);
  const kind = word(at(strategy, 'type_')) ?? '';
  const rate = amount(at(strategy, 'rate'));
  const streams = firstOf(amount(at(strategy, 'streams')), amount(at(strategy, 'max_concurrency')));
  if ((kind === 'constant' || kind === 'poisson') && rate !== null && rate > 0)
    return { value: rate, unit: 'qps' };
  if (kind === 'synchronous') return { value: 1, unit: 'concurrency' };
  if (kind === 'concurrent' && streams !== null && streams > 0)
    return { value: streams, unit: 'concurrency' };
  return null;
}

const modelOf = (value: unknown, benchmark: unknown) =>
  firstOf(
    word(at(benchmark, 'config', 'backend', 'model')),
    word(at(value, 'config', 'spec', 'backend', 'model')),
    word(at(value, 'args', 'model')),
    word(at(benchmark, 'args', 'model')),
  );

const GROUPS = ['successful', 'errored'] as const;

/** A request without a turn index is of no conversation that we know of. */
function recordOf(one: unknown, group: (typeof GROUPS)[number], run: string, index: number): TimedRecord {
  const timings = at(one, 'info', 'timings');
  const ms = (key: string) => amount(at(one, key));
  const answered = group === 'successful' && (amount(at(one, 'output_tokens')) ?? 1) > 0;
  const turn = amount(at(one, 'info', 'turn_index'));
  const conversation = word(at(one, 'info', 'conversation_id'));
  const latency = ms('request_latency');
  const outcome: Outcome =
    group === 'errored' ? outcomeOfText(word(at(one, 'info', 'error')) ?? '') : answered ? 'ok' : 'empty';
  return importedRecord(run, index, {
    conversation: conversation ?? '',
    turn: turn === null || conversation === null ? 0 : turn + 1,
    sent_at:
      firstOf(
        amount(at(timings, 'request_start')),
        amount(at(one, 'request_start_time')),
        amount(at(one, 'start_time')),
      ) ?? index,
    // Older versions write 0 where no token came.
    ttft_ms: answered ? ms('time_to_first_token_ms') || null : null,
    e2e_ms: answered && latency !== null ? latency * 1000 : null,
    tpot_ms: answered ? ms('inter_token_latency_ms') : null,
    prompt_tokens: group === 'errored' ? null : amount(at(one, 'prompt_tokens')),
    cached_tokens: firstOf(
      amount(at(one, 'cached_tokens')),
      amount(at(one, 'input_metrics', 'cached_tokens')),
    ),
    completion_tokens: answered ? amount(at(one, 'output_tokens')) : null,
    outcome,
  });
}

/** All requests of a benchmark; null where the file holds only a sample of them. */
function recordsOf(benchmark: unknown, run: string): TimedRecord[] | null {
  const groups = GROUPS.map((group) => list(at(benchmark, 'requests', group)));
  const made = at(benchmark, 'scheduler_metrics', 'requests_made');
  const complete = GROUPS.every((group, index) => {
    const told = firstOf(amount(at(made, group)), amount(at(benchmark, 'metrics', 'request_totals', group)));
    return told === null || told === groups[index]?.length;
  });
  if (!complete || groups.every((group) => group.length === 0)) return null;
  return groups
    .flatMap((group, index) => group.map((one) => [one, GROUPS[index] ?? 'successful'] as const))
    .map(([one, group], index) => recordOf(one, group, run, index));
}

const METRICS: readonly (readonly [LatencyMetric, string, number])[] = [
  ['ttft', 'time_to_first_token_ms', 1000],
  ['e2e', 'request_latency', 1],
  ['tpot', 'inter_token_latency_ms', 1000],
];

function summaryOf(benchmark: unknown): SummaryStatistics {
  const summary = emptySummary();
  const metrics = at(benchmark, 'metrics');
  const totals = at(metrics, 'request_totals');
  summary.ok = amount(at(totals, 'successful'));
  summary.failed = amount(at(totals, 'errored'));
  summary.requests_per_second = amount(at(metrics, 'requests_per_second', 'successful', 'mean'));
  summary.output_tokens_per_second = amount(at(metrics, 'output_tokens_per_second', 'successful', 'mean'));
  summary.prompt_tokens = amount(at(metrics, 'prompt_token_count', 'successful', 'total_sum'));
  summary.completion_tokens = amount(at(metrics, 'output_token_count', 'successful', 'total_sum'));
  for (const [metric, key, perSecond] of METRICS) {
    const group = at(metrics, key, 'successful');
    const count = amount(at(group, 'count'));
    if (count === 0) continue;
    const look = (name: string) => {
      const found = amount(at(group, ...(name.startsWith('p') ? ['percentiles', name] : [name])));
      return found === null ? null : found / perSecond;
    };
    // The count of the token metrics is one of tokens, not of requests.
    setLatency(summary, metric, distribution(metric === 'tpot' ? summary.ok : count, look));
  }
  return summary;
}

function notesOf(benchmark: unknown): string[] {
  const incomplete = amount(at(benchmark, 'scheduler_metrics', 'requests_made', 'incomplete')) ?? 0;
  return incomplete === 0
    ? []
    : [`${incomplete} requests were neither answered nor failed when the measurement ended`];
}

function partOf(value: unknown, benchmark: unknown, source: Source): ResultPart {
  const records = recordsOf(benchmark, source.name);
  const much = tooManyRecords(records?.length ?? 0);
  if (much !== null) throw new Refusal(much);
  const singles = records?.every((record) => record.turn <= 1) ?? false;
  const wall = firstOf(
    amount(at(benchmark, 'duration')),
    difference(at(benchmark, 'end_time'), at(benchmark, 'start_time')),
  );
  return {
    ...emptyPart('guidellm', source.name),
    level: levelOf(benchmark),
    model: modelOf(value, benchmark),
    records,
    summary: records === null ? summaryOf(benchmark) : null,
    // Its conversation ids are random in every run; single prompts can still be told by their order.
    identity: singles ? 'prompts' : 'none',
    clock: 'wall',
    wall_seconds: wall,
    definitions: {
      ttft: 'first_token',
      e2e: 'stream_end',
      // The percentiles of its summary are weighted by tokens.
      tpot: records === null ? 'told_by_report' : 'per_decoded_token',
    },
    notes: notesOf(benchmark),
  };
}

function difference(end: unknown, start: unknown): number | null {
  const [last, first] = [finite(end), finite(start)];
  return last === null || first === null || last <= first ? null : last - first;
}

export async function readGuidellm(values: AsyncIterable<Located>, source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const parts: ResultPart[] = [];
  for await (const { value, line } of values) {
    const benchmarks = list(at(value, 'benchmarks'));
    if (benchmarks.length === 0) skipped.add(line, 'holds no benchmark');
    for (const benchmark of benchmarks) {
      const part = partOf(value, benchmark, source);
      if (part.records !== null || part.summary?.ok !== null) parts.push(part);
      else skipped.add(line, 'a benchmark without requests and without counts');
    }
  }
  return { parts, unread: skipped.list() };
}
