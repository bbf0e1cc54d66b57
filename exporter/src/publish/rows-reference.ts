import { QUANTILE_NAMES, QUANTILES } from '../model/comparison';
import type { TargetConfig } from '../model/config';
import { TURN_CLASSES } from '../model/record';
import type { ReferenceTarget } from '../model/reference';
import type { Row } from './page';

/** What targets are held against: the run that was saved as their reference. */
export function referenceRows(targets: Readonly<Record<string, ReferenceTarget>>): Row[] {
  return Object.entries(targets).flatMap(([target, { ended, ttft_seconds }]): Row[] => [
    ...TURN_CLASSES.flatMap((turn) => {
      const { n, quantiles } = ttft_seconds[turn];
      const labels = { target, turn };
      return [
        ...QUANTILE_NAMES.flatMap((name): Row[] => {
          const value = quantiles[name];
          const quantile = String(QUANTILES[name]);
          return value === null
            ? []
            : [{ metric: 'taillight_reference_ttft_seconds', labels: { ...labels, quantile }, value }];
        }),
        { metric: 'taillight_reference_samples' as const, labels, value: n },
      ];
    }),
    {
      metric: 'taillight_reference_timestamp_seconds',
      labels: { target },
      value: Date.parse(ended) / 1000,
    },
  ]);
}

/** What targets are held to by the configuration. */
export function sloRows(targets: readonly Pick<TargetConfig, 'name' | 'slo'>[]): Row[] {
  return targets.flatMap(({ name: target, slo }): Row[] =>
    slo === null
      ? []
      : [
          { metric: 'taillight_slo_ttft_seconds', labels: { target }, value: slo.ttft_seconds },
          { metric: 'taillight_slo_objective_ratio', labels: { target }, value: slo.objective_ratio },
        ],
  );
}

/** Which run this process measures: what a dashboard draws as an annotation. */
export function runRow(run: string, kind: 'live' | 'bounded'): Row {
  return { metric: 'taillight_run_info', labels: { run, kind }, value: 1 };
}
