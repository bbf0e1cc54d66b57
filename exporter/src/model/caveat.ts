/**
 * The closed list of reasons why a comparison must be read with care. Each has a name for metrics and filters; the sentence
 * with the numbers is made where the reason is found. `blocks` reasons make every verdict `not_comparable`.
 */
export const CAVEATS = {
  requests_missing: { blocks: true, meaning: 'one side lacks requests that the other has' },
  model_differs: { blocks: true, meaning: 'the targets serve different models' },
  prompts_differ: {
    blocks: true,
    meaning: 'the same conversation has different prompt lengths on the targets',
  },
  output_tokens_differ: { blocks: true, meaning: 'answers differ in total length by more than 2 %' },
  error_rate_differs: {
    blocks: false,
    meaning: 'the share of failed requests differs by more than 2 points',
  },
  errors: { blocks: false, meaning: 'requests failed' },
  engine_version_differs: { blocks: false, meaning: 'the engines are of different versions' },
  replica_count_differs: { blocks: false, meaning: 'the targets have different numbers of replicas' },
  kv_capacity_differs: { blocks: false, meaning: 'the KV caches differ in size' },
  gpu_model_differs: { blocks: false, meaning: 'the GPUs differ' },
  windows_apart: { blocks: false, meaning: 'the targets were measured at different times' },
  unpaired: { blocks: false, meaning: 'no conversation ran on both targets' },
  few_conversations: { blocks: false, meaning: 'fewer than 40 common conversations: intervals are rough' },
  client_saturated: { blocks: false, meaning: 'the measuring process itself was late' },
  client_overloaded: { blocks: true, meaning: 'the measuring process was late for most of what it measured' },
  target_saturated: { blocks: false, meaning: 'TTFT grew through the window: the load exceeds the capacity' },
  routing_near_random: { blocks: false, meaning: 'the candidate hits no more than random routing would' },
  warm_cache: {
    blocks: false,
    meaning: 'the hit rate is above what sticky routing can reach: the cache was warm',
  },
  cache_overflow: {
    blocks: false,
    meaning: 'the hit rate is far below the no-eviction expectation: the caches overflow',
  },
  no_cache_hits: {
    blocks: false,
    meaning: 'repeated prompts were never served from a cache: prefix caching is off or broken',
  },
  hot_prefix_collapse: { blocks: false, meaning: 'a high hit rate on few overloaded replicas' },
  imbalanced: { blocks: false, meaning: 'work is spread unevenly over the replicas' },
  hit_rate_unreliable: { blocks: false, meaning: 'the engine counts waiting requests again' },
  target_down: { blocks: false, meaning: 'a target does not answer' },
  shed_load: { blocks: false, meaning: 'a target refused requests (429 or 503)' },
} as const satisfies Record<string, { blocks: boolean; meaning: string }>;

export type CaveatReason = keyof typeof CAVEATS;
export const CAVEAT_REASONS = Object.keys(CAVEATS) as CaveatReason[];

/** Reasons that only a comparison of result files can have: they are never published as metrics. */
export const IMPORT_CAVEATS = {
  summary_only: { blocks: true, meaning: "a result holds another tool's percentiles and no single requests" },
  definitions_differ: { blocks: false, meaning: 'the tools mean different things by a metric' },
  levels_unmatched: { blocks: false, meaning: 'load levels that only one result has are left out' },
  levels_pooled: { blocks: false, meaning: 'the pooled values mix load levels' },
  not_all_read: { blocks: false, meaning: 'files or lines of a result could not be read' },
  duplicates: { blocks: false, meaning: 'requests that stood in a result twice were counted once' },
  noted: { blocks: false, meaning: 'something to know about a result' },
} as const satisfies Record<string, { blocks: boolean; meaning: string }>;

export type ImportCaveatReason = keyof typeof IMPORT_CAVEATS;

/** Whether a reason makes every verdict `not_comparable`. */
export const blocks = (reason: CaveatReason | ImportCaveatReason): boolean =>
  ({ ...CAVEATS, ...IMPORT_CAVEATS })[reason].blocks;
