/**
 * llm-d Benchmark Report 0.2.1: statistics of one stage. Latencies are in seconds and the hit rate is a fraction, as Prism reads
 * them so whatever `units` says. Percentiles are type 7, as everywhere in Taillight.
 */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { latencySeconds } from '../../compare/latency';
import type { LatencyMetric } from '../../model/comparison';
import type { TimedRecord } from '../../model/record';
import { VERSION } from '../../version';
import type { ExportPart } from './export-part';
import { statistics } from './statistics';

/** As llm-d-benchmark names its own, comma and version included. */
export const benchmarkReportFile = ({ stage }: ExportPart): string =>
  `benchmark_report_v0.2,_stage_${stage}.yaml`;

/** Every text in quotes: readers of YAML 1.1, as Python's, would take a time for a date, and some digests for numbers. */
export const benchmarkReportYaml = (part: ExportPart): string =>
  stringify(benchmarkReport(part), { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'PLAIN' });

const LATENCIES: readonly (readonly [string, LatencyMetric, string])[] = [
  ['time_to_first_token', 'ttft', 's'],
  ['time_per_output_token', 'tpot', 's/token'],
  ['inter_token_latency', 'itl', 's/token'],
  ['request_latency', 'e2e', 's'],
];

/** The report as a value. The schema has no place for what is not known, so that is left out. */
export function benchmarkReport(part: ExportPart) {
  const { result, target, stage, summary } = part;
  return {
    version: '0.2.1',
    run: {
      uid: digest([result.run, target, stage]),
      // Groups the stages of one run.
      eid: digest([result.run, target]),
      description: `${target}, run ${result.run}`,
      ...timeOf(part),
    },
    scenario: { ...stackOf(part), ...loadOf(part) },
    results: {
      request_performance: { aggregate: aggregateOf(part) },
      ...(typeof summary?.hit_rate?.measured === 'number' && {
        observability: {
          vllm_prefix_cache_hit_rate: { aggregated: { mean: summary.hit_rate.measured, units: 'fraction' } },
        },
      }),
    },
  };
}

const digest = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

function timeOf({ summary }: ExportPart) {
  const window = summary?.window ?? null;
  if (window === null) return {};
  const seconds = (Date.parse(window.end) - Date.parse(window.start)) / 1000;
  return { time: { ...window, duration: `PT${seconds.toFixed(3)}S` } };
}

/** An `inference_engine` would have to tell its accelerators and their parallelism, which nobody told us. */
function stackOf({ target, summary }: ExportPart) {
  const { engine, model, replicas } = summary ?? { engine: null, model: null, replicas: [] };
  if (!engine?.name || !engine.version) return {};
  const standardized = {
    kind: 'generic',
    tool: engine.name,
    tool_version: engine.version,
    ...(model !== null && { model: { name: model } }),
    ...(replicas.length > 0 && { replicas: replicas.length }),
  };
  const metadata = { label: target, cfg_id: digest(standardized) };
  return { stack: [{ metadata, standardized, native: {} }] };
}

/** Left out where no request told how long its prompt was, which the schema asks for. */
function loadOf({ result, level, stage, records }: ExportPart) {
  const { workload, source } = result;
  const lengths = tokens(records, 'prompt_tokens');
  const prompts = statistics(lengths, 'count');
  if (prompts === undefined) return {};
  const concurrency =
    level?.unit === 'concurrency'
      ? level.level
      : level === null && source === null
        ? workload.concurrency
        : null;
  const standardized = {
    tool: 'taillight',
    tool_version: VERSION,
    source: source === null && workload.documents_dir === null ? 'random' : 'sampled',
    stage,
    input_seq_len: {
      distribution: 'other',
      value: prompts['mean'],
      min: prompts['min'],
      max: prompts['max'],
    },
    ...(source === null && { output_seq_len: { distribution: 'fixed', value: workload.max_tokens } }),
    multi_turn: {
      enabled: workload.turns > 1,
      max_turns: { distribution: 'fixed', value: workload.turns },
    },
    ...(level?.unit === 'qps' && { rate_qps: level.level }),
    ...(concurrency !== null && { concurrency }),
  };
  const config = { ...workload };
  return {
    load: {
      metadata: { cfg_id: digest(config), description: source ?? `preset ${workload.preset}` },
      standardized,
      native: { config },
    },
  };
}

function aggregateOf({ records, summary }: ExportPart) {
  const answered = records.filter(({ outcome }) => outcome === 'ok');
  const latency = LATENCIES.map(([name, metric, units]) => {
    const values = answered.flatMap((record) => latencySeconds(record, metric) ?? []);
    return [name, statistics(values, units)] as const;
  });
  return {
    requests: {
      total: records.length,
      failures: records.length - answered.length,
      ...defined([
        ['input_length', statistics(tokens(answered, 'prompt_tokens'), 'count')],
        ['output_length', statistics(tokens(answered, 'completion_tokens'), 'count')],
      ]),
    },
    latency: defined(latency),
    throughput: defined([
      ['output_token_rate', rate(summary?.output_tokens_per_second, 'tokens/s')],
      ['request_rate', rate(summary?.requests_per_second, 'queries/s')],
    ]),
  };
}

const tokens = (records: readonly TimedRecord[], key: 'prompt_tokens' | 'completion_tokens'): number[] =>
  records.flatMap((record) => record[key] ?? []);

const rate = (value: number | null | undefined, units: string) =>
  value === null || value === undefined ? undefined : { units, mean: value };

const defined = <T>(entries: readonly (readonly [string, T | undefined])[]) =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));
