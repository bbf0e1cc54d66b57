import type { DataFrame, Field } from '@grafana/data';
import { DEFAULTS, type PanelOptions } from '../options';
import type { PrepareContext } from '../data/prepare';

/** Builders for tests: samples as the exporter publishes them, and frames in every shape that a data source makes of them. */

export const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);

export interface Sample {
  metric: string;
  labels: Record<string, string>;
  value: number | null;
}

export const sample = (metric: string, labels: Record<string, string>, value: number | null): Sample => ({
  metric,
  labels,
  value,
});

export const field = (name: string, type: string, values: unknown[], extra: Partial<Field> = {}): Field =>
  ({ name, type, values, config: {}, ...extra }) as Field;

export const frame = (fields: Field[], extra: Partial<DataFrame> = {}): DataFrame =>
  ({ fields, length: Math.max(0, ...fields.map((one) => one.values.length)), ...extra }) as DataFrame;

/** One frame per sample, labels on the field: an instant answer as time series. */
export const asInstant = (samples: readonly Sample[], time = NOW): DataFrame[] =>
  samples.map(({ metric, labels, value }) =>
    frame([
      field('Time', 'time', [time]),
      field('Value', 'number', [value], { labels: metric === '' ? labels : { __name__: metric, ...labels } }),
    ]),
  );

/** One frame with a column per label: an instant answer as table. */
export function asTable(samples: readonly Sample[], time = NOW): DataFrame[] {
  const names = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].sort();
  return [
    frame(
      [
        field(
          'Time',
          'time',
          samples.map(() => time),
        ),
        field(
          '__name__',
          'string',
          samples.map(({ metric }) => metric),
        ),
        ...names.map((name) =>
          field(
            name,
            'string',
            samples.map(({ labels }) => labels[name] ?? null),
          ),
        ),
        field(
          'Value',
          'number',
          samples.map(({ value }) => value),
        ),
      ],
      { refId: 'whatever' },
    ),
  ];
}

/** One frame with a column per series, named as legends spell series. */
export const asWide = (samples: readonly Sample[], time = NOW): DataFrame[] => [
  frame([
    field('Time', 'time', [time]),
    ...samples.map(({ metric, labels, value }) => {
      const list = Object.entries(labels).map(([name, text]) => `${name}="${text}"`);
      return field(`${metric}{${list.join(', ')}}`, 'number', [value]);
    }),
  ]),
];

/** A range answer: `values` ends at NOW, one every `step` milliseconds. */
export const history = (
  metric: string,
  labels: Record<string, string>,
  values: (number | null)[],
  step = 15_000,
): DataFrame =>
  frame([
    field(
      'Time',
      'time',
      values.map((_, i) => NOW - (values.length - 1 - i) * step),
    ),
    field('Value', 'number', values, { labels: { __name__: metric, ...labels } }),
  ]);

export interface TargetSpec {
  name: string;
  /** P50 TTFT of later turns, seconds; the others follow from it. */
  ttft?: number;
  samples?: number;
  up?: boolean;
  replicas?: number;
  hit?: number;
  /** Mean load of each replica. */
  gpu?: (replica: number) => number;
  window?: { start: number; end: number };
  model?: string;
  role?: 'baseline' | 'candidate';
  caveats?: string[];
}

const FACTOR = { '0.5': 1, '0.9': 1.6, '0.95': 2, '0.99': 3.2 } as const;
const WIDTH = { '0.5': 0.06, '0.9': 0.1, '0.95': 0.13, '0.99': 0.28 } as const;
const TURN_SHARE = { first: 0.25, later: 0.75, all: 1 } as const;
const TURN_FACTOR = { first: 2.2, later: 1, all: 1.35 } as const;

const NEEDED = { '0.5': 6, '0.9': 36, '0.95': 72, '0.99': 368 } as const;
type Q = keyof typeof FACTOR;
type T = keyof typeof TURN_SHARE;
const QS = Object.keys(FACTOR) as Q[];
const TS = Object.keys(TURN_SHARE) as T[];

