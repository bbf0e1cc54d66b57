import type { LatencyModel } from './latency-model';
import { CALIBRATED, scaled } from './latency-model';
import type { ReplicaProfile } from './replica';

export const SCENARIOS = ['multi-turn', 'hot-prefix', 'kv-pressure', 'overload'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface Scenario {
  profile: ReplicaProfile;
  /** Flow control of the candidate's router: requests per replica; null: off. */
  max_concurrency: number | null;
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

/** A GPU that reads its memory slowly: a batch of long contexts costs it dear, so that one busy replica is a slow one. */
const SLOW_MEMORY = { ...CALIBRATED, seconds_per_decoding_sequence: 0.0025 };

/**
 * What the servers are like in each scenario; what is asked of them is the prober's part. Times are divided by `speed`.
 *
 * - `hot-prefix`: the workload's long common beginning makes the prefix-aware router send everything to one replica. No limit
 *   on running sequences: a visible queue there would make the router turn away.
 * - `kv-pressure`: three prompts of 7 000 tokens fill a cache; conversations push each other out, requests are preempted.
 * - `overload`: a third of the speed, two sequences at a time and one in wait: 503 from the servers, 429 from flow control.
 */
export function scenario(name: ScenarioName, speed: number): Scenario {
  const servers = (latency: LatencyModel, limits: Partial<ReplicaProfile> = {}): ReplicaProfile => ({
    ...ROOMY,
    ...limits,
    latency: scaled(latency, 1 / speed),
  });
  switch (name) {
    case 'multi-turn':
      return { profile: servers(CALIBRATED), max_concurrency: null };
    case 'hot-prefix':
      return { profile: servers(SLOW_MEMORY), max_concurrency: null };
    case 'kv-pressure':
      return {
        profile: servers(CALIBRATED, { blocks: 1_600, max_model_len: 16_384 }),
        max_concurrency: null,
      };
    case 'overload':
      return {
        profile: servers(scaled(CALIBRATED, 3), { max_num_seqs: 2, max_num_queued_reqs: 3 }),
        max_concurrency: 2,
      };
  }
}
