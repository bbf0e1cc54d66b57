import { dashboard, labelValues, linkTo, span } from '../common';
import { layout } from '../layout';
import { LATENCY, WORK } from './engine';
import { GPUS, PAGES } from './machine';

const annotations = [
  span(
    'Replica does not answer',
    'max by (target, replica) (taillight_replica_up{target="$target", replica="$replica"}) == bool 0',
    'The page of {{replica}} cannot be read',
    { color: 'red', tags: 'replica' },
  ),
];

/** One model server: whether it does its share, how fast, and what holds it up. */
export const REPLICA = dashboard({
  uid: 'llm-replica',
  title: 'LLM Replica',
  description: 'One replica of a deployment: its work, its latencies, its cache and its GPUs. By Taillight.',
  links: [
    linkTo('llm-performance', 'LLM Performance Dashboard', 'Back to the comparison of the deployments'),
  ],
  variables: [
    labelValues('target', 'Target', 'taillight_target_info', 'target'),
    labelValues('replica', 'Replica', 'taillight_replica_up{target="$target"}', 'replica'),
  ],
  annotations,
  panels: layout([WORK, LATENCY, GPUS, PAGES]),
});
