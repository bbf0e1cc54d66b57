import type { MetricName } from '../../exporter/src/publish/catalogue';

// Metrics go by their names in the catalogue: one that the exporter does not publish is a type error.

/** Sum of the rates over whatever is not in `by`; Δ/Δ ratios divide two of these. */
export const rate = (metric: MetricName, matchers: string, by: string) =>
  `sum by (${by}) (rate(${metric}{${matchers}}[$__rate_interval]))`;

/** Quantile of a histogram over all its series: the buckets are added first, as quantiles cannot be. */
export const quantile = (q: number, metric: MetricName, matchers: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${metric}_bucket{${matchers}}[$__rate_interval])))`;

/** Mean of what a histogram has seen: exact, where its buckets are too coarse for a quantile. */
export const histogramMean = (metric: MetricName, matchers: string, by: string) =>
  ['_sum', '_count']
    .map((part) => `sum by (${by}) (rate(${metric}${part}{${matchers}}[$__rate_interval]))`)
    .join(' / ');

/** A gauge that jumps from scrape to scrape, over the same span as rates; mean of the series in `by`. */
export const smooth = (metric: MetricName, matchers: string, by: string) =>
  `avg by (${by}) (avg_over_time(${metric}{${matchers}}[$__rate_interval]))`;

/** A gauge without the labels of the scrape, which change when the exporter restarts elsewhere. */
export const gauge = (metric: MetricName, matchers: string, by: string) =>
  `max by (${by}) (${metric}{${matchers}})`;

export const mean = (metric: MetricName, matchers: string, by: string) =>
  `avg by (${by}) (${metric}{${matchers}})`;

export const total = (metric: MetricName, matchers: string, by: string) =>
  `sum by (${by}) (${metric}{${matchers}})`;
