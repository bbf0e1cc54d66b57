import type { WorkloadConfig } from '../model/config';

/** Named workloads: the values that a configuration starts from and may change one by one. */
export const PRESETS = {
  /**
   * The multi-turn benchmark of the llm-d demo: 11 documents of 12 to 56 kB, code and prose, 10 turns of 500 tokens, 4 workers.
   * The longest conversation just fits into the demo's context window of 16 000 tokens.
   */
  'multi-turn': {
    preset: 'multi-turn',
    seed: 1,
    conversations: 11,
    turns: 10,
    document_tokens: { min: 2900, max: 10200 },
    documents_dir: null,
    documents: 'mixed',
    shared_prefix_tokens: 0,
    max_tokens: 500,
    think_time: { min_seconds: 0.5, max_seconds: 2 },
    rate: null,
    concurrency: 4,
    warmup: 0,
  },
  /** Gentle and endless: about half a request per second, for probing beside real users. */
  live: {
    preset: 'live',
    seed: 1,
    conversations: 60,
    turns: 10,
    document_tokens: { min: 2000, max: 6000 },
    documents_dir: null,
    documents: 'mixed',
    shared_prefix_tokens: 0,
    max_tokens: 64,
    think_time: { min_seconds: 1, max_seconds: 4 },
    rate: 0.05,
    concurrency: 4,
    warmup: 0,
  },
} as const satisfies Record<string, WorkloadConfig>;

export type PresetName = keyof typeof PRESETS;
