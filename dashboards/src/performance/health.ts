import type { Row } from '../layout';
import { BLUE, GREY, RED } from '../look';
import { FIRING, HOLDS, states, table, timeSeries, UP, WELL } from '../panels';
import { gauge, quantile, rate } from '../promql';
import { BOTH, perSide } from '../queries';
import { NONE } from './none';

const EXPORTER = 'Taillight itself tells nothing: see whether Prometheus can scrape it.';

const info = table({
  id: 701,
  title: 'What is compared',
  about: {
    is: 'Model, engine and version of each target, as its pages tell.',
    good: 'the same model and the same engine version on both.',
    look: 'differences: they are named as caveats, as they and not the router may explain the result.',
  },
  none: EXPORTER,
  columns: { role: 'Role', target: 'Target', model: 'Model', engine: 'Engine', version: 'Version' },
  w: 12,
  h: 5,
  queries: [
    {
      refId: 'A',
      expr: gauge('taillight_target_info', BOTH, 'role, target, model, engine, version'),
      legend: '',
    },
  ],
});

const targetUp = states({
  id: 702,
  title: 'Targets up',
  about: {
    is: 'Whether the latest probe or check of each target was answered.',
    good: 'green throughout.',
    look: 'red: the outcome of its probes says why. A target that is down is not probed, so it has no latencies.',
  },
  none: EXPORTER,
  states: UP,
  w: 6,
  h: 5,
  queries: [{ refId: 'A', expr: gauge('taillight_target_up', BOTH, 'target'), legend: '{{target}}' }],
});

const replicas = timeSeries({
  id: 703,
  title: 'Replicas ready and listed',
  about: {
    is: 'Solid: ready replicas that discovery knows. Dotted: all that it lists.',
    good: 'both the same, equal on both targets.',
    look: 'fewer ready than listed: pods that start, crash or fail their readiness probe.',
  },
  none: NONE.replicas,
  unit: 'none',
  decimals: 0,
  w: 6,
  h: 5,
  queries: perSide(({ is }) => [
    { refId: 'Ready', expr: gauge('taillight_target_replicas', is, 'target'), legend: '{{target}} ready' },
    {
      refId: 'Listed',
      expr: gauge('taillight_target_replicas_listed', is, 'target'),
      legend: '{{target}} listed',
      style: { line: 'dot', width: 1 },
    },
  ]),
});

const alerts = states({
  id: 704,
  title: 'Alerts firing',
  about: {
    is: "Taillight's alerts, by the time at which they fired.",
    good: 'nothing.',
    look: 'the runbook that the alert names.',
  },
  none: 'No alert of Taillight fired in this time range.',
  states: FIRING,
  w: 12,
  h: 6,
  queries: [
    {
      refId: 'A',
      expr: 'max by (alertname, target, severity) (ALERTS{alertname=~"Taillight.*", alertstate="firing"})',
      legend: '{{alertname}} {{target}} ({{severity}})',
    },
  ],
});

const caveats = states({
  id: 705,
  title: 'Caveats of the comparison',
  about: {
    is: 'Reasons why the comparison must be read with care, while they hold. The comparison panel has the sentence for each.',
    good: 'nothing.',
    look: 'model_differs, prompts_differ, output_tokens_differ, requests_missing and client_overloaded forbid every verdict.',
  },
  none: 'No caveat held in this time range.',
  states: HOLDS,
  w: 12,
  h: 6,
  queries: [
    {
      refId: 'A',
      expr: `max by (target, reason) (taillight_comparison_caveat{${BOTH}}) == 1`,
      legend: '{{target}} {{reason}}',
    },
  ],
});

const scrapes = states({
  id: 706,
  title: 'Scrapes, discovery, configuration',
  about: {
    is: 'Whether the latest scrape of each replica (engine), router and GPU page succeeded, the latest look for replicas and GPU pages, and the latest reading of the configuration.',
    good: 'green throughout.',
    look: 'red: `taillight inspect URL` says what is wrong with a page, the label reason of taillight_scrape_success as well.',
  },
  none: 'No page is scraped: set targets[].replicas, targets[].router and gpus in taillight.yaml.',
  states: WELL,
  w: 12,
  h: 9,
  queries: [
    {
      refId: 'A',
      expr: 'min by (source, target, replica) (taillight_scrape_success)',
      legend: '{{source}} {{target}} {{replica}}',
    },
    {
      refId: 'B',
      expr: 'min by (source, target) (taillight_discovery_success)',
      legend: 'discovery of {{source}} {{target}}',
    },
    { refId: 'C', expr: 'min(taillight_config_last_reload_successful)', legend: 'configuration' },
  ],
});

