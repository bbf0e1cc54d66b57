import type { Comparison } from '../model/comparison';
import type { WorkloadConfig } from '../model/config';
import type { TargetObservation } from '../model/observation';
import type { TimedRecord } from '../model/record';
import type { Shard } from '../probe/pacer';
import type { ProbeProgress } from '../probe/probe-plan';
import type { LoadFacts } from '../report/load';
import type { StageSpan } from './staged-probes';

/** Why a run is over. Only a finished one is not repeated. */
export type EndReason =
  /** All conversations are played, or a limit that was asked for is reached. */
  | { kind: 'finished' }
  /** A signal. */
  | { kind: 'interrupted' }
  /** The results can no longer be written. */
  | { kind: 'disk'; text: string }
  /** The workload cannot be played at all (its documents cannot be read). */
  | { kind: 'refused'; text: string };

/** Everything that a bounded run came to; reports, exports and gates are functions of it. */
export interface RunResult {
  run: string;
  /** ISO times. */
  started: string;
  ended: string;
  end: EndReason;
  workload: WorkloadConfig;
  /** What the conversations were read from, where it was not the workload. */
  source: string | null;
  shard: Shard | null;
  /** The measured stages that were begun, one per load level. */
  spans: StageSpan[];
  /** As `summary.json`. */
  comparison: Comparison;
  /** Per target, of the measured stages, in order of their end; warm-up requests are marked. */
  records: ReadonlyMap<string, readonly TimedRecord[]>;
  /** What was known of each target's servers. */
  observations: TargetObservation[];
  progress: ReadonlyMap<string, ProbeProgress>;
  load: Readonly<Record<string, LoadFacts>>;
  /** Delay of the event loop that timed the answers, in seconds; null before it was measured. */
  client: { p50_seconds: number | null; p99_seconds: number | null };
  keep_alive: boolean;
  interleave: 'none' | 'abba';
}
