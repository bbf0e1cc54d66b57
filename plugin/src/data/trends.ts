import type { PanelOptions } from '../options';
import type { ComparisonViewModel, TargetView, TimePoint } from '../types';
import { METRIC, QUANTILE_LABEL } from './names';
import type { Point } from './recognise';
import type { Store } from './store';

/** Median TTFT by turn number, ascending. */
export function turnCurves(store: Store, targets: readonly TargetView[]): ComparisonViewModel['byTurn'] {
  return targets.map(({ name: target }) => ({
    target,
    points: store
      .all(METRIC.byTurn, { target })
      .map(({ labels, value }) => ({ turn: Number(labels['turn_number']), value }))
      .filter(({ turn, value }) => Number.isInteger(turn) && turn >= 1 && value >= 0)
      .sort((a, b) => a.turn - b.turn),
  }));
}

function valuesByTime(points: readonly Point[]): Map<number, number> {
  return new Map(
    points.flatMap(({ time, value }) => (time === null || value === null ? [] : [[time, value] as const])),
  );
}

/** The usual step of a series; what lies much further apart is a gap. */
function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

function withGaps(points: TimePoint[]): TimePoint[] {
  const step = usualStep(points.map((point) => point.time));
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    if (before === undefined || step === 0 || point.time - before.time <= 2.5 * step) return [point];
    return [{ time: before.time + step, value: null, lower: null, upper: null }, point];
  });
}

interface Range {
  from: number;
  to: number;
}

function history(store: Store, target: string, options: PanelOptions, { from, to }: Range): TimePoint[] {
  const labels = { target, turn: options.turn, quantile: QUANTILE_LABEL[options.headline] };
  const of = (bound: string) => store.history(METRIC.ttft, { ...labels, bound });
  const lower = valuesByTime(of('lower'));
  const upper = valuesByTime(of('upper'));
  const points = of('estimate').flatMap(({ time, value }) =>
    time === null || time < from || time > to
      ? []
      : [{ time, value, lower: lower.get(time) ?? null, upper: upper.get(time) ?? null }],
  );
  return points.length < 2 ? [] : withGaps(points);
}

/** The headline percentile over the time range, with its interval where a query brings it; null values are gaps. */
export function overTime(
  store: Store,
  targets: readonly TargetView[],
  options: PanelOptions,
  range: Range,
): ComparisonViewModel['overTime'] {
  return {
    ...range,
    series: targets.map(({ name: target }) => ({ target, points: history(store, target, options, range) })),
  };
}