/** First turns find every cache cold, on every target alike. */
const ttftOf = (spec: TargetSpec, turn: T, q: Q, cold: number) =>
  (turn === 'first' ? cold : (spec.ttft ?? 0.2)) * TURN_FACTOR[turn] * FACTOR[q];

function bounds(metric: string, labels: Record<string, string>, estimate: number, width: number): Sample[] {
  return [
    sample(metric, { ...labels, bound: 'estimate' }, estimate),
    sample(metric, { ...labels, bound: 'lower' }, estimate * (1 - width)),
    sample(metric, { ...labels, bound: 'upper' }, estimate * (1 + width * 1.3)),
  ];
}

function targetSamples(spec: TargetSpec, index: number): Sample[] {
  const { name: target, samples = 440, up = true, replicas = 4, hit = 0.5, gpu = () => 0.6 } = spec;
  const window = spec.window ?? { start: NOW - 900_000, end: NOW - 2_000 };
  const list: Sample[] = [
    sample('taillight_target_up', { target }, up ? 1 : 0),
    sample('taillight_target_replicas', { target }, replicas),
    sample(
      'taillight_target_info',
      {
        target,
        model: spec.model ?? 'llama-3.1-8b',
        engine: 'vllm',
        version: '0.11.0',
        role: spec.role ?? (index === 0 ? 'baseline' : 'candidate'),
      },
      1,
    ),
    sample('taillight_comparison_window_start_timestamp_seconds', { target }, window.start / 1000),
    sample('taillight_comparison_window_end_timestamp_seconds', { target }, window.end / 1000),
    sample('taillight_target_prefix_cache_hit_ratio', { target }, hit),
    sample('taillight_target_prefix_cache_expected_ratio', { target, routing: 'random' }, 0.42),
    sample('taillight_target_prefix_cache_expected_ratio', { target, routing: 'sticky' }, 0.86),
    sample('taillight_target_balance_cv', { target, resource: 'gpu' }, 0.08),
    sample('taillight_target_balance_max_to_mean', { target, resource: 'gpu' }, 1.12),
    sample('taillight:replica_generation_tokens:rate', { target, replica: 'sum' }, 0),
  ].filter(({ labels }) => labels['replica'] !== 'sum');
  for (const turn of TS) {
    list.push(
      sample('taillight_comparison_samples', { target, turn }, Math.round(samples * TURN_SHARE[turn])),
    );
    if (samples === 0) continue;
    for (const q of QS) {
      const labels = { target, turn, quantile: q };
      list.push(
        ...bounds('taillight_comparison_ttft_seconds', labels, ttftOf(spec, turn, q, 0.21), WIDTH[q]),
      );
      list.push(...bounds('taillight_comparison_e2e_seconds', labels, 2.1 * FACTOR[q], 0.1));
      list.push(...bounds('taillight_comparison_tpot_seconds', labels, 0.021 * FACTOR[q], 0.1));
    }
  }
  for (let turn = 1; turn <= 8 && samples > 0; turn++) {
    const value = turn === 1 ? 0.46 : (spec.ttft ?? 0.2) * (1 + turn * 0.04);
    list.push(sample('taillight_comparison_turn_ttft_seconds', { target, turn_number: String(turn) }, value));
  }
  for (let i = 0; i < replicas; i++) {
    const labels = { target, replica: `${target}-${i}` };
    list.push(
      sample('taillight_replica_up', labels, 1),
      sample(
        'taillight_replica_prefix_cache_hit_ratio',
        labels,
        Math.min(0.99, Math.max(0.01, hit + 0.06 * Math.sin(i * 2.3))),
      ),
      sample('taillight:replica_gpu_utilization:mean', labels, gpu(i)),
      sample('taillight:replica_generation_tokens:rate', labels, 410 + 20 * Math.sin(i)),
    );
  }
  for (const reason of [
    'errors',
    'imbalanced',
    'few_conversations',
    'model_differs',
    ...(spec.caveats ?? []),
  ]) {
    list.push(
      sample(
        'taillight_comparison_caveat',
        { target, reason },
        spec.caveats?.includes(reason) === true ? 1 : 0,
      ),
    );
  }
  list.push(
    sample('taillight:probe_requests:increase', { target, outcome: 'ok' }, samples),
    sample('taillight:probe_requests:increase', { target, outcome: 'timeout' }, samples * 0.004),
    sample('taillight:probe_tokens:increase', { target, kind: 'prompt' }, samples * 3800),
    sample('taillight:probe_tokens:increase', { target, kind: 'cached' }, samples * 3800 * (hit - 0.02)),
    sample('taillight:probe_tokens:increase', { target, kind: 'completion' }, samples * 96),
  );
  return list;
}

