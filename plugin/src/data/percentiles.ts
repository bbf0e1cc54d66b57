import type { PanelOptions } from '../options';
import {
  QUANTILES,
  TURN_CLASSES,
  VERDICTS,
  type Interval,
  type PercentileMark,
  type PercentileRow,
  type Quantile,
  type RatioView,
  type TargetView,
  type TurnClass,
  type Verdict,
} from '../types';
import { METRIC, NEEDED, QUANTILE_LABEL } from './names';
import type { Store } from './store';

interface Key {
  target: string;
  turn: TurnClass;
  quantile: Quantile;
}

/** Estimate and bounds of one percentile or ratio; null without an estimate. Bounds that contradict it are dropped. */
export function intervalOf(store: Store, metric: string, key: Key): Interval | null {
  const labels = { target: key.target, turn: key.turn, quantile: QUANTILE_LABEL[key.quantile] };
  const estimate = store.value(metric, { ...labels, bound: 'estimate' });
  if (estimate === null || estimate < 0) return null;
  const lower = store.value(metric, { ...labels, bound: 'lower' });
  const upper = store.value(metric, { ...labels, bound: 'upper' });
  return {
    estimate,
    lower: lower !== null && lower >= 0 && lower <= estimate ? lower : null,
    upper: upper !== null && upper >= estimate ? upper : null,
  };
}

/** The verdict that the exporter publishes as 1; never worked out here. */
export function verdictOf(store: Store, metric: 'ttft' | 'e2e' | 'tpot', key: Key): Verdict | null {
  const labels = { target: key.target, turn: key.turn, quantile: QUANTILE_LABEL[key.quantile], metric };
  const held = VERDICTS.flatMap((verdict) => {
    const entry = store.entry(METRIC.verdict, { ...labels, verdict });
    return entry?.value === 1 ? [{ verdict, time: entry.time ?? 0 }] : [];
  });
  // Over a range the one that held before may still be about.
  held.sort((a, b) => b.time - a.time);
  return held[0]?.verdict ?? null;
}

export function ratioOf(store: Store, key: Key): RatioView {
  return {
    candidate: key.target,
    ratio: intervalOf(store, METRIC.ttftRatio, key),
    verdict: verdictOf(store, 'ttft', key),
  };
}

function markOf(store: Store, target: TargetView, turn: TurnClass, quantile: Quantile): PercentileMark {
  const n = target.samples[turn];
  const needed = NEEDED[quantile];
  return {
    target: target.name,
    value: intervalOf(store, METRIC.ttft, { target: target.name, turn, quantile }),
    n,
    needed,
    tooFew: n !== null && n < needed,
    reference: store.value(METRIC.reference, {
      target: target.name,
      turn,
      quantile: QUANTILE_LABEL[quantile],
    }),
  };
}

/** Rows of the forest: turn classes in order, percentiles ascending, a mark per target and a ratio per candidate. */
export function percentileRows(
  store: Store,
  targets: readonly TargetView[],
  options: PanelOptions,
): PercentileRow[] {
  const quantiles = QUANTILES.filter((quantile) => options.percentiles.includes(quantile));
  return TURN_CLASSES.flatMap((turn) =>
    quantiles.map((quantile) => ({
      turn,
      quantile,
      marks: targets.map((target) => markOf(store, target, turn, quantile)),
      ratios: targets.slice(1).map(({ name }) => ratioOf(store, { target: name, turn, quantile })),
    })),
  ).filter((row) => row.marks.some((mark) => mark.value !== null));
}
