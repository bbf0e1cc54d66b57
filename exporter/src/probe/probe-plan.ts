import type { HttpSettings, ProbeConfig } from '../model/config';
import type { ProbeRecord } from '../model/record';
import type { DownReason } from './models-check';
import type { Shard } from './pacer';

export interface ProbeLimits {
  /** Measured conversations per target (warm-up comes on top); null: go on for ever, round after round. */
  conversations: number | null;
  /** From the start of probing; requests under way are finished, no more are sent. */
  seconds: number | null;
  /** Per target. */
  requests: number | null;
}

export type PlanSource =
  /** A file of conversations, one as JSON on each line. */
  | { kind: 'conversations'; path: string }
  /** A recorded trace in Mooncake's format; its clock runs `speed` times as fast. */
  | { kind: 'trace'; path: string; speed: number };

/** Everything that probing needs to know; plain data, so that it may cross to a thread. */
export interface ProbePlan {
  run: string;
  /** `monotonicMs()` at the run's start: the zero of all times in records. */
  zero_ms: number;
  targets: { name: string; url: string; model: string | null; http: HttpSettings }[];
  config: ProbeConfig;
  limits: ProbeLimits;
  /** Where conversations come from instead of the workload. */
  source?: PlanSource | undefined;
  /** One of several machines: it plays its share of the conversations. Default: all of them. */
  shard?: Shard | undefined;
  /** Stands for the run in the nonces of conversations, where the run's id comes again (a further attempt). Default: `run`. */
  nonce?: string | undefined;
  /** Number of the first conversation; after a restart, those before it were played already. Default: 0. */
  first_sequence?: number;
}

/** Why a conversation that was due did not start; counted, as it is no failure of a request. */
export type SkipReason =
  /** The target is down. */
  | 'down'
  /** All workers are busy and the queue is full: the target is slower than the schedule. */
  | 'saturated';

export interface TargetEvent {
  target: string;
  up: boolean;
  reason: DownReason | null;
  /** One line; null when up. */
  text: string | null;
  model: string | null;
}

/** Where probing of one target stands. */
export interface ProbeProgress {
  target: string;
  up: boolean;
  /** Conversations, warm-up included; null: no end. */
  planned: number | null;
  /** Conversations that were due so far, and what became of them. */
  due: number;
  in_flight: number;
  waiting: number;
  finished: number;
  /** Ended before their last turn. */
  cut_short: number;
  skipped: Record<SkipReason, number>;
  requests: number;
}

export interface ProberEvents {
  /** `gaps_ms`: all gaps between token-bearing events, for histograms. */
  onRecord(record: ProbeRecord, gaps_ms: readonly number[]): void;
  /** First when a target's state is known, then at each change. */
  onTarget(event: TargetEvent): void;
  onSkipped(target: string, reason: SkipReason): void;
  /** A server refuses an optional field (`ignore_eos`, `stream_options` …), which is left out from now on. */
  onFieldDropped(event: { target: string; field: string; text: string }): void;
  onProgress(progress: ProbeProgress): void;
}

/** Probing, in this thread (`Prober`) or in one of its own (`ProbeThread`). */
export interface Probes {
  start(): void;
  /**
   * Ends: no new request is sent, those under way have `grace_seconds` to finish, the rest is dropped unrecorded. Everything
   * measured has been given to `onRecord` when it resolves.
   */
  stop(grace_seconds: number): Promise<void>;
  /** Resolves when all is played, a limit is reached, or `stop` has ended; rejects only for a bug or an unusable plan. */
  readonly done: Promise<void>;
}