/** What the exporter says of a pair. `verdict` null: judged from the numbers, too few where n is too small. */
function pairSamples(baseline: TargetSpec, candidate: TargetSpec, verdict: string | null = null): Sample[] {
  const target = candidate.name;
  const n = Math.min(baseline.samples ?? 440, candidate.samples ?? 440);
  return TS.flatMap((turn) =>
    QS.flatMap((q) => {
      const ratio = ttftOf(candidate, turn, q, 0.21) / ttftOf(baseline, turn, q, 0.21);
      const judged = ratio < 0.95 ? 'faster' : ratio > 1.05 ? 'slower' : 'no_difference_shown';
      const few = n * TURN_SHARE[turn] < NEEDED[q];
      const holds = verdict ?? (few ? 'too_few' : judged);
      const labels = { target, turn, quantile: q };
      const known = holds !== 'too_few' && holds !== 'not_comparable';
      return [
        ...['ttft', 'e2e', 'tpot'].map((metric) =>
          sample(
            'taillight_comparison_verdict',
            { ...labels, metric, verdict: metric === 'ttft' ? holds : 'no_difference_shown' },
            1,
          ),
        ),
        ...(known ? bounds('taillight_comparison_ttft_ratio', labels, ratio, WIDTH[q] * 0.9) : []),
      ];
    }),
  );
}

/** The whole answer for some targets, the first being the baseline. */
export function comparisonSamples(specs: readonly TargetSpec[], verdict: string | null = null): Sample[] {
  const [baseline, ...candidates] = specs;
  if (baseline === undefined) return [];
  return [
    ...specs.flatMap(targetSamples),
    ...candidates.flatMap((candidate) => pairSamples(baseline, candidate, verdict)),
  ];
}

export const VLLM: TargetSpec = { name: 'vllm', ttft: 0.276, hit: 0.44 };
export const LLMD: TargetSpec = {
  name: 'llm-d',
  ttft: 0.1,
  hit: 0.83,
  gpu: (i) => 0.55 + 0.08 * Math.sin(i),
};

/** An hour of the headline percentile. */
export function historyFrames(specs: readonly TargetSpec[], points = 120): DataFrame[] {
  return specs.flatMap((spec, k) => {
    const base = (spec.ttft ?? 0.2) * 2.7;
    const values = Array.from(
      { length: points },
      (_, i) => base * (1 + 0.08 * Math.sin(i / 7 + k) + 0.05 * Math.sin(i * 1.7)),
    );
    const labels = { target: spec.name, turn: 'all', quantile: '0.95' };
    return [
      history('taillight_comparison_ttft_seconds', { ...labels, bound: 'estimate' }, values, 30_000),
      history(
        'taillight_comparison_ttft_seconds',
        { ...labels, bound: 'lower' },
        values.map((v) => v * 0.88),
        30_000,
      ),
      history(
        'taillight_comparison_ttft_seconds',
        { ...labels, bound: 'upper' },
        values.map((v) => v * 1.16),
        30_000,
      ),
    ];
  });
}

export const OPTIONS: PanelOptions = { ...DEFAULTS };

export const context = (over: Partial<PrepareContext> = {}): PrepareContext => ({
  state: 'done',
  now: NOW,
  range: { from: NOW - 3_600_000, to: NOW },
  timeZone: 'utc',
  ...over,
});
