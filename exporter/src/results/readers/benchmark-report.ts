/**
 * llm-d Benchmark Report 0.1, 0.2, 0.2.1 (YAML or JSON): one stage of one run, summaries only. Every statistic tells its
 * `units`, which differ between reports and even inside one; those that tell none are not used.
 */
import type { LatencyMetric } from '../../model/comparison';
import type { Definitions, Level, ResultPart } from '../../model/result';
import { amount, at, finite, firstOf, isObject, list, word } from '../json-values';
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

export const isBenchmarkReport = (value: unknown): boolean =>
  isObject(at(value, 'results', 'request_performance')) ||
  (isObject(at(value, 'metrics', 'latency')) && isObject(at(value, 'metrics', 'requests')));

const METRICS: readonly (readonly [LatencyMetric, string])[] = [
  ['ttft', 'time_to_first_token'],
  ['e2e', 'request_latency'],
  ['tpot', 'time_per_output_token'],
  ['itl', 'inter_token_latency'],
];

/** The report takes the numbers over from a tool; what they mean is that tool's matter. */
const OF_TOOL: readonly (readonly [RegExp, Definitions])[] = [
  [
    /inference-perf/i,
    { ttft: 'first_content', e2e: 'stream_end', tpot: 'per_decoded_token', itl: 'per_token_gaps' },
  ],
  [
    /^taillight$/,
    { ttft: 'first_token', e2e: 'last_token', tpot: 'per_decoded_token', itl: 'per_request_median_gap' },
  ],
  [/guidellm/i, { ttft: 'first_token', e2e: 'stream_end' }],
  [
    /vllm|inferencemax/i,
    { ttft: 'first_chunk', e2e: 'stream_end', tpot: 'per_decoded_token', itl: 'all_gaps' },
  ],
  [/aiperf/i, { ttft: 'first_token', e2e: 'last_token', itl: 'all_gaps' }],
  [/lmbench|fmperf/i, { ttft: 'first_content', e2e: 'stream_end' }],
];

const UNTOLD: Definitions = {
  ttft: 'told_by_report',
  e2e: 'told_by_report',
  tpot: 'told_by_report',
  itl: 'told_by_report',
};

/** The name of the tool, or of the run that a tool wrote itself (`inference-perf-stage-0-…`). */
const toolOf = (value: unknown) =>
  firstOf(
    word(at(value, 'scenario', 'load', 'standardized', 'tool')),
    word(at(value, 'scenario', 'load', 'name')),
    word(at(value, 'run', 'uid')),
  ) ?? '';

function levelOf(value: unknown): Level | null {
  const load = at(value, 'scenario', 'load');
  const rate = firstOf(amount(at(load, 'standardized', 'rate_qps')), amount(at(load, 'args', 'qps_values')));
  const concurrency = amount(at(load, 'standardized', 'concurrency'));
  if (rate !== null && rate > 0) return { value: rate, unit: 'qps' };
  return concurrency !== null && concurrency > 0 ? { value: concurrency, unit: 'concurrency' } : null;
}

/** `PT1H2M12.5S` */
function durationSeconds(text: string | null): number | null {
  const found = /^P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text ?? '');
  if (found === null || text === null || text.length < 3) return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** The engines that a report names; replicas are their sum where all tell. */
function serversOf(value: unknown): Pick<ResultPart, 'model' | 'engine' | 'replica_count' | 'gpu_model'> {
  const stack = list(at(value, 'scenario', 'stack'))
    .map((one) => at(one, 'standardized'))
    .filter((one) => at(one, 'kind') === 'inference_engine');
  const old = list(at(value, 'scenario', 'platform', 'engine'));
  const accelerators = list(at(value, 'scenario', 'host', 'accelerator'));
  const replicas = stack.map((one) => amount(at(one, 'replicas')));
  const version = firstOf(word(at(stack[0], 'tool_version')), word(at(old[0], 'version')));
  return {
    model: firstOf(word(at(stack[0], 'model', 'name')), word(at(value, 'scenario', 'model', 'name'))),
    engine: { name: firstOf(word(at(stack[0], 'tool')), word(at(old[0], 'name'))), version },
    replica_count:
      replicas.length > 0 && replicas.every((count) => count !== null)
        ? replicas.reduce<number>((sum, count) => sum + (count ?? 0), 0)
        : null,
    gpu_model: firstOf(word(at(stack[0], 'accelerator', 'model')), word(at(accelerators[0], 'model'))),
  };
}

/** Rates are statistics with units in 0.2, bare numbers whose unit is in the name in 0.1. */
function rate(aggregate: unknown, name: string, old: string, units: readonly string[]): number | null {
  const told = at(aggregate, 'throughput', name);
  if (isObject(told)) return units.includes(word(told['units']) ?? '') ? amount(told['mean']) : null;
  return amount(at(aggregate, 'throughput', old));
}

const times = (count: number | null, each: number | null) =>
  count === null || each === null ? null : Math.round(count * each);

function partOf(value: unknown, source: Source): ResultPart {
  const newer = at(value, 'results', 'request_performance', 'aggregate');
  const aggregate = isObject(newer) ? newer : at(value, 'metrics');
  const summary = emptySummary();
  const total = amount(at(aggregate, 'requests', 'total'));
  summary.failed = amount(at(aggregate, 'requests', 'failures'));
  summary.ok = total === null ? null : Math.max(0, total - (summary.failed ?? 0));
  summary.requests_per_second = rate(aggregate, 'request_rate', 'requests_per_sec', [
    'queries/s',
    'requests/s',
  ]);
  summary.output_tokens_per_second = rate(aggregate, 'output_token_rate', 'output_tokens_per_sec', [
    'tokens/s',
  ]);
  summary.prompt_tokens = times(summary.ok, amount(at(aggregate, 'requests', 'input_length', 'mean')));
  summary.completion_tokens = times(summary.ok, amount(at(aggregate, 'requests', 'output_length', 'mean')));
  const notes: string[] = [];
  for (const [metric, key] of METRICS) {
    const told = at(aggregate, 'latency', key);
    const units = at(told, 'units');
    if (isObject(told) && toSeconds(1, units) === null)
      notes.push(`${key} is left out: its units are ${word(units) ?? 'not told'}`);
    const look = (name: string) => toSeconds(amount(at(told, name)), units);
    setLatency(summary, metric, distribution(metric === 'itl' ? null : summary.ok, look));
  }
  const tool = toolOf(value);
  return {
    ...emptyPart('benchmark-report', source.name),
    ...serversOf(value),
    level: levelOf(value),
    summary,
    wall_seconds: firstOf(
      durationSeconds(word(at(value, 'run', 'time', 'duration'))),
      amount(finite(at(aggregate, 'time', 'duration'))),
    ),
    definitions: { ...UNTOLD, ...(OF_TOOL.find(([pattern]) => pattern.test(tool))?.[1] ?? {}) },
    notes,
  };
}

export async function readBenchmarkReport(values: AsyncIterable<Located>, source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const parts: ResultPart[] = [];
  for await (const { value, line } of values) {
    if (isBenchmarkReport(value)) parts.push(partOf(value, source));
    else skipped.add(line, 'not a Benchmark Report');
  }
  return { parts, unread: skipped.list() };
}
