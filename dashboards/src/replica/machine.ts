import type { Row } from '../layout';
import { BLUE, GREY } from '../look';
import { states, table, timeSeries, WELL } from '../panels';
import { gauge, rate } from '../promql';
import { NONE } from '../performance/none';
import { BY, FLEET, THIS } from './selectors';

const PER_GPU = `${BY}, gpu`;

const activity = timeSeries({
  id: 301,
  title: 'GPU activity',
  about: {
    is: 'Activity of each GPU of the replica: graphics engine active where the GPU tells, else the share of time with a kernel running. Dashed: mean of the target.',
    good: 'near the dashed line.',
    look: 'one GPU of several idle: tensor parallelism waits for the slowest.',
  },
  none: NONE.gpu,
  unit: 'percentunit',
  max: 1,
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_replica_gpu_utilization_ratio', THIS, PER_GPU),
      legend: '{{replica}} {{gpu}}',
      style: { color: BLUE, shades: true },
    },
    {
      refId: 'B',
      expr: `avg by (target) (taillight_replica_gpu_utilization_ratio{${FLEET}})`,
      legend: 'average of {{target}}',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const memory = timeSeries({
  id: 302,
  title: 'GPU memory',
  about: {
    is: 'Memory in use on each GPU; dashed: memory there is.',
    good: 'flat: the engine takes its share at the start.',
    look: 'growth: something else runs on this GPU.',
  },
  none: NONE.gpu,
  unit: 'bytes',
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_replica_gpu_memory_used_bytes', THIS, PER_GPU),
      legend: '{{replica}} {{gpu}} used',
      style: { color: BLUE, shades: true },
    },
    {
      refId: 'B',
      expr: gauge('taillight_replica_gpu_memory_total_bytes', THIS, PER_GPU),
      legend: '{{replica}} {{gpu}} total',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const power = timeSeries({
  id: 303,
  title: 'GPU power',
  about: {
    is: 'Power draw of each GPU.',
    good: 'follows the activity.',
    look: 'high activity at low power: the GPU waits for memory or is throttled.',
  },
  none: NONE.gpu,
  unit: 'watt',
  w: 8,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_replica_gpu_power_watts', THIS, PER_GPU),
      legend: '{{replica}} {{gpu}}',
      style: { color: BLUE, shades: true },
    },
  ],
});

export const GPUS: Row = { id: 300, title: 'GPUs', panels: [activity, memory, power] };

const decisions = timeSeries({
  id: 401,
  title: 'How often the router chose it',
  about: {
    is: 'Decisions of the router for this replica / all its decisions; dashed: the even share, 1 / ready replicas.',
    good: 'near the dashed line, when many conversations run.',
    look: 'far above: a shared prefix draws everything here.',
  },
  none: NONE.router,
  unit: 'percentunit',
  max: 1,
  w: 6,
  queries: [
    {
      refId: 'A',
      expr: `${rate('taillight_router_decisions_total', THIS, BY)} / on (target) group_left ${rate('taillight_router_decisions_total', FLEET, 'target')}`,
      legend: '{{replica}}',
      style: { color: BLUE },
      step: '15s',
    },
    {
      refId: 'B',
      expr: `1 / ${gauge('taillight_target_replicas', FLEET, 'target')} and on (target) taillight_router_info`,
      legend: 'even share of {{target}}',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const scrapes = states({
  id: 402,
  title: 'Scrapes',
  about: {
    is: "Whether the latest scrape of the replica's page succeeded, with the reason where it did not.",
    good: 'green throughout.',
    look: '`taillight inspect URL` says what is wrong with a page.',
  },
  none: 'No replica of this name in this time range.',
  states: WELL,
  w: 6,
  queries: [
    {
      refId: 'A',
      expr: `min by (source, reason) (taillight_scrape_success{${THIS}})`,
      legend: '{{source}} {{reason}}',
    },
  ],
});

const missing = table({
  id: 403,
  title: 'Values that the page does not tell',
  about: {
    is: 'What Taillight looks for on the page of this replica and does not find there, under any of the names it has had.',
    good: 'an empty table.',
    look: 'the version of the engine and its options: the metric was renamed, or is switched off.',
  },
  none: 'The page tells all that Taillight looks for.',
  columns: { source: 'Page', family: 'Missing' },
  w: 6,
  queries: [{ refId: 'A', expr: gauge('taillight_scrape_missing', THIS, 'source, family'), legend: '' }],
});

const duration = timeSeries({
  id: 404,
  title: 'Duration of its scrapes',
  about: {
    is: "How long Taillight's latest scrape of the replica's page took.",
    good: 'well below the interval of scrapes.',
    look: 'growth: the engine is too busy to answer, or its page grew.',
  },
  none: 'No replica of this name in this time range.',
  unit: 's',
  w: 6,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_scrape_duration_seconds', THIS, 'source'),
      legend: '{{source}}',
      style: { color: BLUE },
    },
  ],
});

export const PAGES: Row = {
  id: 400,
  title: 'Router and scrapes',
  panels: [decisions, scrapes, duration, missing],
};
