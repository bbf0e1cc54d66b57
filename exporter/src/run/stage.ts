import type { ProbeConfig, WorkloadConfig } from '../model/config';
import type { Shard } from '../probe/pacer';
import type { ProbeLimits } from '../probe/probe-plan';
import { sharedConcurrency } from './shard';

export type LevelUnit = 'qps' | 'concurrency';

export interface Level {
  level: number;
  unit: LevelUnit;
}

/** Part of a run that is played to its end, and scraped before and after, before the next begins. */
export interface Stage {
  /** null: the warm-up, which counts in no statistic. */
  measured: null | {
    /** Index into the run's levels. */
    index: number;
    level: Level | null;
  };
  workload: WorkloadConfig;
  first_sequence: number;
  limits: ProbeLimits;
}

export interface StopRule {
  /** Both per stage. */
  seconds: number | null;
  requests: number | null;
}

/**
 * The warm-up, then a stage for each level (one without a level where there are none). Every stage plays the same
 * conversations; each time it is another round, whose nonces are new, so that no level finds the caches warm from the last.
 */
export function planStages(
  workload: WorkloadConfig,
  levels: readonly Level[],
  stop: StopRule,
  shard: Shard | null = null,
): Stage[] {
  const { warmup, conversations } = workload;
  const measured = levels.length === 0 ? [null] : levels;
  const stages = measured.map((level, index): Stage => ({
    measured: { index, level },
    workload: shareOf(level === null ? workload : atLevel(workload, level), shard),
    first_sequence: warmup + index * conversations,
    limits: { conversations: (index + 1) * conversations, ...stop },
  }));
  const first = stages[0];
  if (warmup === 0 || first === undefined) return stages;
  const limits: ProbeLimits = { conversations: 0, seconds: stop.seconds, requests: null };
  return [{ measured: null, workload: first.workload, first_sequence: 0, limits }, ...stages];
}

/** An open loop's rate stays that of the whole run: each machine takes its share of the arrivals. */
function shareOf(workload: WorkloadConfig, shard: Shard | null): WorkloadConfig {
  return shard === null ? workload : { ...workload, concurrency: sharedConcurrency(workload, shard) };
}

/** How many conversations at once a rate needs that is to be offered whatever the target makes of it. */
const OPEN_CONCURRENCY = 256;

/**
 * The workload at a load level. Concurrency: so many workers in a closed loop. QPS, requests per second: of an open loop by the
 * rate of arrivals; of a closed loop (a fixed number of users, each with a gap of users / QPS between its questions, as in
 * LMBenchmark) by the pause between turns.
 */
export function atLevel(workload: WorkloadConfig, { level, unit }: Level): WorkloadConfig {
  if (unit === 'concurrency') return { ...workload, rate: null, concurrency: level };
  if (workload.rate !== null) {
    const concurrency = Math.max(workload.concurrency, OPEN_CONCURRENCY);
    return { ...workload, rate: level / workload.turns, concurrency };
  }
  const gap = workload.concurrency / level;
  // Spread, or all users would ask in step.
  return { ...workload, think_time: { min_seconds: 0.5 * gap, max_seconds: 1.5 * gap } };
}

/** Requests per second that a workload offers; null for a closed loop, which offers what the target takes. */
export function offeredRate({ rate, turns }: WorkloadConfig): number | null {
  return rate === null ? null : rate * turns;
}

export const stageConfig = (probe: ProbeConfig, { workload }: Stage): ProbeConfig => ({ ...probe, workload });
