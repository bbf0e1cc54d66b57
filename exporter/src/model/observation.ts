/**
 * What is known about a target's servers over a window, from scrapes: the second input of a comparison beside the records.
 */
import type { Balance, BalanceResource, ReplicaSummary } from './comparison';

export interface TargetObservation {
  name: string;
  /** The target answered lately. */
  up: boolean;
  model: string | null;
  engine: { name: string | null; version: string | null };
  /** Ready replicas that discovery knows; null where replicas are not configured. */
  replica_count: number | null;
  replicas: ReplicaSummary[];
  /** Delta cached / delta prompt tokens, summed over replicas; null where not told. */
  hit_rate: { value: number; source: string } | null;
  balance: Record<BalanceResource, Balance | null>;
  /** Tokens per KV block as the engine tells. */
  block_size: number | null;
  /** KV capacity of one replica in tokens (the median over replicas). */
  kv_capacity_tokens: number | null;
  gpu_model: string | null;
  /** Highest mean KV use of a replica over the window, 0..1. */
  kv_cache_usage_max: number | null;
  /** Prompt tokens over the window, summed over replicas. */
  prompt_tokens: number | null;
  preemptions: number | null;
  /** Prefix-cache queries / prompt tokens over the window; above 1.02 an old engine counted waiting requests again. */
  queries_per_prompt_token: number | null;
}
