import type { BalanceResource, Balance, ReplicaSummary } from '../model/comparison';
import type { TargetObservation } from '../model/observation';
import type { EngineReading, GpuReading } from '../model/reading';
import { balance } from './balance';
import { hitRate, ratioOfSums, type ReplicaHistory, type ReplicaWindow } from './history';

/** A replica that discovery lists at present. */
export interface PresentReplica {
  name: string;
  /** Ready, and its latest scrape succeeded. */
  up: boolean;
  history: ReplicaHistory;
  /** What its `/version` says; null where it does not tell. */
  version: string | null;
  gpus: readonly GpuReading[];
}

/** All that scrapes know about one target at a moment. */
export interface TargetState {
  name: string;
  /** Ready replicas that discovery knows; null where the target has no replicas to scrape. */
  replica_count: number | null;
  present: readonly PresentReplica[];
  /** Histories of replicas that went away: part of the sums while the window reaches back to them, of nothing else. */
  departed: readonly ReplicaHistory[];
}

/** Unix seconds; readings after `from` and until `to`, inclusive. */
export interface TimeSpan {
  from: number;
  to: number;
}

interface Observed {
  replica: PresentReplica;
  window: ReplicaWindow;
  latest: EngineReading | null;
}

/**
 * Folds the readings of a target's replicas into what its servers did over a window. `up` speaks of the replicas only:
 * where none is configured it is false, and only probes know better.
 */
export function observe(state: TargetState, { from, to }: TimeSpan): TargetObservation {
  const present = state.present.map((replica) => ({
    replica,
    window: replica.history.window(from, to),
    latest: replica.history.latest?.reading ?? null,
  }));
  const windows = [
    ...present.map(({ window }) => window),
    ...state.departed.map((history) => history.window(from, to)),
  ];
  const readings = present.map(({ latest }) => latest).filter((reading) => reading !== null);
  return {
    name: state.name,
    up: state.present.some(({ up }) => up),
    model: distinct(readings.map(({ model }) => model)),
    engine: {
      name: distinct(readings.map(engineName)),
      version: distinct(state.present.map(({ version }) => version)),
    },
    replica_count: state.replica_count,
    replicas: present.map(summary),
    hit_rate: hitRate(windows),
    balance: balances(present.filter(({ replica }) => replica.up)),
    block_size: median(readings.map(({ block_size }) => block_size)),
    kv_capacity_tokens: median(readings.map(({ values }) => values.kv_capacity_tokens)),
    gpu_model: distinct(state.present.flatMap(({ gpus }) => gpus.map(({ model }) => model))),
    kv_cache_usage_max: maximum(windows.map(({ means }) => means.kv_cache_usage_ratio)),
    prompt_tokens: sum(windows.map(({ deltas }) => deltas.prompt_tokens_total)),
    preemptions: sum(windows.map(({ deltas }) => deltas.preemptions_total)),
    queries_per_prompt_token: ratioOfSums(windows, 'prefix_cache_queries_total', 'prompt_tokens_total'),
  };
}

/** What a replica's work is measured by, per resource: the mean over the window, or served tokens per second. */
const WORK: Record<BalanceResource, (window: ReplicaWindow) => number | null> = {
  gpu: ({ means }) => means.gpu_utilization_ratio,
  running: ({ means }) => means.requests_running,
  tokens: ({ tokens_per_second }) => tokens_per_second,
};

/**
 * Balance over the replicas that are up. One that has only just come (fewer than two readings) is left out; for the others
 * a resource that one of them does not tell has no balance, as evenness among some is not evenness.
 */
function balances(up: readonly Observed[]): Record<BalanceResource, Balance | null> {
  const settled = up.map(({ window }) => window).filter(({ readings }) => readings >= 2);
  const over = (resource: BalanceResource): Balance | null => {
    const work = settled.map(WORK[resource]).filter((value) => value !== null);
    return work.length === settled.length ? balance(work) : null;
  };
  return { gpu: over('gpu'), running: over('running'), tokens: over('tokens') };
}

function summary({ replica, window }: Observed): ReplicaSummary {
  return {
    name: replica.name,
    up: replica.up,
    hit_rate: hitRate([window])?.value ?? null,
    gpu_utilization: window.means.gpu_utilization_ratio,
    running: window.means.requests_running,
    waiting: window.means.requests_waiting,
    kv_cache_usage: window.means.kv_cache_usage_ratio,
    tokens_per_second: window.tokens_per_second,
  };
}

/** First word of the generation: `vllm` of `vllm >=0.20`. */
function engineName({ engine_generation }: EngineReading): string | null {
  return engine_generation?.split(' ')[0] ?? null;
}

/** The one value that all tell, or all different ones in order, so that a mixture is seen. */
function distinct(values: readonly (string | null)[]): string | null {
  const told = [...new Set(values.filter((value) => value !== null))].sort();
  return told.length === 0 ? null : told.join(', ');
}

/** The lower one of the two middle values where their number is even: always a value that a replica has. */
function median(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null).sort((a, b) => a - b);
  return told[(told.length - 1) >> 1] ?? null;
}

function maximum(values: readonly (number | null)[]): number | null {
  return values.reduce((max, value) => (value !== null && (max === null || value > max) ? value : max), null);
}

function sum(values: readonly (number | null)[]): number | null {
  return values.reduce((total, value) => (value === null ? total : (total ?? 0) + value), null);
}
