import { choice, dashboard, labelValues, linkTo, span } from '../common';
import { layout } from '../layout';
import { BOTH } from '../queries';
import { BALANCE } from './balance';
import { CACHE } from './cache';
import { HEALTH } from './health';
import { KEY_METRICS, OVERVIEW } from './overview';
import { QUEUES } from './queues';
import { ROUTER } from './router';
import { THROUGHPUT } from './throughput';
import { TTFT } from './ttft';

const targetOf = (role: 'baseline' | 'candidate', label: string) =>
  labelValues(role, label, `taillight_target_info{role="${role}"}`, 'target');

const RUNS = 'max by (run, kind)';

const annotations = [
  // Only where a run begins: one that measures live has no end, and would colour everything.
  span(
    'Measurement started',
    `${RUNS} (taillight_run_info{kind="live"}) unless ${RUNS} (max_over_time(taillight_run_info{kind="live"}[1h] offset $__interval))`,
    'Taillight measures live: {{run}}',
    { color: 'light-purple', tags: 'kind' },
  ),
  span('Benchmark run', `${RUNS} (taillight_run_info{kind="bounded"})`, 'taillight run: {{run}}', {
    color: 'purple',
    tags: 'kind',
  }),
  span(
    'Target down',
    `max by (target) (taillight_target_up{${BOTH}}) == bool 0`,
    '{{target}} does not answer',
    {
      color: 'red',
      tags: 'target',
    },
  ),
  span(
    'Alert',
    'max by (alertname, target, severity) (ALERTS{alertname=~"Taillight.*", alertstate="firing"})',
    '{{alertname}} {{target}}',
    { color: 'orange', tags: 'severity,target' },
  ),
];

/** Two deployments beside each other: whether, by how much, and why. */
export const PERFORMANCE = dashboard({
  uid: 'llm-performance',
  title: 'LLM Performance Dashboard',
  description:
    'Two LLM deployments beside each other: tail latency with honest intervals, and what explains it. By Taillight.',
  links: [linkTo('llm-replica', 'One replica', 'Everything about one replica')],
  variables: [
    targetOf('baseline', 'Baseline'),
    targetOf('candidate', 'Candidate'),
    choice('turn', 'Turns', { all: 'All turns', first: 'First turns', later: 'Later turns' }),
  ],
  annotations,
  panels: layout([OVERVIEW, KEY_METRICS, TTFT, CACHE, THROUGHPUT, BALANCE, QUEUES, ROUTER, HEALTH]),
});
