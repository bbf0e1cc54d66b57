import type { LatencyMetric, QuantileName } from '../model/comparison';
import type { TurnClass } from '../model/record';

/** What a gate looks at. */
export type GateSubject =
  | {
      kind: 'quantile';
      metric: LatencyMetric;
      turn: TurnClass;
      quantile: QuantileName;
      /** Of the target itself in seconds, or of candidate / baseline. */
      ratio: boolean;
      bound: 'estimate' | 'lower' | 'upper';
    }
  | { kind: 'statistic'; metric: LatencyMetric; turn: TurnClass; statistic: 'mean' | 'min' | 'max' }
  | { kind: 'plain'; name: PlainName };

/** Values of a target beside its latencies, and what they are measured in. */
export const PLAIN_GATES = {
  errors: 'share',
  hit_rate: 'share',
  requests: 'number',
  conversations: 'number',
  requests_per_second: 'number',
  output_tokens_per_second: 'number',
  'balance.cv': 'number',
  'balance.max_to_mean': 'number',
} as const;
export type PlainName = keyof typeof PLAIN_GATES;

export const OPERATORS = ['<=', '>=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Gate {
  /** As it was written. */
  text: string;
  /** null: every candidate, or the only target. */
  target: string | null;
  subject: GateSubject;
  operator: Operator;
  /** Seconds, a share 0..1, a ratio or a number. */
  limit: number;
  unit: GateUnit;
}

export type GateUnit = 'seconds' | 'share' | 'number';
