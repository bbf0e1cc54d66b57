import { gauge, rate } from './promql';

const CACHED = 'taillight_replica_cached_prompt_tokens_total';
const PROMPT = 'taillight_replica_prompt_tokens_total';

type By = 'target' | 'target, replica';

/** The hit rate over the exporter's window, which it knows of every engine. */
const windowRatio = (matchers: string, by: By) =>
  by === 'target'
    ? gauge('taillight_target_prefix_cache_hit_ratio', matchers, by)
    : gauge('taillight_replica_prefix_cache_hit_ratio', matchers, by);

/** Cached / all prompt tokens. Engines before vLLM 0.16 do not count cached tokens: of them the rate over the window. */
export const hitRate = (matchers: string, by: By) =>
  `${rate(CACHED, matchers, by)} / ${rate(PROMPT, matchers, by)} or ${windowRatio(matchers, by)}`;

/** Prompt tokens per second that came from the cache; of older engines the prompt tokens times the hit rate. */
export const cachedTokens = (matchers: string, by: By) =>
  `(${rate(CACHED, matchers, by)} or ${rate(PROMPT, matchers, by)} * ${windowRatio(matchers, by)})`;

/** Prompt tokens per second that had to be computed. */
export const computedTokens = (matchers: string, by: By) =>
  `${rate(PROMPT, matchers, by)} - ${cachedTokens(matchers, by)}`;
