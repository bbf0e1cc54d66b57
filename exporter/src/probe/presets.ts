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

/** A ladder of loads. */
export interface LoadLevels {
  /** Requests per second, or conversations at once, on each target. */
  unit: 'qps' | 'concurrency';
  values: readonly number[];
}

/**
 * Workloads of `taillight run` that measure one stage per load level. The first three are LMBenchmark's shapes (multi-round QA:
 * users with a system prompt, a history and short answers; each user asks every users / QPS seconds), the sweeps find the
 * knee of one workload.
 */
export const LEVEL_PRESETS = {
  /** 15 users x 20 rounds, a shared system prompt of 1000 tokens, a history of 20 000, answers of 100. */
  'long-input': {
    workload: {
      ...PRESETS['multi-turn'],
      preset: 'long-input',
      conversations: 15,
      turns: 20,
      document_tokens: { min: 20_000, max: 20_000 },
      shared_prefix_tokens: 1000,
      max_tokens: 100,
      concurrency: 15,
    },
    levels: { unit: 'qps', values: [0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3] },
  },
  /** 320 users x 20 rounds, no system prompt, a history of 256 tokens, answers of 20. */
  'short-input': {
    workload: {
      ...PRESETS['multi-turn'],
      preset: 'short-input',
      conversations: 320,
      turns: 20,
      document_tokens: { min: 256, max: 256 },
      documents: 'text',
      max_tokens: 20,
      concurrency: 320,
    },
    levels: { unit: 'qps', values: [15, 20, 25, 30, 35] },
  },
  /** Chats of people, by their usual lengths rather than by their texts: short questions, answers of some 200 tokens, few turns. */
  'sharegpt-like': {
    workload: {
      ...PRESETS['multi-turn'],
      preset: 'sharegpt-like',
      conversations: 100,
      turns: 4,
      document_tokens: { min: 30, max: 800 },
      documents: 'text',
      max_tokens: 200,
      concurrency: 100,
    },
    levels: { unit: 'qps', values: [1, 2, 4, 8, 16] },
  },
  /** The multi-turn benchmark in a closed loop of more and more workers. */
  'concurrency-sweep': {
    workload: { ...PRESETS['multi-turn'], preset: 'concurrency-sweep', conversations: 40, max_tokens: 100 },
    levels: { unit: 'concurrency', values: [1, 2, 4, 8, 16, 32] },
  },
  /** The multi-turn benchmark in an open loop at higher and higher rates. */
  'rate-sweep': {
    workload: {
      ...PRESETS['multi-turn'],
      preset: 'rate-sweep',
      conversations: 40,
      max_tokens: 100,
      rate: 0.1,
    },
    levels: { unit: 'qps', values: [1, 2, 4, 8, 16] },
  },
} as const satisfies Record<string, { workload: WorkloadConfig; levels: LoadLevels }>;

export type LevelPresetName = keyof typeof LEVEL_PRESETS;
export type RunPresetName = PresetName | LevelPresetName;

/** The workload that a name stands for. */
export function presetWorkload(name: RunPresetName): WorkloadConfig {
  return name in LEVEL_PRESETS
    ? LEVEL_PRESETS[name as LevelPresetName].workload
    : PRESETS[name as PresetName];
}

/** The load levels that a preset measures; null: none. */
export function presetLevels(name: string): LoadLevels | null {
  return Object.hasOwn(LEVEL_PRESETS, name) ? LEVEL_PRESETS[name as LevelPresetName].levels : null;
}
