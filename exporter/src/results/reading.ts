/** What a reader is given and gives. */
import type { LatencyMetric } from '../model/comparison';
import type { Distribution, ResultFormat, ResultPart, SummaryStatistics, Unread } from '../model/result';
import type { TargetObservation } from '../model/observation';
import type { Source } from './source';

/** A JSON or YAML value of a file: the whole document, or one line of it. */
export interface Located {
  value: unknown;
  line: number;
}

export interface Reading {
  parts: ResultPart[];
  unread: Unread[];
  /** Of a file that tells about the servers of the results beside it. */
  observations?: TargetObservation[];
}

/** Reads values one after the other; `first` has been looked at already and comes again in `values`. */
export type ValueReader = (values: AsyncIterable<Located>, source: Source) => Promise<Reading>;
export type TextReader = (source: Source) => Promise<Reading>;

/** A part of which nothing is known yet but where it stands. */
export const emptyPart = (format: ResultFormat, file: string): ResultPart => ({
  format,
  file,
  target: null,
  workload: null,
  level: null,
  model: null,
  engine: { name: null, version: null },
  replica_count: null,
  gpu_model: null,
  observation: null,
  definitions: {},
  records: null,
  summary: null,
  identity: 'none',
  clock: 'order',
  wall_seconds: null,
  requests_missing: 0,
  notes: [],
});

export const emptySummary = (): SummaryStatistics => ({
  ok: null,
  failed: null,
  latencies: { ttft: {}, e2e: {}, tpot: {}, itl: {} },
  ttft_by_turn: [],
  requests_per_second: null,
  output_tokens_per_second: null,
  prompt_tokens: null,
  completion_tokens: null,
});

/** A distribution by a function that looks up each statistic (seconds); undefined where it has no percentile and no mean. */
export function distribution(
  n: number | null,
  look: (name: Exclude<keyof Distribution, 'n'>) => number | null,
): Distribution | undefined {
  const values = { mean: look('mean'), min: look('min'), max: look('max') };
  const percentiles = { p50: look('p50'), p90: look('p90'), p95: look('p95'), p99: look('p99') };
  const told = [...Object.values(percentiles), values.mean].some((value) => value !== null);
  return told ? { n, ...values, ...percentiles } : undefined;
}

export const setLatency = (
  summary: SummaryStatistics,
  metric: LatencyMetric,
  found: Distribution | undefined,
): void => {
  if (found !== undefined) summary.latencies[metric].all = found;
};

/** Lines of one file that could not be used; beyond the first few only their number is kept. */
export class Skipped {
  private readonly kept: Unread[] = [];
  private more = 0;

  constructor(private readonly file: string) {}

  add(line: number | null, reason: string): void {
    if (this.kept.length < 5) this.kept.push({ file: this.file, line, reason });
    else this.more += 1;
  }

  list(): Unread[] {
    if (this.more === 0) return this.kept;
    return [
      ...this.kept,
      { file: this.file, line: null, reason: `${this.more} more lines could not be used` },
    ];
  }
}

/** More requests than this in one result do not fit into memory together. */
const MAX_RECORDS = 1_000_000;

export const tooManyRecords = (count: number): string | null =>
  count <= MAX_RECORDS ? null : `more than ${MAX_RECORDS.toLocaleString('en').replaceAll(',', ' ')} requests`;
