import type { Row } from '../layout';
import { bars, REPLICA_LINK, timeSeries } from '../panels';
import { cachedTokens, computedTokens, hitRate } from '../cache-queries';
import { gauge, rate } from '../promql';
import { perReplica, perSide } from '../queries';
import { NONE } from './none';

/** Said where it matters: what is shown of engines that do not count cached tokens. */
const OLD = 'Engines that do not count cached tokens (vLLM before 0.16): the rate over the window.';

const overTime = timeSeries({
  id: 201,
  title: 'Cache hit rate, and what routing should give',
  about: {
    is: `Cached prompt tokens / prompt tokens. Solid: all traffic, the replicas' counters, added before they are divided. Dashed: the probes alone, where the server tells cached tokens per answer. Dotted: what the probes' own schedule gives without eviction when requests go to a random replica (lower line) or each conversation stays on one (upper line, sticky). ${OLD}`,
    good: 'at or just under the sticky line.',
    look: 'near random: the router does not do its job. Below random: the caches overflow (KV cache use, preemptions). Above sticky: the cache was warm, or other traffic shares prefixes.',
  },
  none: NONE.replicas,
  unit: 'percentunit',
  max: 1,
  w: 16,
  h: 10,
  queries: perSide(({ is }) => [
    {
      refId: 'All',
      expr: hitRate(is, 'target'),
      legend: '{{target}} all traffic',
      step: '15s',
    },
    {
      refId: 'Probes',
      expr: `${rate('taillight_probe_cached_tokens_total', is, 'target')} / ${rate('taillight_probe_prompt_tokens_total', is, 'target')}`,
      legend: '{{target}} probes',
      style: { line: 'dash' },
      step: '30s',
    },
    ...(['random', 'sticky'] as const).map((routing) => ({
      refId: routing === 'random' ? 'Random' : 'Sticky',
      expr: gauge('taillight_target_prefix_cache_expected_ratio', `${is}, routing="${routing}"`, 'target'),
      legend: `{{target}} if ${routing}`,
      style: { line: 'dot' as const, width: 1 },
    })),
  ]),
});

const perReplicaNow = bars({
  id: 202,
  title: 'Cache hit rate per replica, over the window',
  about: {
    is: 'Cached prompt tokens / prompt tokens of each replica over the window.',
    good: 'bars of about equal length.',
    look: 'one long bar among short ones: everything with a shared prefix goes there (hot prefix); see its share of the work in "GPU balance per replica".',
  },
  none: NONE.replicas,
  unit: 'percentunit',
  max: 1,
  links: [REPLICA_LINK],
  w: 8,
  h: 10,
  queries: perReplica(({ is }) => gauge('taillight_replica_prefix_cache_hit_ratio', is, 'target, replica')),
});

const replicasOverTime = timeSeries({
  id: 203,
  title: 'Cache hit rate per replica, over time',
  about: {
    is: `Cached / all prompt tokens per replica, from the rates of its counters: a restart is no false drop. ${OLD}`,
    good: 'lines of one target close together.',
    look: 'a line that falls to 0 after a restart (cold cache), or swings (evictions).',
  },
  none: NONE.replicas,
  unit: 'percentunit',
  max: 1,
  links: [REPLICA_LINK],
  w: 12,
  queries: perReplica(({ is }) => hitRate(is, 'target, replica'), '15s'),
});

const promptTokens = timeSeries({
  id: 204,
  title: 'Prompt tokens per second, computed and from the cache',
  about: {
    is: `Solid: prompt tokens that the GPUs had to compute (all − cached). Dashed: those that the cache spared them. ${OLD}`,
    good: 'little computed, much cached, for the same requests.',
    look: 'the computed line: it is the prefill work, and it sets the TTFT under load.',
  },
  none: NONE.replicas,
  unit: 'suffix: tokens/s',
  w: 12,
  queries: perSide(({ is }) => [
    {
      refId: 'Computed',
      expr: computedTokens(is, 'target'),
      legend: '{{target}} computed',
      step: '15s',
    },
    {
      refId: 'Cached',
      expr: cachedTokens(is, 'target'),
      legend: '{{target}} cached',
      style: { line: 'dash' },
      step: '15s',
    },
  ]),
});

export const CACHE: Row = {
  id: 200,
  title: 'Cache hit rate',
  panels: [overTime, perReplicaNow, replicasOverTime, promptTokens],
};
