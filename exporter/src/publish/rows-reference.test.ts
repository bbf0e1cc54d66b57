import type { ReferenceTarget } from '../model/reference';
import { referenceRows, sloRows } from './rows-reference';

const none = { n: 0, quantiles: { p50: null, p90: null, p95: null, p99: null } };

test('a reference is told with its percentiles, counts and end; what it does not tell has no row', () => {
  const reference: ReferenceTarget = {
    run: 'r',
    ended: '2026-11-25T10:00:00.500Z',
    model: null,
    workload: null,
    ttft_seconds: {
      first: none,
      later: { n: 400, quantiles: { p50: 0.1, p90: 0.2, p95: 0.25, p99: 0.5 } },
      all: { n: 40, quantiles: { p50: 0.12, p90: 0.21, p95: null, p99: null } },
    },
  };
  const printed = referenceRows({ vllm: reference }).map(
    ({ metric, labels, value }) =>
      `${metric.replace('taillight_reference_', '')} ${Object.values(labels).join(' ')} ${value}`,
  );
  expect(printed).toEqual([
    'samples vllm first 0',
    'ttft_seconds vllm later 0.5 0.1',
    'ttft_seconds vllm later 0.9 0.2',
    'ttft_seconds vllm later 0.95 0.25',
    'ttft_seconds vllm later 0.99 0.5',
    'samples vllm later 400',
    'ttft_seconds vllm all 0.5 0.12',
    'ttft_seconds vllm all 0.9 0.21',
    'samples vllm all 40',
    'timestamp_seconds vllm 1795600800.5',
  ]);
});

test('only targets to which something is promised have its rows', () => {
  const rows = sloRows([
    { name: 'vllm', slo: null },
    { name: 'llm-d', slo: { ttft_seconds: 0.5, objective_ratio: 0.95 } },
  ]);
  expect(rows.map(({ metric, labels, value }) => [metric, labels['target'], value])).toEqual([
    ['taillight_slo_ttft_seconds', 'llm-d', 0.5],
    ['taillight_slo_objective_ratio', 'llm-d', 0.95],
  ]);
});
