import { CALIBRATED, scaled } from './latency-model';
import type { ReplicaProfile } from './replica';

export const SCENARIOS = ['multi-turn', 'hot-prefix', 'kv-pressure', 'overload'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface Scenario {
  profile: ReplicaProfile;
  /** Flow control of the candidate's router; null: off. */
  saturation_queue: number | null;
}

const MODEL = 'Qwen/Qwen3-0.6B';

const ROOMY: ReplicaProfile = {
  model: MODEL,
  block_size: 16,
  // 1 Mi tokens: a run of 50 conversations of 8 000 tokens fits even when every replica sees them all.
  blocks: 65_536,
  max_model_len: 32_768,
  max_num_seqs: 256,
  max_num_queued_reqs: null,
  max_num_queued_tokens: null,
  latency: CALIBRATED,
};

/**
 * What the servers are like in each scenario; what is asked of them is the prober's part. Times are divided by `speed`.
 *
 * - `hot-prefix`: the same servers. The workload's long common beginning makes the prefix-aware router send everything to one.
 * - `kv-pressure`: five prompts of 7 000 tokens fill a cache; conversations push each other out, long answers are preempted.
 * - `overload`: half as fast, two sequences at a time, four requests at most: 503 from the servers, 429 from flow control.
 */
export function scenario(name: ScenarioName, speed: number): Scenario {
  const slowed = name === 'overload' ? 2 : 1;
  const profile = { ...ROOMY, latency: scaled(CALIBRATED, slowed / speed) };
  switch (name) {
    case 'multi-turn':
    case 'hot-prefix':
      return { profile, saturation_queue: null };
    case 'kv-pressure':
      return { profile: { ...profile, blocks: 2_304 }, saturation_queue: null };
    case 'overload':
      return { profile: { ...profile, max_num_seqs: 2, max_num_queued_reqs: 4 }, saturation_queue: 2 };
  }
}
