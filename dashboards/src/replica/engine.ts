import { cachedTokens, computedTokens, hitRate } from '../cache-queries';
import type { Row } from '../layout';
import { BLUE, GREEN, GREY, ORANGE, PERCENTILES, RED } from '../look';
import { stat, states, timeSeries, UP } from '../panels';
import { gauge, histogramMean, mean, quantile, rate, total } from '../promql';
import type { MetricName } from '../../../exporter/src/publish/catalogue';
import type { Query } from '../queries';
import { BY, FLEET, THIS } from './selectors';

const NOTHING = 'This replica tells nothing about it: see "Values that the page does not tell" below.';

const up = states({
  id: 101,
  title: 'Up',
  about: {
    is: 'Whether the latest scrape of the replica succeeded.',
    good: 'green throughout.',
    look: 'red: the replica is gone, restarts, or its page cannot be read.',
  },
  none: 'No replica of this name in this time range.',
  states: UP,
  w: 8,
  h: 5,
  queries: [{ refId: 'A', expr: gauge('taillight_replica_up', THIS, BY), legend: '{{replica}}' }],
});

/** What the replica does of what its target does. */
const share = stat({
  id: 102,
  title: 'Share of the work of its target',
  about: {
    is: 'Generated tokens of this replica / those of all replicas of its target.',
    good: 'about 1 / number of replicas.',
    look: 'much more: a hot prefix; much less: the router avoids it, or it just started.',
  },
  none: NOTHING,
  unit: 'percentunit',
  max: 1,
  w: 8,
  h: 5,
  queries: [
    {
      refId: 'A',
      expr: `${rate('taillight_replica_generation_tokens_total', THIS, BY)} / on (target) group_left ${rate('taillight_replica_generation_tokens_total', FLEET, 'target')}`,
      legend: '{{replica}}',
      style: { color: BLUE },
      step: '15s',
    },
  ],
});

const hitNow = stat({
  id: 103,
  title: 'KV cache hit rate over the window',
  about: {
    is: 'Cached prompt tokens / prompt tokens of this replica, and of all replicas of its target together.',
    good: 'both about the same.',
    look: 'this one lower: it restarted, or its cache overflows.',
  },
  none: NOTHING,
  unit: 'percentunit',
  max: 1,
  w: 8,
  h: 5,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_replica_prefix_cache_hit_ratio', THIS, BY),
      legend: '{{replica}}',
      style: { color: BLUE },
    },
    {
      refId: 'B',
      expr: gauge('taillight_target_prefix_cache_hit_ratio', FLEET, 'target'),
      legend: 'all of {{target}}',
      style: { color: GREY },
    },
  ],
});

const queue = timeSeries({
  id: 104,
  title: 'Requests running and waiting',
  about: {
    is: 'Requests being computed and waiting; dashed: running on a replica of this target on average.',
    good: 'nothing waits; running near the average.',
    look: 'a queue here while the average is low: work is spread badly.',
  },
  none: NOTHING,
  unit: 'none',
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: total('taillight_replica_requests_running', THIS, BY),
      legend: '{{replica}} running',
      style: { color: BLUE },
    },
    {
      refId: 'B',
      expr: total('taillight_replica_requests_waiting', THIS, BY),
      legend: '{{replica}} waiting',
      style: { color: RED },
    },
    {
      refId: 'C',
      expr: mean('taillight_replica_requests_running', FLEET, 'target'),
      legend: 'average of {{target}}, running',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const kv = timeSeries({
  id: 105,
  title: 'KV cache use',
  about: {
    is: 'Share of the KV cache that running requests hold; dashed: the average of this target.',
    good: 'below 90 %.',
    look: '100 %: requests wait or are preempted, prefixes are evicted.',
  },
  none: NOTHING,
  unit: 'percentunit',
  max: 1,
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_replica_kv_cache_usage_ratio', THIS, BY),
      legend: '{{replica}}',
      style: { color: BLUE },
    },
    {
      refId: 'B',
      expr: mean('taillight_replica_kv_cache_usage_ratio', FLEET, 'target'),
      legend: 'average of {{target}}',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const hitRateOverTime = timeSeries({
  id: 106,
  title: 'KV cache hit rate over time',
  about: {
    is: 'Cached / all prompt tokens, from the rates of the counters; dashed: all replicas of this target together.',
    good: 'near the dashed line.',
    look: 'a fall to 0: the cache was lost (restart, reset).',
  },
  none: NOTHING,
  unit: 'percentunit',
  max: 1,
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: hitRate(THIS, BY),
      legend: '{{replica}}',
      style: { color: BLUE },
      step: '15s',
    },
    {
      refId: 'B',
      expr: hitRate(FLEET, 'target'),
      legend: 'all of {{target}}',
      style: { color: GREY, line: 'dash' },
      step: '15s',
    },
  ],
});

const tokens = timeSeries({
  id: 107,
  title: 'Tokens per second',
  about: {
    is: 'Generated tokens, prompt tokens that were computed (all − cached), and prompt tokens from the cache.',
    good: 'little computed, much cached.',
    look: 'computed prompt tokens: prefill work, which sets the TTFT.',
  },
  none: NOTHING,
  unit: 'suffix: tokens/s',
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: rate('taillight_replica_generation_tokens_total', THIS, BY),
      legend: '{{replica}} generated',
      style: { color: BLUE },
      step: '15s',
    },
    {
      refId: 'B',
      expr: computedTokens(THIS, BY),
      legend: '{{replica}} prompt, computed',
      style: { color: ORANGE },
      step: '15s',
    },
    {
      refId: 'C',
      expr: cachedTokens(THIS, BY),
      legend: '{{replica}} prompt, cached',
      style: { color: GREEN },
      step: '15s',
    },
  ],
});

