import type { Row } from '../layout';
import { REPLICA_LINK, timeSeries } from '../panels';
import { histogramMean, mean, rate, total } from '../promql';
import { perReplica, perSide } from '../queries';
import { NONE } from './none';

const queue = timeSeries({
  id: 501,
  title: 'Requests running and waiting',
  about: {
    is: 'Solid: being computed. Dashed: waiting to be computed. Added over the replicas.',
    good: 'nothing waits.',
    look: 'waiting that grows: the load exceeds the capacity, TTFT follows. Waiting on one target only: see whether its replicas share the work.',
  },
  none: NONE.replicas,
  unit: 'none',
  w: 12,
  queries: perSide(({ is }) => [
    {
      refId: 'Running',
      expr: total('taillight_replica_requests_running', is, 'target'),
      legend: '{{target}} running',
    },
    {
      refId: 'Waiting',
      expr: total('taillight_replica_requests_waiting', is, 'target'),
      legend: '{{target}} waiting',
      style: { line: 'dash' },
    },
  ]),
});

const waiting = timeSeries({
  id: 502,
  title: 'Time in the queue of the engine, mean',
  about: {
    is: "The engines' own waiting time before prefill, mean over all requests. No percentile: vLLM's first bucket ends at 300 ms, so that every percentile would say so even of an empty queue.",
    good: 'a few milliseconds.',
    look: 'TTFT = waiting + prefill: if this is most of the TTFT, more replicas or better balance help; the cache does not.',
  },
  none: NONE.replicas,
  unit: 's',
  w: 6,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: histogramMean('taillight_replica_queue_seconds', is, 'target'),
    legend: '{{target}} mean',
    step: '15s',
  })),
});

const preemptions = timeSeries({
  id: 503,
  title: 'Preemptions per second',
  about: {
    is: 'Requests that an engine set back because the KV cache was full, and must compute again.',
    good: '0.',
    look: 'KV cache use at 100 %: shorter contexts, fewer requests at a time, or more memory for the cache.',
  },
  none: NONE.replicas,
  unit: 'suffix: /s',
  w: 6,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: rate('taillight_replica_preemptions_total', is, 'target'),
    legend: '{{target}} preemptions',
    step: '15s',
  })),
});

const kv = timeSeries({
  id: 504,
  title: 'KV cache use per replica',
  about: {
    is: 'Share of the KV cache that running requests hold. Blocks kept only for reuse count as free.',
    good: 'below 90 %, equal on all replicas of a target.',
    look: '100 %: requests wait or are preempted, and cached prefixes are evicted: the hit rate falls.',
  },
  none: NONE.replicas,
  unit: 'percentunit',
  max: 1,
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(({ is }) => mean('taillight_replica_kv_cache_usage_ratio', is, 'target, replica')),
});

const waitingPerReplica = timeSeries({
  id: 505,
  title: 'Requests waiting per replica',
  about: {
    is: 'Requests waiting to be computed at the moment of the scrape, per replica.',
    good: '0 everywhere.',
    look: 'one replica with a queue while others have none: the router prefers the cache over an idle replica too strongly.',
  },
  none: NONE.replicas,
  unit: 'none',
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(({ is }) => total('taillight_replica_requests_waiting', is, 'target, replica')),
});

export const QUEUES: Row = {
  id: 500,
  title: 'Queues and KV cache',
  panels: [queue, waiting, preemptions, kv, waitingPerReplica],
};
