/** A bounded run that later ones are held against: what `data_dir/reference.json` keeps of it, per target. */
import type { QuantileName } from './comparison';
import type { TurnClass } from './record';

export type ReferenceTtft = {
  /** Answered requests of the turn class. */
  n: number;
  /** Seconds; null where the class has too few requests for the percentile. */
  quantiles: Record<QuantileName, number | null>;
};

export interface ReferenceTarget {
  run: string;
  /** ISO time of the end of that run. */
  ended: string;
  model: string | null;
  /** What the run asked (`workloadDigest`); null where it is not known. */
  workload: string | null;
  ttft_seconds: Record<TurnClass, ReferenceTtft>;
}

export interface ReferenceFile {
  schema: 'taillight.reference/1';
  targets: Record<string, ReferenceTarget>;
}
