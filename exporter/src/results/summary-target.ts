/** Targets of which only another tool's summary is known: estimates without intervals, ratios without verdicts. */
import {
  LATENCY_METRICS,
  QUANTILE_NAMES,
  type LatencyMetric,
  type LatencySummary,
  type RatioEstimate,
  type TargetSummary,
} from '../model/comparison';
import { TURN_CLASSES, type TurnClass } from '../model/record';
import type { Distribution, ResultPart, SummaryStatistics } from '../model/result';
import { median } from '../stats/quantile';

/** Of several runs of one level the median of each statistic: percentiles cannot be pooled. */
function middle(runs: readonly (Distribution | undefined)[]): Distribution | null {
  const known = runs.filter((run) => run !== undefined);
  if (known.length === 0) return null;
  const of = (name: keyof Distribution) => median(known.flatMap((run) => run[name] ?? []));
  return {
    n: of('n'),
    mean: of('mean'),
    min: of('min'),
    max: of('max'),
    p50: of('p50'),
    p90: of('p90'),
    p95: of('p95'),
    p99: of('p99'),
  };
}

/** What one run tells of a metric. Where it does not tell of how many requests, it is of those that the run answered. */
function ofRun({ latencies, ok }: SummaryStatistics, metric: LatencyMetric, turn: TurnClass) {
  const found = latencies[metric][turn];
  return found === undefined ? undefined : { ...found, n: found.n ?? ok };
}

function latencySummary(found: Distribution | null): LatencySummary {
  // The median of several runs' percentiles rests on the requests of one run, not of all.
  const n = Math.floor(found?.n ?? 0);
  const estimates = QUANTILE_NAMES.map((name) => {
    const estimate = found?.[name] ?? null;
    return [name, estimate === null ? null : { estimate, lower: null, upper: null, n }] as const;
  });
  return {
    ...(Object.fromEntries(estimates) as Pick<LatencySummary, (typeof QUANTILE_NAMES)[number]>),
    mean: found?.mean ?? null,
    min: found?.min ?? null,
    max: found?.max ?? null,
  };
}

const total = (values: readonly (number | null)[]): number | null =>
  values.every((value) => value === null)
    ? null
    : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

export function summaryTarget(
  name: string,
  role: TargetSummary['role'],
  parts: readonly ResultPart[],
): TargetSummary {
  const told = parts.flatMap((part) => part.summary ?? []);
  const [ok, failed] = [total(told.map((one) => one.ok)), total(told.map((one) => one.failed))];
  const latencies = (metric: LatencyMetric) =>
    Object.fromEntries(
      TURN_CLASSES.map((turn) => [turn, latencySummary(middle(told.map((one) => ofRun(one, metric, turn))))]),
    ) as Record<TurnClass, LatencySummary>;
  const middleOf = (key: keyof SummaryStatistics & `${string}_per_second`) =>
    median(told.flatMap((one) => one[key] ?? []));
  const first = parts[0];
  return {
    name,
    role,
    up: true,
    model: first?.model ?? null,
    engine: first?.engine ?? { name: null, version: null },
    window: null,
    conversations: 0,
    samples: { first: 0, later: 0, all: ok ?? 0 },
    ttft_seconds: latencies('ttft'),
    e2e_seconds: latencies('e2e'),
    tpot_seconds: latencies('tpot'),
    itl_seconds: latencies('itl'),
    ttft_by_turn_seconds: [],
    outcomes: ok === null ? {} : { ok },
    // The summary does not tell how they failed.
    ...(failed === null || failed === 0 ? {} : { requests_missing: failed }),
    tokens: {
      prompt: total(told.map((one) => one.prompt_tokens)),
      cached: null,
      completion: total(told.map((one) => one.completion_tokens)),
    },
    requests_per_second: middleOf('requests_per_second'),
    output_tokens_per_second: middleOf('output_tokens_per_second'),
    hit_rate: null,
    balance: { gpu: null, running: null, tokens: null },
    replicas: [],
  };
}

/** `three runs, TTFT P95 612 to 870 ms`: the noise between runs of one set-up; null for a single run. */
export function runSpread(
  parts: readonly ResultPart[],
): { runs: number; least: number; most: number } | null {
  const values = parts.flatMap((part) => part.summary?.latencies.ttft.all?.p95 ?? []);
  if (parts.length < 2 || values.length < 2) return null;
  return { runs: parts.length, least: Math.min(...values), most: Math.max(...values) };
}

/** Ratios of what both sides tell. */
export function summaryRatios(baseline: TargetSummary, candidate: TargetSummary): RatioEstimate[] {
  return LATENCY_METRICS.flatMap((metric) =>
    TURN_CLASSES.flatMap((turn) =>
      QUANTILE_NAMES.flatMap((quantile) => {
        const [before, after] = [baseline, candidate].map(
          (target) => target[`${metric}_seconds`][turn][quantile]?.estimate ?? null,
        );
        if (!before || after === null || after === undefined) return [];
        return [
          {
            metric,
            turn,
            quantile,
            estimate: after / before,
            lower: null,
            upper: null,
            verdict: 'not_comparable' as const,
          },
        ];
      }),
    ),
  );
}
