/** From records to latency summaries: which value a record gives for which metric, and what percentiles these have. */
import {
  LATENCY_METRICS,
  QUANTILE_NAMES,
  QUANTILES,
  type LatencyMetric,
  type LatencySummary,
} from '../model/comparison';
import { TURN_CLASSES, turnClass, type TimedRecord, type TurnClass } from '../model/record';
import {
  clusteredSeries,
  type Arm,
  type ClusteredSeries,
  type Interval,
  type Steps,
} from '../stats/bootstrap';
import { mean, quantile } from '../stats/quantile';

/** The quantiles of QUANTILE_NAMES, in that order. */
export const QUANTILE_VALUES: readonly number[] = QUANTILE_NAMES.map((name) => QUANTILES[name]);

export interface SeriesKey {
  metric: LatencyMetric;
  turn: TurnClass;
}

/** Every metric of every class: the order of the series of an arm. */
export const SERIES_KEYS: readonly SeriesKey[] = LATENCY_METRICS.flatMap((metric) =>
  TURN_CLASSES.map((turn) => ({ metric, turn })),
);

/**
 * The value of a metric in seconds; null where the request has none. Only answered requests have latencies: a request that
 * broke off after its first token counts as failed. The inter-token latency of a request is the median of its gaps.
 */
export function latencySeconds(record: TimedRecord, metric: LatencyMetric): number | null {
  const ms = metric === 'itl' ? (record.itl_ms?.p50 ?? null) : record[`${metric}_ms`];
  return record.outcome === 'ok' && ms !== null && Number.isFinite(ms) && ms >= 0 ? ms / 1000 : null;
}

export const inClass = (record: TimedRecord, turn: TurnClass) =>
  turn === 'all' || (record.turn > 0 && turnClass(record.turn) === turn);

/**
 * An arm of the bootstrap, a step per series. `clusterIds` in a fixed order makes cluster i the same conversation in both arms;
 * records of other conversations are left out.
 */
export function* arm(records: readonly TimedRecord[], clusterIds: readonly string[]): Steps<Arm> {
  const indexOf = new Map(clusterIds.map((id, index) => [id, index]));
  const series: ClusteredSeries[] = [];
  for (const { metric, turn } of SERIES_KEYS) {
    const values: number[] = [];
    const clusters: number[] = [];
    for (const record of records) {
      const cluster = indexOf.get(record.conversation);
      const value = inClass(record, turn) ? latencySeconds(record, metric) : null;
      if (cluster === undefined || value === null) continue;
      values.push(value);
      clusters.push(cluster);
    }
    series.push(clusteredSeries(values, clusters, clusterIds.length));
    yield;
  }
  return { clusters: clusterIds.length, series };
}

/** Percentiles with their intervals, whatever n is: readers grey those below the minimum. Null only without any value. */
export function latencySummary(
  series: ClusteredSeries,
  intervals: readonly (Interval | null)[],
): LatencySummary {
  return summaryOfSorted(series.values, intervals);
}

/** The same of any ascending values. */
export function summaryOfSorted(
  values: Float64Array,
  intervals: readonly (Interval | null)[],
): LatencySummary {
  const estimates = QUANTILE_NAMES.map((name, column) => {
    const estimate = quantile(values, QUANTILES[name]);
    const interval = intervals[column] ?? null;
    const found =
      estimate === null ? null : { estimate, ...(interval ?? { lower: estimate, upper: estimate }) };
    return [name, found === null ? null : { ...found, n: values.length }] as const;
  });
  return {
    ...(Object.fromEntries(estimates) as Pick<LatencySummary, (typeof QUANTILE_NAMES)[number]>),
    mean: mean(values),
    min: values[0] ?? null,
    max: values.at(-1) ?? null,
  };
}