const missing = table({
  id: 707,
  title: 'Values that a page does not tell',
  about: {
    is: 'What Taillight looks for on a page and does not find there, under any of the names it has had.',
    good: 'an empty table.',
    look: 'a value of the engine: the metric was renamed upstream, or an option of the engine switches it off. Panels that need it stay empty.',
  },
  none: 'Every page tells all that Taillight looks for.',
  columns: { source: 'Page', target: 'Target', replica: 'Replica', family: 'Missing' },
  w: 12,
  h: 9,
  queries: [
    {
      refId: 'A',
      expr: 'max by (source, target, replica, family) (taillight_scrape_missing)',
      legend: '',
    },
  ],
});

const loop = timeSeries({
  id: 708,
  title: 'Lateness of the measuring process',
  about: {
    is: 'Delay of the event loop that measures the probes (P50, P99). What it is late is added to every latency.',
    good: 'P99 below 5 % of the TTFT P50.',
    look: 'CPU limits of the exporter, or fewer conversations at a time.',
  },
  none: EXPORTER,
  unit: 's',
  w: 6,
  queries: [
    {
      refId: 'P50',
      expr: 'max(taillight_event_loop_delay_seconds{quantile="0.5"})',
      legend: 'event loop P50',
      style: { color: GREY },
    },
    {
      refId: 'P99',
      expr: 'max(taillight_event_loop_delay_seconds{quantile="0.99"})',
      legend: 'event loop P99',
      style: { color: BLUE },
    },
  ],
});

const lag = timeSeries({
  id: 709,
  title: 'Lateness of sending, P99',
  about: {
    is: 'How much later than intended a probe request was handed to the socket.',
    good: 'a few milliseconds.',
    look: 'the event loop; or the cap on conversations at a time, when the target is slow.',
  },
  none: NONE.probes,
  unit: 's',
  w: 6,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: quantile(0.99, 'taillight_probe_send_lag_seconds', is, 'target'),
    legend: '{{target}} P99',
    step: '30s',
  })),
});

const skipped = timeSeries({
  id: 710,
  title: 'Conversations skipped, and results not written',
  about: {
    is: 'Conversations per second that were due and not started, because the target was down or all slots and the queue were full; and results that could not be written to data_dir.',
    good: '0, or no line at all.',
    look: 'down: see "Targets up". full: the target is slower than the rate asks; the percentiles then show too little load. Results: the disk.',
  },
  none: 'Nothing was skipped.',
  unit: 'suffix: /s',
  w: 6,
  queries: [
    ...perSide(({ is }) => ({
      refId: 'Skipped',
      expr: rate('taillight_probe_skipped_conversations_total', is, 'target, reason'),
      legend: '{{target}} {{reason}}',
      style: { shades: true },
      step: '30s',
    })),
    {
      refId: 'Write',
      expr: 'sum(rate(taillight_results_write_errors_total[$__rate_interval]))',
      legend: 'results not written',
      style: { color: RED },
      step: '30s',
    },
  ],
});

const share = timeSeries({
  id: 711,
  title: 'Share of the traffic that is probes',
  about: {
    is: "Prompt tokens of the probes / all prompt tokens of the target's replicas, over the window.",
    good: 'a few percent on a target with users; 100 % where there are none.',
    look: 'a large share on a busy target: lower the rate of probing, it costs the users.',
  },
  none: NONE.replicas,
  unit: 'percentunit',
  max: 1,
  w: 6,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: gauge('taillight_probe_traffic_share_ratio', is, 'target'),
    legend: '{{target}} probes',
  })),
});

export const HEALTH: Row = {
  id: 700,
  title: 'Is the measurement sound?',
  panels: [info, targetUp, replicas, alerts, caveats, scrapes, missing, loop, lag, skipped, share],
};
