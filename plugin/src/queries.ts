/** A Prometheus query as dashboards and the live page use it. */
export interface DefaultQuery {
  refId: string;
  expr: string;
  /** `table` keeps an instant answer of hundreds of series one frame. */
  format: 'table' | 'time_series';
  instant: boolean;
  range: boolean;
  legendFormat?: string;
}

/** The exporter's default window. */
const WINDOW = '15m';

/**
 * Functions drop the name of the metric. A label says what the value is instead: the panel reads `taillight="x"` as the
 * metric `taillight:x`. The label also keeps `or` from taking two different values of one replica for the same.
 */
const named = (name: string, expr: string) => `label_replace(${expr}, "taillight", "${name}", "", "")`;
const withKind = (kind: string, expr: string) => `label_replace(${expr}, "kind", "${kind}", "", "")`;

const instant = (refId: string, expr: string): DefaultQuery => ({
  refId,
  expr,
  format: 'table',
  instant: true,
  range: false,
});

/**
 * The queries behind the panel. `target` restricts to the dashboard's choice, e.g. `target=~"$target"`; without it every
 * target is shown. `turn` and `quantile` are the panel's options, for the history. The panel recognises the answers by
 * metric name and labels, so queries may be split or merged at will.
 */
export function defaultQueries({
  target = 'target!=""',
  turn = 'all',
  quantile = '0.95',
}: { target?: string; turn?: string; quantile?: string } = {}): DefaultQuery[] {
  const probeTokens = (kind: string) =>
    withKind(kind, `sum by (target) (increase(taillight_probe_${kind}_tokens_total{${target}}[${WINDOW}]))`);
  return [
    instant(
      'A',
      `{__name__=~"taillight_comparison_(ttft|e2e|tpot|turn_ttft|window|samples|caveat).*|taillight_target_.+|taillight_(reference|slo)_ttft_seconds", ${target}} or taillight_comparison_verdict{${target}} == 1`,
    ),
    instant('B', `{__name__=~"taillight_replica_(up|prefix_cache_hit_ratio)", ${target}}`),
    instant(
      'C',
      [
        named(
          'replica_gpu_utilization:mean',
          `avg by (target, replica) (avg_over_time(taillight_replica_gpu_utilization_ratio{${target}}[${WINDOW}]))`,
        ),
        named(
          'replica_requests_running:mean',
          `avg by (target, replica) (avg_over_time(taillight_replica_requests_running{${target}}[${WINDOW}]))`,
        ),
        named(
          'replica_generation_tokens:rate',
          `sum by (target, replica) (rate(taillight_replica_generation_tokens_total{${target}}[${WINDOW}]))`,
        ),
        named(
          'probe_requests:increase',
          `sum by (target, outcome) (increase(taillight_probe_requests_total{${target}}[${WINDOW}]))`,
        ),
        named(
          'probe_tokens:increase',
          `${probeTokens('prompt')} or ${probeTokens('cached')} or ${probeTokens('completion')}`,
        ),
      ].join(' or '),
    ),
    {
      refId: 'D',
      expr: `taillight_comparison_ttft_seconds{quantile="${quantile}", turn="${turn}", ${target}}`,
      format: 'time_series',
      instant: false,
      range: true,
      legendFormat: '{{target}}',
    },
  ];
}
