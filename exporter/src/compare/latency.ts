/** From records to latency summaries: which value a record gives for which metric, and what percentiles these have. */
import {
  LATENCY_METRICS,
  QUANTILE_NAMES,
  QUANTILES,
  type LatencyMetric,
  type LatencySummary,
} from '../model/comparison';
import { TURN_CLASSES, turnClass, type TimedRecord, type TurnClass } from '../model/record';
import type { Arm, Interval, Steps } from '../stats/bootstrap';
import { mean, quantile } from '../stats/quantile';
import { createRandom } from '../stats/random';
import { ascendingOrder, seriesInOrder, type ClusteredSeries } from '../stats/resampled-quantiles';

/** The quantiles of QUANTILE_NAMES, in that order. */
export const QUANTILE_VALUES: readonly number[] = QUANTILE_NAMES.map((name) => QUANTILES[name]);

/** Imported results are also compared by generation time (last - first token) and token rate (tokens in that time). */
export type SeriesMetric = LatencyMetric | 'generation' | 'token_rate';

export interface SeriesKey {
  metric: SeriesMetric;
  turn: TurnClass;
}

/** Every metric of every class: the order of the series of an arm. */
export const SERIES_KEYS: readonly SeriesKey[] = LATENCY_METRICS.flatMap((metric) =>
  TURN_CLASSES.map((turn) => ({ metric, turn })),
);

/** The same of imported results. */
export const IMPORTED_SERIES_KEYS: readonly SeriesKey[] = [
  ...SERIES_KEYS,
  { metric: 'generation', turn: 'all' },
  { metric: 'token_rate', turn: 'all' },
];

/**
 * The value of a metric in seconds; null where the request has none. Only answered requests have latencies: a request that
 * broke off after its first token counts as failed. The inter-token latency of a request is the median of its gaps.
 */
export function latencySeconds(record: TimedRecord, metric: LatencyMetric): number | null {
  const ms = metric === 'itl' ? (record.itl_ms?.p50 ?? null) : record[`${metric}_ms`];
  return record.outcome === 'ok' && ms !== null && Number.isFinite(ms) && ms >= 0 ? ms / 1000 : null;
}

/** Seconds; tokens per second for the token rate. */
function seriesValue(record: TimedRecord, metric: SeriesMetric): number | null {
  if (metric !== 'generation' && metric !== 'token_rate') return latencySeconds(record, metric);
  const [ttft, e2e] = [latencySeconds(record, 'ttft'), latencySeconds(record, 'e2e')];
  if (ttft === null || e2e === null || e2e < ttft) return null;
  if (metric === 'generation') return e2e - ttft;
  const tokens = record.completion_tokens ?? 0;
  return tokens <= 0 || e2e === ttft ? null : tokens / (e2e - ttft);
}

export const inClass = (record: TimedRecord, turn: TurnClass) =>
  turn === 'all' || (record.turn > 0 && turnClass(record.turn) === turn);

/**
 * An arm of the bootstrap, a step per series. `clusterIds` in a fixed order makes cluster i the same conversation in both arms;
 * records of other conversations are left out. More than `most` conversations are dealt at random, the same way in every arm,
 * into as many groups of equal size, which are then drawn as one (the method of random groups).
 */
export function* arm(
  records: readonly TimedRecord[],
  clusterIds: readonly string[],
  keys: readonly SeriesKey[] = SERIES_KEYS,
  most = Infinity,
): Steps<Arm> {
  const places = clusterIds.length > most ? dealt(clusterIds.length, most) : null;
  const count = Math.min(clusterIds.length, most);
  const found = placed(records, new Map(clusterIds.map((id, index) => [id, places?.[index] ?? index])));
  const series: ClusteredSeries[] = [];
  let sorted: SortedValues | null = null;
  for (const { metric, turn } of keys) {
    // The classes of a metric follow one another: its values are sorted once.
    if (sorted?.metric !== metric) sorted = sortedValues(found, metric);
    const { order, values, clusters, classes } = sorted;
    const wanted = turn === 'all' ? null : TURN_CLASSES.indexOf(turn);
    const own = wanted === null ? order : order.filter((place) => classes[place] === wanted);
    series.push(seriesInOrder(own, values, clusters, count));
    yield;
  }
  return { clusters: count, series };
}

/** Records that have a cluster, with its number and that of their class in TURN_CLASSES (255 where the turn is not known). */
interface Placed {
  records: TimedRecord[];
  clusters: Uint32Array;
  classes: Uint8Array;
}

const NO_CLASS = 255;

function placed(records: readonly TimedRecord[], indexOf: ReadonlyMap<string, number>): Placed {
  const found = {
    records: [] as TimedRecord[],
    clusters: new Uint32Array(records.length),
    classes: new Uint8Array(records.length),
  };
  for (const record of records) {
    const cluster = indexOf.get(record.conversation);
    if (cluster === undefined) continue;
    const at = found.records.push(record) - 1;
    found.clusters[at] = cluster;
    found.classes[at] = record.turn > 0 ? TURN_CLASSES.indexOf(turnClass(record.turn)) : NO_CLASS;
  }
  return found;
}

interface SortedValues extends Omit<Placed, 'records'> {
  metric: SeriesMetric;
  values: Float64Array;
  order: Uint32Array;
}

function sortedValues({ records, clusters, classes }: Placed, metric: SeriesMetric): SortedValues {
  const found = {
    metric,
    values: new Float64Array(records.length),
    clusters: new Uint32Array(records.length),
    classes: new Uint8Array(records.length),
  };
  let count = 0;
  for (const [at, record] of records.entries()) {
    const value = seriesValue(record, metric);
    if (value === null) continue;
    found.values[count] = value;
    found.clusters[count] = clusters[at] as number;
    found.classes[count] = classes[at] as number;
    count += 1;
  }
  return { ...found, order: ascendingOrder(found.values.subarray(0, count)) };
}

/** A group for each of `length` places: shuffled (Fisher-Yates, always the same way), then dealt out in turn. */
function dealt(length: number, groups: number): Uint32Array {
  const random = createRandom(length);
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order.map((place) => place % groups);
}

/** Percentiles with their intervals, whatever n is: readers grey those below the minimum. Null only without any value. */
export function latencySummary(
  series: ClusteredSeries,
  intervals: readonly (Interval | null)[],
): LatencySummary {
  const { values } = series;
  const estimates = QUANTILE_NAMES.map((name, column) => {
    const estimate = quantile(values, QUANTILES[name]);
    const interval = intervals[column] ?? { lower: null, upper: null };
    const found = estimate === null ? null : { estimate, ...interval };
    return [name, found === null ? null : { ...found, n: values.length }] as const;
  });
  return {
    ...(Object.fromEntries(estimates) as Pick<LatencySummary, (typeof QUANTILE_NAMES)[number]>),
    mean: mean(values),
    min: values[0] ?? null,
    max: values.at(-1) ?? null,
  };
}
