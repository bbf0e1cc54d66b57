import { defaultQueries } from '../../../plugin/src/queries';
import { DEFAULTS } from '../../../plugin/src/options';
import type { Target } from '../grafana';
import type { Row } from '../layout';
import { PROMETHEUS, stat, type Spec } from '../panels';
import { gauge, rate, smooth } from '../promql';
import { BOTH, perSide } from '../queries';
import { NONE } from './none';

/** The comparison panel with its own default queries, for the two chosen targets. */
function comparison(): Spec {
  const targets = defaultQueries({ target: BOTH, turn: '$turn' }).map((query): Target => ({
    ...query,
    datasource: PROMETHEUS,
    editorMode: 'code',
  }));
  return {
    id: 1,
    type: 'taillight-comparison-panel',
    title: 'Is the candidate really better for the slowest requests?',
    description: [
      'The comparison over the window (15 minutes unless set otherwise) from the raw times of the probes, with 95 % intervals (bootstrap over conversations).',
      '**Good:** the verdict says "answers sooner", the hit rate lies near its sticky mark, the replicas share the work, and nothing else got worse.',
      '**Look at:** the chips beside the verdict first: they name what got worse and what makes the comparison doubtful. A bar or dot of a replica links to its page.',
    ].join('\n\n'),
    w: 24,
    h: 18,
    datasource: PROMETHEUS,
    targets,
    fieldConfig: {
      defaults: {
        color: { mode: 'palette-classic' },
        links: [
          {
            title: 'Replica ${__data.fields.replica}',
            url: '/d/llm-replica?${datasource:queryparam}&var-target=${__data.fields.target}&var-replica=${__data.fields.replica}&${__url_time_range}',
          },
        ],
      },
      overrides: [],
    },
    options: { ...DEFAULTS, turn: '$turn' },
  };
}

const ttft = stat({
  id: 11,
  title: 'Time to First Token (TTFT)',
  about: {
    is: 'P95 of the probes over the window: 95 of 100 requests got their first token sooner. From raw samples, turns as chosen above.',
    good: 'the candidate below the baseline, both below your objective.',
    look: 'the interval in the panel above before you believe a small difference; then the row "Time to first token".',
  },
  none: NONE.window,
  unit: 's',
  w: 6,
  h: 5,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: gauge(
      'taillight_comparison_ttft_seconds',
      `${is}, turn="$turn", quantile="0.95", bound="estimate"`,
      'target',
    ),
    legend: '{{target}} P95',
  })),
});

const hitRate = stat({
  id: 12,
  title: 'KV Cache Hit Rate',
  about: {
    is: 'Prompt tokens that came from the KV cache / all prompt tokens, over the window, all traffic, summed over the replicas first.',
    good: 'close to the sticky mark of the panel above: what routing every conversation to one replica would give.',
    look: 'the row "Cache hit rate": near random the router does not do its job, far below it the caches overflow.',
  },
  none: NONE.replicas,
  unit: 'percentunit',
  max: 1,
  w: 6,
  h: 5,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: gauge('taillight_target_prefix_cache_hit_ratio', is, 'target'),
    legend: '{{target}} hit rate',
  })),
});

const requests = stat({
  id: 13,
  title: 'Requests per Second',
  about: {
    is: 'Requests that the engines finished per second, all traffic, whatever the reason they ended.',
    good: 'the candidate not below the baseline.',
    look: 'the same number on both is normal when requests come at a fixed rate. Errors by outcome are in the row "Requests, tokens and errors": an engine does not count what never reached it.',
  },
  none: NONE.replicas,
  unit: 'reqps',
  decimals: 2,
  w: 6,
  h: 5,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: rate('taillight_replica_requests_finished_total', is, 'target'),
    legend: '{{target}} finished',
    step: '15s',
  })),
});

const gpu = stat({
  id: 14,
  title: 'GPU Utilization',
  about: {
    is: 'Mean activity of the GPUs of all replicas over a minute or more: graphics engine active where the GPU tells, else the share of time with a kernel running.',
    good: 'less activity for the same requests: prefill that the cache saved.',
    look: 'the row "GPU balance per replica": a mean hides one busy replica among idle ones.',
  },
  none: NONE.gpu,
  unit: 'percentunit',
  max: 1,
  w: 6,
  h: 5,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: smooth('taillight_replica_gpu_utilization_ratio', is, 'target'),
    legend: '{{target}} GPUs',
    step: '15s',
  })),
});

export const OVERVIEW: Row = { id: 0, panels: [comparison()] };

export const KEY_METRICS: Row = {
  id: 10,
  title: 'Key metrics to watch',
  panels: [ttft, hitRate, requests, gpu],
};
