import { CAVEAT_REASONS } from '../model/caveat';
import {
  QUANTILE_NAMES,
  QUANTILES,
  VERDICTS,
  type Comparison,
  type LatencySummary,
  type PairComparison,
  type TargetSummary,
} from '../model/comparison';
import { TURN_CLASSES } from '../model/record';
import type { MetricName } from './catalogue';
import type { Row } from './page';

/** Beyond this the medians by turn number are left out, so that the number of series stays bounded. */
const MAX_TURN_NUMBER = 32;

const LATENCIES = [
  ['taillight_comparison_ttft_seconds', 'ttft_seconds'],
  ['taillight_comparison_e2e_seconds', 'e2e_seconds'],
  ['taillight_comparison_tpot_seconds', 'tpot_seconds'],
] as const;

const quantileLabel = (name: (typeof QUANTILE_NAMES)[number]) => String(QUANTILES[name]);

function bounds(
  metric: MetricName,
  labels: Record<string, string>,
  values: { estimate: number | null; lower: number | null; upper: number | null },
): Row[] {
  return (['estimate', 'lower', 'upper'] as const).flatMap((bound) => {
    const value = values[bound];
    return value === null ? [] : [{ metric, labels: { ...labels, bound }, value }];
  });
}

function summaryRows(metric: MetricName, target: string, turn: string, summary: LatencySummary): Row[] {
  return QUANTILE_NAMES.flatMap((name) => {
    const value = summary[name];
    return value === null ? [] : bounds(metric, { target, turn, quantile: quantileLabel(name) }, value);
  });
}

function windowRows(target: TargetSummary): Row[] {
  if (target.window === null) return [];
  const labels = { target: target.name };
  return [
    {
      metric: 'taillight_comparison_window_start_timestamp_seconds',
      labels,
      value: Date.parse(target.window.start) / 1000,
    },
    {
      metric: 'taillight_comparison_window_end_timestamp_seconds',
      labels,
      value: Date.parse(target.window.end) / 1000,
    },
  ];
}

function targetRows(target: TargetSummary): Row[] {
  const { name } = target;
  const rows: Row[] = windowRows(target);
  for (const turn of TURN_CLASSES) {
    for (const [metric, key] of LATENCIES) rows.push(...summaryRows(metric, name, turn, target[key][turn]));
    rows.push({
      metric: 'taillight_comparison_samples',
      labels: { target: name, turn },
      value: target.samples[turn],
    });
  }
  rows.push({
    metric: 'taillight_comparison_conversations',
    labels: { target: name, turn: 'all' },
    value: target.conversations,
  });
  for (const { turn, p50 } of target.ttft_by_turn_seconds) {
    if (turn > MAX_TURN_NUMBER) continue;
    const labels = { target: name, turn_number: String(turn) };
    rows.push({ metric: 'taillight_comparison_turn_ttft_seconds', labels, value: p50 });
  }
  if (target.hit_rate !== null) {
    const { expected_random, expected_sticky } = target.hit_rate;
    const expected = { random: expected_random, sticky: expected_sticky };
    for (const [routing, value] of Object.entries(expected)) {
      if (value === null) continue;
      const labels = { target: name, routing };
      rows.push({ metric: 'taillight_target_prefix_cache_expected_ratio', labels, value });
    }
  }
  return rows;
}

function pairRows(pair: PairComparison): Row[] {
  const target = pair.candidate;
  return pair.ratios.flatMap((ratio) => {
    const labels = { target, turn: ratio.turn, quantile: quantileLabel(ratio.quantile) };
    const rows: Row[] = VERDICTS.map((verdict) => ({
      metric: 'taillight_comparison_verdict',
      labels: { ...labels, metric: ratio.metric, verdict },
      value: verdict === ratio.verdict ? 1 : 0,
    }));
    if (ratio.metric === 'ttft') rows.push(...bounds('taillight_comparison_ttft_ratio', labels, ratio));
    return rows;
  });
}

/** A caveat of the pair is told of the candidate; one that two pairs share is told once. */
function caveatRows(comparison: Comparison): Row[] {
  const holds = new Set<string>();
  for (const pair of comparison.comparisons) {
    for (const { reason, target } of pair.caveats) holds.add(`${target ?? pair.candidate} ${reason}`);
  }
  return comparison.targets.flatMap(({ name: target }) =>
    CAVEAT_REASONS.map((reason) => ({
      metric: 'taillight_comparison_caveat' as const,
      labels: { target, reason },
      value: holds.has(`${target} ${reason}`) ? 1 : 0,
    })),
  );
}

/** The comparison as gauges; what is null has no series. */
export function comparisonRows(comparison: Comparison): Row[] {
  return [
    ...comparison.targets.flatMap(targetRows),
    ...comparison.comparisons.flatMap(pairRows),
    ...caveatRows(comparison),
  ];
}
