/** Every limit that decides a verdict or a caveat, in one table. Shares and ratios 0..1. */
export const THRESHOLDS = {
  /** Fewer drawn units than this cannot show a difference at 95 %, however clear (2 x 0.5^6 = 3 %): the minimum of a P50. */
  least_clusters: 6,
  /** Common conversations below which intervals are rough: x1.2 in P95 is about the least that 40 can show. */
  few_conversations: 40,
  /** Share of requests that one side may lack. */
  requests_missing: 0.02,
  /** Relative difference of prompt lengths, and the share of first turns that may differ by it. */
  prompts_differ: 0.02,
  /** Relative difference of answer lengths. */
  output_tokens_differ: 0.02,
  /** Difference of the shares of failed requests. */
  error_rate_differs: 0.02,
  /** Relative difference of KV capacity. */
  kv_capacity_differs: 0.02,
  /** Event-loop delay P99 / TTFT P50. */
  client_saturated: 0.05,
  /** Event-loop delay P50 / TTFT P50: not a few events were seen late but most. */
  client_overloaded: 0.05,
  /** Distance from the random expectation within which routing looks random ... */
  near_random: 0.03,
  /** ... if the sticky bound is at least this far above the measured rate. */
  below_sticky: 0.05,
  /** Above the sticky bound by more than this: warm. */
  warm_cache: 0.03,
  /** Below the random expectation by more than this: evictions. */
  cache_overflow: 0.05,
  /** A hit rate up to this is no hit rate at all. */
  no_cache_hits: 0.001,
  /** Prefix-cache queries / prompt tokens. */
  queries_per_prompt_token: 1.02,
  /** Coefficient of variation over replicas: one of two nearly idle has 0.9, two of four idle have 1. */
  collapse_cv: 0.9,
  /** Chance alone gives sticky routing of 40 conversations on 4 replicas sqrt(3/40) = 0.27. */
  imbalanced_cv: 0.5,
  /** By how much the imbalance must exceed the other side's. */
  imbalanced_margin: 0.2,
  /** Busiest GPU below this: too idle for its spread to mean anything. */
  idle_gpu: 0.1,
  /** Requests running over all replicas below this: likewise. */
  idle_running: 1,
  /** Slack when two shares of cache hits are compared. */
  same_hit_rate: 0.01,
  /** Requests per target from which a throughput is compared at all: the minimum of a P90. */
  throughput_samples: 36,
} as const;
