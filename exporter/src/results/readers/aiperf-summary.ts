/** AIPerf `profile_export_aiperf.json`: each metric a top-level key with its `unit`. */
import type { LatencyMetric } from '../../model/comparison';
import type { Level, ResultPart } from '../../model/result';
import { amount, at, firstOf, list, word } from '../json-values';
import { levelFromName } from '../level';
import {
  distribution,
  emptyPart,
  emptySummary,
  setLatency,
  Skipped,
  type Located,
  type Reading,
} from '../reading';
import type { Source } from '../source';
import { toSeconds } from '../units';

export const isAiperfSummary = (value: unknown): boolean =>
  word(at(value, 'time_to_first_token', 'unit')) !== null ||
  word(at(value, 'request_latency', 'unit')) !== null;

const METRICS: readonly (readonly [LatencyMetric, string])[] = [
  ['ttft', 'time_to_first_token'],
  ['e2e', 'request_latency'],
  ['tpot', 'inter_token_latency'],
  ['itl', 'inter_chunk_latency'],
];

/** The profiling phase's load: phases of newer versions, `loadgen` of older ones. */
function levelOf(value: unknown): Level | null {
  const input = at(value, 'input_config');
  const phase = list(at(input, 'phases')).find((one) => at(one, 'kind') !== 'warmup');
  const rate = firstOf(
    amount(at(phase, 'request_rate')),
    amount(at(phase, 'rate')),
    amount(at(input, 'loadgen', 'request_rate')),
  );
  const concurrency = firstOf(amount(at(phase, 'concurrency')), amount(at(input, 'loadgen', 'concurrency')));
  if (rate !== null && rate > 0) return { value: rate, unit: 'qps' };
  return concurrency !== null && concurrency > 0 ? { value: concurrency, unit: 'concurrency' } : null;
}

const modelOf = (value: unknown) =>
  firstOf(
    word(at(list(at(value, 'input_config', 'models', 'items'))[0], 'name')),
    word(list(at(value, 'input_config', 'endpoint', 'model_names'))[0]),
  );

function partOf(value: unknown, source: Source): ResultPart {
  const summary = emptySummary();
  summary.ok = amount(at(value, 'request_count', 'avg'));
  summary.failed = amount(at(value, 'error_request_count', 'avg')) ?? (summary.ok === null ? null : 0);
  summary.requests_per_second = amount(at(value, 'request_throughput', 'avg'));
  summary.output_tokens_per_second = amount(at(value, 'output_token_throughput', 'avg'));
  summary.prompt_tokens = firstOf(
    amount(at(value, 'total_usage_prompt_tokens', 'avg')),
    amount(at(value, 'total_isl', 'avg')),
  );
  summary.completion_tokens = firstOf(
    amount(at(value, 'total_usage_completion_tokens', 'avg')),
    amount(at(value, 'total_osl', 'avg')),
  );
  for (const [metric, key] of METRICS) {
    const unit = at(value, key, 'unit');
    const look = (name: string) => toSeconds(amount(at(value, key, name === 'mean' ? 'avg' : name)), unit);
    const count = firstOf(amount(at(value, key, 'count')), summary.ok);
    setLatency(summary, metric, distribution(metric === 'itl' ? null : count, look));
  }
  const wall = at(value, 'benchmark_duration');
  return {
    ...emptyPart('aiperf-summary', source.name),
    level: levelOf(value) ?? levelFromName(source.name),
    model: modelOf(value),
    summary,
    wall_seconds: toSeconds(amount(at(wall, 'avg')), at(wall, 'unit')),
    definitions: { ttft: 'first_token', e2e: 'last_token', tpot: 'per_decoded_token', itl: 'all_gaps' },
  };
}

export async function readAiperfSummary(values: AsyncIterable<Located>, source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const parts: ResultPart[] = [];
  for await (const { value, line } of values) {
    if (isAiperfSummary(value)) parts.push(partOf(value, source));
    else skipped.add(line, 'not a summary of AIPerf');
  }
  return { parts, unread: skipped.list() };
}
