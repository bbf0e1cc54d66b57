/** One target by itself: everything in the comparison that needs no other side. */
import type { LatencyMetric, LatencySummary, TargetSummary } from '../model/comparison';
import { TURN_CLASSES, type Outcome, type TimedRecord, type TurnClass } from '../model/record';
import { bootstrapQuantiles, type Arm, type ResampleMemo, type Steps } from '../stats/bootstrap';
import { mean, quantile, sortedFinite } from '../stats/quantile';
import type { ComparisonOptions, TargetInput } from './input';
import { tokenFindings, type TokenFindings } from './hit-rate';
import {
  arm,
  inClass,
  latencySeconds,
  latencySummary,
  QUANTILE_VALUES,
  type SeriesKey,
  type SeriesMetric,
} from './latency';
import { answered, distinct, type Answered } from './pairing';

/** A target with what the pair comparisons need of it. */
export interface TargetFindings {
  input: TargetInput;
  /** Of the window, without warm-up and without records that bear no usable time. */
  records: TimedRecord[];
  summary: TargetSummary;
  hits: TokenFindings;
  answered: Answered;
  /** Of the answered requests: their arm, the ids of its clusters. */
  own: { arm: Arm; clusters: readonly string[]; requests: number };
}

type Latencies = Record<LatencyMetric, Record<TurnClass, LatencySummary>> & {
  generation: LatencySummary | undefined;
  token_rate: LatencySummary | undefined;
  own: TargetFindings['own'];
};

/** In one order whatever order they came in, so that the same records give the same comparison to the last byte. */
const countedRecords = (target: TargetInput): TimedRecord[] =>
  target.records
    .filter((record) => record.warmup !== true && Number.isFinite(record.sent_at))
    .sort((left, right) => left.sent_at - right.sent_at || (left.request_id < right.request_id ? -1 : 1));

/** What all parts of one comparison share. */
export interface Work {
  options: ComparisonOptions;
  keys: readonly SeriesKey[];
  memo: ResampleMemo;
}

export function* targetFindings(input: TargetInput, work: Work): Steps<TargetFindings> {
  const records = countedRecords(input);
  yield;
  const ok = answered(records);
  const conversations = distinct(ok.map((record) => record.conversation));
  yield;
  const latencies = yield* latencySummaries({ answers: ok, conversations }, work);
  const hits = yield* tokenFindings(input, records, work.options.shared_prefix_tokens);
  const { observation } = input;
  const span = windowSpan(records);
  const { imported } = input;
  const wall = imported?.wall_seconds ?? (imported?.clock === 'order' ? null : (span?.wall_seconds ?? null));
  const perSecond = (total: number | null) =>
    total === null || wall === null || wall <= 0 ? null : total / wall;
  const missing = missingOf(input, records);
  const summary: TargetSummary = {
    name: observation.name,
    role: input.role,
    up: observation.up,
    model: observation.model,
    engine: observation.engine,
    window:
      span === null || (imported ?? WALL).clock !== 'wall'
        ? null
        : { start: isoTime(span.start), end: isoTime(span.end) },
    conversations: new Set(records.map((record) => record.conversation)).size,
    samples: perClass((turn) => ok.filter((record) => inClass(record, turn)).length),
    ttft_seconds: latencies.ttft,
    e2e_seconds: latencies.e2e,
    tpot_seconds: latencies.tpot,
    itl_seconds: latencies.itl,
    ttft_by_turn_seconds: ttftByTurn(ok),
    outcomes: countOutcomes(records),
    ...(missing > 0 ? { requests_missing: missing } : {}),
    tokens: hits.tokens,
    requests_per_second: perSecond(ok.length > 0 ? ok.length : null),
    output_tokens_per_second: perSecond(hits.tokens.completion),
    ...(latencies.generation ? { generation_seconds: latencies.generation } : {}),
    ...(latencies.token_rate ? { token_rate: latencies.token_rate } : {}),
    hit_rate: hits.hit_rate,
    balance: observation.balance,
    replicas: observation.replicas,
  };
  yield;
  return { input, records, summary, hits, answered: { answers: ok, conversations }, own: latencies.own };
}

const WALL = { clock: 'wall' } as const;

/** Requests that an imported result is known to lack. Of our own measuring the window decides, beside the other target. */
function missingOf(
  { imported, requests_missing: told }: TargetInput,
  records: readonly TimedRecord[],
): number {
  if (imported === undefined) return 0;
  const workload = imported.workload?.requests ?? 0;
  return Math.max(0, told ?? 0, workload - records.length);
}

