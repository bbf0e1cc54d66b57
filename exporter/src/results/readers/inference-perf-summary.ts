/** inference-perf `stage_N_lifecycle_metrics.json` and `summary_…`: seconds, the median under its own name. */
import type { LatencyMetric } from '../../model/comparison';
import type { Level, ResultPart } from '../../model/result';
import { amount, at, isObject } from '../json-values';
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

export const isInferencePerfSummary = (value: unknown): boolean =>
  isObject(at(value, 'load_summary')) && isObject(at(value, 'successes'));

const METRICS: readonly (readonly [LatencyMetric, string])[] = [
  ['ttft', 'time_to_first_token'],
  ['e2e', 'request_latency'],
  ['tpot', 'time_per_output_token'],
  ['itl', 'inter_token_latency'],
];

/** With a concurrency, the requested rate is only the number of requests. */
function levelOf(value: unknown): Level | null {
  const concurrency = amount(at(value, 'load_summary', 'concurrency'));
  const rate = amount(at(value, 'load_summary', 'requested_rate'));
  if (concurrency !== null && concurrency > 0) return { value: concurrency, unit: 'concurrency' };
  return rate !== null && rate > 0 ? { value: rate, unit: 'qps' } : null;
}

function partOf(value: unknown, source: Source): ResultPart {
  const successes = at(value, 'successes');
  const summary = emptySummary();
  summary.ok = amount(at(successes, 'count'));
  summary.failed = amount(at(value, 'failures', 'count'));
  summary.requests_per_second = amount(at(successes, 'throughput', 'requests_per_sec'));
  summary.output_tokens_per_second = amount(at(successes, 'throughput', 'output_tokens_per_sec'));
  summary.prompt_tokens = amount(at(successes, 'prompt_tokens', 'total'));
  summary.completion_tokens = amount(at(successes, 'output_tokens', 'total'));
  for (const [metric, key] of METRICS) {
    const look = (name: string) => amount(at(successes, 'latency', key, name === 'p50' ? 'median' : name));
    setLatency(summary, metric, distribution(metric === 'itl' ? null : summary.ok, look));
  }
  return {
    ...emptyPart('inference-perf-summary', source.name),
    level: levelOf(value),
    summary,
    wall_seconds: amount(at(value, 'benchmark_time_seconds')),
    definitions: {
      ttft: 'first_content',
      e2e: 'stream_end',
      tpot: 'per_decoded_token',
      itl: 'per_token_gaps',
    },
  };
}

export async function readInferencePerfSummary(
  values: AsyncIterable<Located>,
  source: Source,
): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const parts: ResultPart[] = [];
  for await (const { value, line } of values) {
    if (isInferencePerfSummary(value)) parts.push(partOf(value, source));
    else skipped.add(line, 'not a report of inference-perf');
  }
  return { parts, unread: skipped.list() };
}
