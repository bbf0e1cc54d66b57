import type { Row } from '../layout';
import { REPLICA_LINK, timeSeries } from '../panels';
import { gauge, rate, smooth, total } from '../promql';
import { perReplica, perSide } from '../queries';
import { NONE } from './none';

const gpus = `${NONE.gpu} Requests running and tokens per second stand in for it.`;

const activity = timeSeries({
  id: 401,
  title: 'GPU activity per replica',
  about: {
    is: 'Mean activity of the GPUs of each replica over a minute or more: graphics engine active where the GPU tells, else the share of time with a kernel running.',
    good: 'lines of one target close together.',
    look: 'one line far above the others: it gets the hot prefix. Without a GPU page: requests running and tokens per second below.',
  },
  none: gpus,
  unit: 'percentunit',
  max: 1,
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(
    ({ is }) => smooth('taillight_replica_gpu_utilization_ratio', is, 'target, replica'),
    '15s',
  ),
});

const evenness = timeSeries({
  id: 402,
  title: 'Imbalance: busiest replica / mean',
  about: {
    is: 'The busiest replica divided by the mean of all, over the window: of GPU activity, requests running and generated tokens. 1 is even; with 4 replicas 4 is everything on one.',
    good: 'below 1.5.',
    look: 'a target that rises while its hit rate rises too: the hot prefix collapse.',
  },
  none: NONE.replicas,
  unit: 'suffix: ×',
  min: 1,
  decimals: 2,
  w: 6,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: gauge('taillight_target_balance_max_to_mean', is, 'target, resource'),
    legend: '{{target}} {{resource}}',
    style: { shades: true },
  })),
});

const variation = timeSeries({
  id: 403,
  title: 'Imbalance: coefficient of variation',
  about: {
    is: 'Standard deviation / mean over the replicas, over the window. 0 is even.',
    good: 'below the dashed line at 0.5: above it, and above the other target, the comparison bears the caveat "imbalanced".',
    look: 'which replica it is, in the panels per replica.',
  },
  none: NONE.replicas,
  unit: 'none',
  decimals: 2,
  lineAt: 0.5,
  w: 6,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: gauge('taillight_target_balance_cv', is, 'target, resource'),
    legend: '{{target}} {{resource}}',
    style: { shades: true },
  })),
});

const running = timeSeries({
  id: 404,
  title: 'Requests running per replica',
  about: {
    is: 'Requests being computed, per replica, mean over a minute or more. Told by every engine, with or without a GPU page.',
    good: 'lines of one target close together.',
    look: 'one replica at its limit while others idle.',
  },
  none: NONE.replicas,
  unit: 'none',
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(({ is }) => smooth('taillight_replica_requests_running', is, 'target, replica'), '15s'),
});

const generated = timeSeries({
  id: 405,
  title: 'Generated tokens per second per replica',
  about: {
    is: 'Tokens that each replica generates per second. Told by every engine, with or without a GPU page.',
    good: 'lines of one target close together.',
    look: 'a replica at 0: it gets no requests, or does not answer.',
  },
  none: NONE.replicas,
  unit: 'suffix: tokens/s',
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(
    ({ is }) => rate('taillight_replica_generation_tokens_total', is, 'target, replica'),
    '15s',
  ),
});

const memory = timeSeries({
  id: 406,
  title: 'GPU memory in use per replica',
  about: {
    is: 'Memory in use / memory there is, over the GPUs of each replica. vLLM takes its share at the start (gpu-memory-utilization) and keeps it.',
    good: 'flat, and equal on both targets: else the KV caches differ in size.',
    look: 'KV cache use for how full the cache is; this line does not tell.',
  },
  none: NONE.gpu,
  unit: 'percentunit',
  max: 1,
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(
    ({ is }) =>
      `${total('taillight_replica_gpu_memory_used_bytes', is, 'target, replica')} / ${total('taillight_replica_gpu_memory_total_bytes', is, 'target, replica')}`,
  ),
});

const power = timeSeries({
  id: 407,
  title: 'GPU power per target',
  about: {
    is: 'Power draw of all GPUs of a target, added.',
    good: 'less for the same tokens per second.',
    look: 'power without tokens: GPUs that do nothing draw power, too.',
  },
  none: NONE.gpu,
  unit: 'watt',
  w: 12,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: total('taillight_replica_gpu_power_watts', is, 'target'),
    legend: '{{target}} GPUs',
  })),
});

export const BALANCE: Row = {
  id: 400,
  title: 'GPU balance per replica',
  panels: [activity, evenness, variation, running, generated, memory, power],
};