const finished = timeSeries({
  id: 108,
  title: 'Finished requests per second, by reason',
  about: {
    is: 'Requests that ended, by the reason the engine gives (stop, length, abort, …).',
    good: 'mostly stop and length.',
    look: 'abort: clients gave up.',
  },
  none: NOTHING,
  unit: 'reqps',
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: rate('taillight_replica_requests_finished_total', THIS, `${BY}, reason`),
      legend: '{{replica}} {{reason}}',
      style: { color: BLUE, shades: true },
      step: '15s',
    },
  ],
});

const preemptions = timeSeries({
  id: 109,
  title: 'Preemptions per second',
  about: {
    is: 'Requests that were set back because the KV cache was full, and must be computed again.',
    good: '0.',
    look: 'KV cache use above.',
  },
  none: NOTHING,
  unit: 'suffix: /s',
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: rate('taillight_replica_preemptions_total', THIS, BY),
      legend: '{{replica}}',
      style: { color: BLUE },
      step: '15s',
    },
  ],
});

export const WORK: Row = {
  id: 100,
  title: 'Work and cache',
  panels: [up, share, hitNow, queue, kv, hitRateOverTime, tokens, finished, preemptions],
};

/** Percentiles of this replica, and the P95 of its whole target. */
const percentiles = (metric: MetricName): Query[] => [
  ...PERCENTILES.map(({ q, name, style }): Query => ({
    refId: name,
    expr: quantile(q, metric, THIS, BY),
    legend: `{{replica}} ${name}`,
    style: { color: BLUE, ...style },
    step: '15s',
  })),
  {
    refId: 'Fleet',
    expr: quantile(0.95, metric, FLEET, 'target'),
    legend: 'all of {{target}} P95',
    style: { color: GREY, line: 'dash' },
    step: '15s',
  },
];

const latency = (id: number, title: string, metric: MetricName, is: string, look: string) =>
  timeSeries({
    id,
    title,
    about: {
      is: `${is} All traffic, as the engine measures it, in its own coarse buckets. Grey: P95 of all replicas of this target.`,
      good: 'P95 near the grey line.',
      look,
    },
    none: NOTHING,
    unit: 's',
    w: 12,
    queries: percentiles(metric),
  });

const waiting = timeSeries({
  id: 202,
  title: 'Waiting time before prefill, mean',
  about: {
    is: "From the arrival at the engine to the start of its computation, mean over all requests; grey: of all replicas of this target. No percentile: vLLM's first bucket ends at 300 ms, so that every percentile would say so even of an empty queue.",
    good: 'a few milliseconds.',
    look: 'requests running, and KV cache use: either is the limit.',
  },
  none: NOTHING,
  unit: 's',
  w: 12,
  queries: [
    {
      refId: 'A',
      expr: histogramMean('taillight_replica_queue_seconds', THIS, BY),
      legend: '{{replica}} mean',
      style: { color: BLUE },
      step: '15s',
    },
    {
      refId: 'B',
      expr: histogramMean('taillight_replica_queue_seconds', FLEET, 'target'),
      legend: 'all of {{target}} mean',
      style: { color: GREY, line: 'dash' },
      step: '15s',
    },
  ],
});

export const LATENCY: Row = {
  id: 200,
  title: 'Latency, as the engine measures it',
  panels: [
    latency(
      201,
      'Time to first token',
      'taillight_replica_ttft_seconds',
      'From the arrival at the engine to its first token.',
      'waiting time: TTFT is waiting + prefill.',
    ),
    waiting,
    latency(
      203,
      'Time between tokens',
      'taillight_replica_itl_seconds',
      'Gap between two tokens of an answer.',
      'requests running: large batches and long prefills stretch the gaps.',
    ),
    latency(
      204,
      'End-to-end time',
      'taillight_replica_e2e_seconds',
      'From the arrival at the engine to the last token.',
      'the length of answers, before anything else.',
    ),
  ],
};
