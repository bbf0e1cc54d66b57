import type { Tone } from '../types';

/**
 * What each caveat of the exporter means, in words; `blocks` reasons forbid a verdict. The plugin shares no code with the
 * exporter, so the table is written again here and a test holds the two together.
 */
export const CAVEATS: Record<string, { blocks: boolean; label: string; meaning: string }> = {
  requests_missing: {
    blocks: true,
    label: 'requests missing',
    meaning: 'one side lacks requests that the other has',
  },
  model_differs: { blocks: true, label: 'model differs', meaning: 'the targets serve different models' },
  prompts_differ: {
    blocks: true,
    label: 'prompts differ',
    meaning: 'the same conversation has different prompt lengths on the targets',
  },
  output_tokens_differ: {
    blocks: true,
    label: 'output differs',
    meaning: 'answers differ in total length by more than 2 %',
  },
  error_rate_differs: {
    blocks: false,
    label: 'error rate differs',
    meaning: 'the share of failed requests differs by more than 2 points',
  },
  errors: { blocks: false, label: 'errors', meaning: 'requests failed' },
  engine_version_differs: {
    blocks: false,
    label: 'engine version differs',
    meaning: 'the engines are of different versions',
  },
  replica_count_differs: {
    blocks: false,
    label: 'replica count differs',
    meaning: 'the targets have different numbers of replicas',
  },
  kv_capacity_differs: {
    blocks: false,
    label: 'KV capacity differs',
    meaning: 'the KV caches differ in size',
  },
  gpu_model_differs: { blocks: false, label: 'GPU differs', meaning: 'the GPUs differ' },
  windows_apart: {
    blocks: false,
    label: 'different times',
    meaning: 'the targets were measured at different times',
  },
  unpaired: { blocks: false, label: 'unpaired', meaning: 'no conversation ran on both targets' },
  few_conversations: {
    blocks: false,
    label: 'few conversations',
    meaning: 'fewer than 40 common conversations: intervals are rough',
  },
  client_saturated: {
    blocks: false,
    label: 'client late',
    meaning: 'the measuring process itself was late',
  },
  client_overloaded: {
    blocks: true,
    label: 'client overloaded',
    meaning: 'the measuring process was late for most of what it measured',
  },
  target_saturated: {
    blocks: false,
    label: 'saturated',
    meaning: 'TTFT grew through the window: the load exceeds the capacity',
  },
  routing_near_random: {
    blocks: false,
    label: 'routing near random',
    meaning: 'the candidate hits no more than random routing would',
  },
  warm_cache: {
    blocks: false,
    label: 'warm cache',
    meaning: 'the hit rate is above what sticky routing can reach: the cache was warm',
  },
  cache_overflow: {
    blocks: false,
    label: 'cache overflow',
    meaning: 'the hit rate is far below the no-eviction expectation: the caches overflow',
  },
  no_cache_hits: {
    blocks: false,
    label: 'no cache hits',
    meaning: 'repeated prompts were never served from a cache: prefix caching is off or broken',
  },
  hot_prefix_collapse: {
    blocks: false,
    label: 'hot prefix collapse',
    meaning: 'a high hit rate on few overloaded replicas',
  },
  imbalanced: { blocks: false, label: 'imbalanced', meaning: 'work is spread unevenly over the replicas' },
  hit_rate_unreliable: {
    blocks: false,
    label: 'hit rate unreliable',
    meaning: 'the engine counts waiting requests again',
  },
  target_down: { blocks: false, label: 'down', meaning: 'a target does not answer' },
  shed_load: { blocks: false, label: 'load shed', meaning: 'a target refused requests (429 or 503)' },
};

const SEVERE = new Set(['target_down', 'hot_prefix_collapse', 'shed_load']);

export function caveatTone(reason: string): Tone {
  return CAVEATS[reason]?.blocks === true || SEVERE.has(reason) ? 'critical' : 'warning';
}

/** A reason of a newer exporter is shown as it is. */
export const caveatLabel = (reason: string) => CAVEATS[reason]?.label ?? reason;
export const caveatMeaning = (reason: string) => CAVEATS[reason]?.meaning ?? reason;
