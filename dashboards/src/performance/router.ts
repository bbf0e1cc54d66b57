import type { Row } from '../layout';
import { BLUE, GREEN, GREY } from '../look';
import { REPLICA_LINK, timeSeries } from '../panels';
import { gauge, rate, total } from '../promql';
import { BOTH } from '../queries';
import { NONE } from './none';

/** Keeps the targets that have a router. */
const WITH_ROUTER = 'and on (target) taillight_router_info';

const ready = timeSeries({
  id: 601,
  title: 'Replicas the router considers ready',
  about: {
    is: 'Solid: endpoints that the router (EPP) considers ready. Dashed: replicas whose page Taillight can read.',
    good: 'both the same.',
    look: 'fewer ready than up: the router does not see a replica, or its own scrape of it fails.',
  },
  none: NONE.router,
  unit: 'none',
  w: 6,
  queries: [
    {
      refId: 'Ready',
      expr: gauge('taillight_router_ready_endpoints', BOTH, 'target'),
      legend: '{{target}} ready',
      style: { color: BLUE },
    },
    {
      refId: 'Up',
      expr: `${total('taillight_replica_up', BOTH, 'target')} ${WITH_ROUTER}`,
      legend: '{{target}} up',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const flow = timeSeries({
  id: 602,
  title: 'Requests at the router',
  about: {
    is: 'Solid: requests that the router has under way. Dashed: requests waiting at replicas as the router sees it, mean over the replicas.',
    good: 'no queue.',
    look: 'under way here far above running in the engines: they wait in the router or in the gateway.',
  },
  none: NONE.router,
  unit: 'none',
  w: 6,
  queries: [
    {
      refId: 'Running',
      expr: gauge('taillight_router_requests_running', BOTH, 'target'),
      legend: '{{target}} under way',
      style: { color: BLUE },
    },
    {
      refId: 'Queue',
      expr: gauge('taillight_router_queue_size', BOTH, 'target'),
      legend: '{{target}} queue',
      style: { color: GREY, line: 'dash' },
    },
  ],
});

const passed = timeSeries({
  id: 603,
  title: 'Requests through the router',
  about: {
    is: 'Solid: requests per second that passed the router. Dashed: requests per second that its engines finished.',
    good: 'both the same.',
    look: 'more passed than finished: requests fail on the way, or a queue grows. Fewer: clients go round the router.',
  },
  none: NONE.router,
  unit: 'reqps',
  w: 6,
  queries: [
    {
      refId: 'Passed',
      expr: rate('taillight_router_requests_total', BOTH, 'target'),
      legend: '{{target}} passed',
      style: { color: BLUE },
      step: '15s',
    },
    {
      refId: 'Finished',
      expr: `${rate('taillight_replica_requests_finished_total', BOTH, 'target')} ${WITH_ROUTER}`,
      legend: '{{target}} finished',
      style: { color: GREEN, line: 'dash' },
      step: '15s',
    },
  ],
});

const decisions = timeSeries({
  id: 604,
  title: 'Decisions of the router, share per replica',
  about: {
    is: 'How often the router chose each replica / all its decisions.',
    good: 'about 1 / number of replicas each, when many conversations run.',
    look: 'one replica with nearly all: a prefix that everyone shares draws everything to it. Compare with its queue.',
  },
  none: NONE.router,
  unit: 'percentunit',
  max: 1,
  stacked: true,
  links: [REPLICA_LINK],
  w: 6,
  queries: [
    {
      refId: 'Share',
      expr: `${rate('taillight_router_decisions_total', BOTH, 'target, replica')} / on (target) group_left ${rate('taillight_router_decisions_total', BOTH, 'target')}`,
      legend: '{{target}} / {{replica}}',
      style: { color: BLUE, shades: true },
      step: '15s',
    },
  ],
});

export const ROUTER: Row = {
  id: 600,
  title: 'Router (endpoint picker)',
  panels: [ready, flow, passed, decisions],
};
