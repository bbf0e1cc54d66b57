import type { Row } from '../layout';
import { timeSeries } from '../panels';
import { quantile, rate } from '../promql';
import { percentilesPerSide, perSide } from '../queries';
import { NONE } from './none';

const requests = 'taillight_probe_requests_total';
const finishedTotal = 'taillight_replica_requests_finished_total';

const finished = timeSeries({
  id: 301,
  title: 'Finished requests per second, all traffic',
  about: {
    is: 'Solid: requests that the engines finished per second, added over the replicas. Dashed: those that ended otherwise than by a stop or at their full length (abort, error, …).',
    good: 'steady, the dashed lines at 0.',
    look: 'dashed lines: clients gave up, or engines failed; the page of a replica has every reason. Requests that never reached an engine are not here: the probes show them.',
  },
  none: NONE.replicas,
  unit: 'reqps',
  w: 12,
  queries: perSide(({ is }) => [
    {
      refId: 'All',
      expr: rate(finishedTotal, is, 'target'),
      legend: '{{target}} finished',
      step: '15s',
    },
    {
      refId: 'Otherwise',
      expr: `${rate(finishedTotal, is, 'target')} - ${rate(finishedTotal, `${is}, reason=~"stop|length"`, 'target')}`,
      legend: '{{target}} ended otherwise',
      style: { line: 'dash' },
      step: '15s',
    },
  ]),
});

const outcomes = timeSeries({
  id: 302,
  title: 'Probe requests per second, by outcome',
  about: {
    is: 'Every probe request ends as ok, timeout, connect_error, tls_error, http_4xx, http_429, http_503, http_5xx, stream_cut, bad_stream or empty.',
    good: 'only ok.',
    look: 'http_429 and http_503: the target sheds load, also when the gateway answers that itself and no engine counts it. connect_error: nothing listens.',
  },
  none: 'No probe was sent in this time range.',
  unit: 'reqps',
  w: 8,
  queries: perSide(({ is }) => ({
    refId: '',
    expr: rate(requests, is, 'target, outcome'),
    legend: '{{target}} {{outcome}}',
    style: { shades: true },
    step: '30s',
  })),
});

const failed = timeSeries({
  id: 303,
  title: 'Failed probe requests',
  about: {
    is: 'Probe requests whose outcome is not ok / all probe requests.',
    good: '0 on both targets. Fast failures make percentiles look better than they are.',
    look: 'the outcome beside it.',
  },
  none: 'No probe was sent in this time range.',
  unit: 'percentunit',
  w: 4,
  // Where requests were counted and none was ok, "ok" is truly 0, though its series does not exist.
  queries: perSide(({ is }) => ({
    refId: '',
    expr: `1 - (${rate(requests, `${is}, outcome="ok"`, 'target')} or 0 * ${rate(requests, is, 'target')}) / ${rate(requests, is, 'target')}`,
    legend: '{{target}} failed',
    step: '30s',
  })),
});

const tokens = timeSeries({
  id: 304,
  title: 'Tokens per second, all traffic',
  about: {
    is: 'Solid: generated tokens. Dashed: prompt tokens, cached ones included. Added over the replicas.',
    good: 'generated tokens alike on both targets, as they do the same work.',
    look: 'prompt tokens far above generated ones are normal for chats: each turn sends the whole history.',
  },
  none: NONE.replicas,
  unit: 'suffix: tokens/s',
  w: 12,
  queries: perSide(({ is }) => [
    {
      refId: 'Generated',
      expr: rate('taillight_replica_generation_tokens_total', is, 'target'),
      legend: '{{target}} generated',
      step: '15s',
    },
    {
      refId: 'Prompt',
      expr: rate('taillight_replica_prompt_tokens_total', is, 'target'),
      legend: '{{target}} prompt',
      style: { line: 'dash' },
      step: '15s',
    },
  ]),
});

const e2e = timeSeries({
  id: 305,
  title: 'End-to-end time of probes',
  about: {
    is: 'From handing the request to the socket to the last token, all turns; P50, P95 and P99 of the histogram.',
    good: 'the candidate not above the baseline: a better TTFT that costs the whole answer is no gain.',
    look: 'time between tokens below, if TTFT is better and this is worse.',
  },
  none: NONE.probes,
  unit: 's',
  w: 12,
  queries: percentilesPerSide((q, { is }) => quantile(q, 'taillight_probe_e2e_seconds', is, 'target'), '30s'),
});

const itl = timeSeries({
  id: 306,
  title: 'Inter-token latency (ITL) of probes',
  about: {
    is: 'Gaps between the events that bear tokens (one event may hold several), all turns; P50, P95 and P99 of the histogram.',
    good: 'P99 below 100 ms: readers do not notice.',
    look: 'running requests per replica: large batches and long prefills stretch the gaps.',
  },
  none: NONE.probes,
  unit: 's',
  w: 12,
  queries: percentilesPerSide((q, { is }) => quantile(q, 'taillight_probe_itl_seconds', is, 'target'), '30s'),
});

const engineLatency = timeSeries({
  id: 307,
  title: 'P95 of the engines, all traffic: end to end, and between tokens',
  about: {
    is: 'What the engines report about all requests, added over the replicas. Solid: end to end. Dashed: between tokens.',
    good: 'the same order of the targets as the probes show.',
    look: 'engine and probe apart: time is lost before the engine.',
  },
  none: NONE.replicas,
  unit: 's',
  w: 12,
  queries: perSide(({ is }) => [
    {
      refId: 'E2E',
      expr: quantile(0.95, 'taillight_replica_e2e_seconds', is, 'target'),
      legend: '{{target}} end to end P95',
      step: '15s',
    },
    {
      refId: 'ITL',
      expr: quantile(0.95, 'taillight_replica_itl_seconds', is, 'target'),
      legend: '{{target}} between tokens P95',
      style: { line: 'dash' },
      step: '15s',
    },
  ]),
});

export const THROUGHPUT: Row = {
  id: 300,
  title: 'Requests, tokens and errors',
  panels: [finished, outcomes, failed, tokens, e2e, itl, engineLatency],
};