function* latencySummaries(found: Answered, { options, keys, memo }: Work): Steps<Latencies> {
  const [units, clusters] = clusterUnits(found);
  const drawn = yield* arm(units, clusters, keys, options.max_clusters);
  const intervals = yield* bootstrapQuantiles(drawn, { ...options, quantiles: QUANTILE_VALUES }, memo);
  const summaries = drawn.series.map((series, row) => latencySummary(series, intervals[row] ?? []));
  const row = (metric: SeriesMetric, turn: TurnClass) =>
    summaries[keys.findIndex((key) => key.metric === metric && key.turn === turn)];
  const of = (metric: LatencyMetric) => perClass((turn) => row(metric, turn) as LatencySummary);
  return {
    ttft: of('ttft'),
    e2e: of('e2e'),
    tpot: of('tpot'),
    itl: of('itl'),
    generation: row('generation', 'all'),
    token_rate: row('token_rate', 'all'),
    own: { arm: drawn, clusters, requests: units.length },
  };
}

/**
 * Conversations as clusters. A single conversation drawn again and again would give an interval of width zero, so then each
 * request stands for itself.
 */
function clusterUnits({ answers, conversations }: Answered): [readonly TimedRecord[], readonly string[]] {
  if (conversations.length > 1) return [answers, conversations];
  const single = [...answers]
    .sort((left, right) => left.sent_at - right.sent_at || left.turn - right.turn)
    .map((record, index) => ({ ...record, conversation: String(index) }));
  return [single, single.map((record) => record.conversation)];
}

const perClass = <T>(of: (turn: TurnClass) => T) =>
  Object.fromEntries(TURN_CLASSES.map((turn) => [turn, of(turn)])) as Record<TurnClass, T>;

function ttftByTurn(ok: readonly TimedRecord[]): TargetSummary['ttft_by_turn_seconds'] {
  const byTurn = new Map<number, number[]>();
  for (const record of ok) {
    const value = record.turn > 0 ? latencySeconds(record, 'ttft') : null;
    if (value === null) continue;
    const same = byTurn.get(record.turn);
    if (same === undefined) byTurn.set(record.turn, [value]);
    else same.push(value);
  }
  return [...byTurn]
    .flatMap(([turn, unsorted]) => {
      const values = sortedFinite(unsorted);
      const [p50, average] = [quantile(values, 0.5), mean(values)];
      return p50 === null || average === null ? [] : [{ turn, n: values.length, p50, mean: average }];
    })
    .sort((left, right) => left.turn - right.turn);
}

function countOutcomes(records: readonly TimedRecord[]): Partial<Record<Outcome, number>> {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of records) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}

export interface WindowSpan {
  /** Unix seconds at which the first and the last request were sent. */
  start: number;
  end: number;
  /** From the first request to the last answer. */
  wall_seconds: number;
}

export function windowSpan(records: readonly TimedRecord[]): WindowSpan | null {
  if (records.length === 0) return null;
  let [start, end, done] = [Infinity, -Infinity, -Infinity];
  for (const record of records) {
    start = Math.min(start, record.sent_at);
    end = Math.max(end, record.sent_at);
    done = Math.max(done, record.sent_at + (latencySeconds(record, 'e2e') ?? 0));
  }
  return { start, end, wall_seconds: done - start };
}

/** The range that Date can hold, in seconds. */
const LAST_INSTANT = 8.64e12;

const isoTime = (unixSeconds: number) =>
  new Date(Math.min(LAST_INSTANT, Math.max(-LAST_INSTANT, unixSeconds)) * 1000).toISOString();

/** Requests that did not end well, or of which an imported result has no trace. */
export const failedCount = (summary: TargetSummary) =>
  Object.entries(summary.outcomes).reduce(
    (sum, [outcome, n]) => sum + (outcome === 'ok' ? 0 : n),
    summary.requests_missing ?? 0,
  );

/** All requests of the window, answered or not. */
export const requestCount = (summary: TargetSummary) =>
  Object.values(summary.outcomes).reduce((sum, n) => sum + n, summary.requests_missing ?? 0);

/** Share of requests that failed; null without any request. */
export function failedShare(summary: TargetSummary): number | null {
  const requests = requestCount(summary);
  return requests === 0 ? null : failedCount(summary) / requests;
}
