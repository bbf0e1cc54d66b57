import type { Row } from '../layout';
import { BLUE, GREY, PERCENTILES, RED } from '../look';
import { timeSeries } from '../panels';
import { gauge, quantile, rate } from '../promql';
import { percentilesPerSide, perSide } from '../queries';
import { NONE } from './none';

/** The promise as a line, where there is one. */
const objective = perSide(({ is }) => ({
  refId: 'SLO',
  expr: gauge('taillight_slo_ttft_seconds', is, 'target'),
  legend: '{{target}} objective',
  style: { color: RED, line: 'dot', width: 1 },
}));

const exact = (is: string, bound: string) =>
  gauge(
    'taillight_comparison_ttft_seconds',
    `${is}, turn="$turn", quantile="0.95", bound="${bound}"`,
    'target',
  );

const exactP95 = timeSeries({
  id: 101,
  title: 'TTFT P95 over the window, with its 95 % interval',
  about: {
    is: 'P95 of the time to first token of the probes over the sliding window, from raw samples, turns as chosen above. The band is the 95 % interval (bootstrap over conversations); dotted grey: the same percentile of the run saved as the reference.',
    good: 'bands apart, the candidate below; near or under the reference.',
    look: 'bands that overlap: the difference may be chance. A band without an upper edge has too few requests.',
  },
  none: NONE.window,
  unit: 's',
  w: 12,
  h: 9,
  queries: perSide(({ is, word }) => [
    { refId: 'P95', expr: exact(is, 'estimate'), legend: '{{target}} P95' },
    {
      refId: 'Low',
      expr: exact(is, 'lower'),
      legend: `${word}, lower end`,
      style: { quiet: true, width: 0 },
    },
    {
      refId: 'High',
      expr: exact(is, 'upper'),
      legend: `${word}, upper end`,
      style: { quiet: true, width: 0, fill: 15, fillTo: `${word}, lower end` },
    },
    {
      refId: 'Ref',
      expr: gauge('taillight_reference_ttft_seconds', `${is}, turn="$turn", quantile="0.95"`, 'target'),
      legend: '{{target}} reference',
      style: { color: GREY, line: 'dot', width: 1 },
    },
  ]),
});

const ratioAt = (q: number, bound: string) =>
  gauge(
    'taillight_comparison_ttft_ratio',
    `target="$candidate", turn="$turn", quantile="${q}", bound="${bound}"`,
    'target',
  );

const ratio = timeSeries({
  id: 102,
  title: 'TTFT of the candidate / TTFT of the baseline',
  about: {
    is: 'Ratio of the same percentile on both targets, paired by conversation; the band is the 95 % interval of the P95. 1 (dashed) is no difference.',
    good: 'the whole band below 1.',
    look: 'P99 and P50 apart from each other: a candidate can help most requests and hurt the slowest.',
  },
  none: 'No ratio yet: it needs answered probes of both targets in the window.',
  unit: 'suffix: ×',
  decimals: 2,
  lineAt: 1,
  w: 12,
  h: 9,
  queries: [
    ...PERCENTILES.map(({ q, name, style }) => ({
      refId: name,
      expr: ratioAt(q, 'estimate'),
      legend: `{{target}} ${name}`,
      style: { color: BLUE, ...style },
    })),
    {
      refId: 'Low',
      expr: ratioAt(0.95, 'lower'),
      legend: 'P95, lower end',
      style: { color: BLUE, quiet: true, width: 0 },
    },
    {
      refId: 'High',
      expr: ratioAt(0.95, 'upper'),
      legend: 'P95, upper end',
      style: { color: BLUE, quiet: true, width: 0, fill: 15, fillTo: 'P95, lower end' },
    },
  ],
});

const probes = (id: number, turn: 'first' | 'later', title: string, about: { good: string; look: string }) =>
  timeSeries({
    id,
    title,
    about: {
      is: `Time from handing the request to the socket to the first non-empty token, as a client sees it; ${turn} turns of the probes. Percentiles of the histogram (buckets of 20 %) over at least two minutes, added over everything before the quantile is taken. Dotted red: your objective.`,
      ...about,
    },
    none: NONE.probes,
    unit: 's',
    w: 12,
    h: 9,
    queries: [
      ...percentilesPerSide(
        (q, { is }) => quantile(q, 'taillight_probe_ttft_seconds', `${is}, turn="${turn}"`, 'target'),
        '30s',
      ),
      ...objective,
    ],
  });

const first = probes(103, 'first', 'TTFT of probes, first turns: nothing is cached', {
  good: 'alike on both targets: the cache cannot help a prompt that nobody has sent before.',
  look: 'queues and running requests, when one target is slower here: it has less room for prefill.',
});

const later = probes(104, 'later', 'TTFT of probes, later turns: the cache can help', {
  good: 'well below the first turns; on llm-d the P95 and P99 as well, not only the P50.',
  look: 'the cache hit rate: a high P99 with a good P50 means that some turns land on a replica without the prefix.',
});

const engine = timeSeries({
  id: 105,
  title: 'TTFT of the engines, all traffic',
  about: {
    is: 'What the model servers report about all their requests, added over the replicas of each target. Their buckets are coarse (up to 43 % off), and time in the gateway is not in it.',
    good: 'the same order as the probes show.',
    look: 'engines fast and probes slow: the time is lost before the engine, in the gateway, in the router or on the network.',
  },
  none: NONE.replicas,
  unit: 's',
  w: 12,
  h: 9,
  queries: percentilesPerSide(
    (q, { is }) => quantile(q, 'taillight_replica_ttft_seconds', is, 'target'),
    '15s',
  ),
});

const misses = timeSeries({
  id: 106,
  title: 'Probes that missed the TTFT objective',
  about: {
    is: 'Share of probe requests that were answered later than the objective in taillight.yaml, or not at all. Dotted red: the share that the objective allows.',
    good: 'below the dotted line.',
    look: 'the outcome of the probes (a failed request is a miss), then queues.',
  },
  none: NONE.slo,
  unit: 'percentunit',
  w: 6,
  h: 9,
  queries: perSide(({ is }) => [
    {
      refId: 'Miss',
      expr: `${rate('taillight_probe_slo_misses_total', is, 'target')} / ${rate('taillight_probe_requests_total', is, 'target')}`,
      legend: '{{target}} missed',
      step: '30s',
    },
    {
      refId: 'Budget',
      expr: `1 - ${gauge('taillight_slo_objective_ratio', is, 'target')}`,
      legend: '{{target}} allowed',
      style: { color: RED, line: 'dot', width: 1 },
    },
  ]),
});

const samples = timeSeries({
  id: 107,
  title: 'Requests behind the percentiles',
  about: {
    is: 'Answered probe requests in the window, turns as chosen above.',
    good: 'above the dashed line at 368: from there on the 95 % interval of a P99 has an upper end. A P95 needs 72, a P50 6.',
    look: 'skipped conversations and failed requests, when it stays below; or a higher rate, or a longer window in taillight.yaml.',
  },
  none: NONE.window,
  unit: 'none',
  lineAt: 368,
  w: 6,
  h: 9,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: gauge('taillight_comparison_samples', `${is}, turn="$turn"`, 'target'),
    legend: '{{target}} requests',
  })),
});

export const TTFT: Row = {
  id: 100,
  title: 'Time to first token',
  panels: [exactP95, ratio, first, later, engine, misses, samples],
};
