/**
 * `taillight.comparison/1`, strictly: what `/api/v1/comparison` and `demo --json` give, key by key. No key may be absent and
 * none may be added without a change here. Seconds, ratios (0..1) and tokens; null where it is not known.
 */
import { z } from 'zod';
import { CAVEAT_REASONS } from '../../exporter/src/model/caveat';
import { LATENCY_METRICS, QUANTILE_NAMES, VERDICTS } from '../../exporter/src/model/comparison';
import { OUTCOMES, TURN_CLASSES } from '../../exporter/src/model/record';

const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const time = z.iso.datetime();

const estimate = z
  .strictObject({ estimate: seconds, lower: seconds, upper: seconds, n: count })
  .refine(({ lower, upper }) => lower <= upper, 'the ends of the interval are the wrong way round');

const latency = z.strictObject({
  p50: estimate.nullable(),
  p90: estimate.nullable(),
  p95: estimate.nullable(),
  p99: estimate.nullable(),
  mean: seconds.nullable(),
  min: seconds.nullable(),
  max: seconds.nullable(),
});
const byTurn = z.strictObject({ first: latency, later: latency, all: latency });

const balance = z.strictObject({ cv: z.number().nonnegative(), max_to_mean: z.number().min(1) }).nullable();

const replica = z.strictObject({
  name: z.string(),
  up: z.boolean(),
  hit_rate: share.nullable(),
  gpu_utilization: share.nullable(),
  running: z.number().nonnegative().nullable(),
  waiting: z.number().nonnegative().nullable(),
  kv_cache_usage: share.nullable(),
  tokens_per_second: z.number().nonnegative().nullable(),
});

const target = z.strictObject({
  name: z.string(),
  role: z.enum(['baseline', 'candidate']),
  up: z.boolean(),
  model: z.string().nullable(),
  engine: z.strictObject({ name: z.string().nullable(), version: z.string().nullable() }),
  window: z.strictObject({ start: time, end: time }).nullable(),
  conversations: count,
  samples: z.strictObject({ first: count, later: count, all: count }),
  ttft_seconds: byTurn,
  e2e_seconds: byTurn,
  tpot_seconds: byTurn,
  itl_seconds: byTurn,
  ttft_by_turn_seconds: z.array(
    z.strictObject({ turn: z.int().positive(), n: z.int().positive(), p50: seconds, mean: seconds }),
  ),
  outcomes: z.partialRecord(z.enum(OUTCOMES), z.int().positive()),
  tokens: z.strictObject({
    prompt: count.nullable(),
    cached: count.nullable(),
    completion: count.nullable(),
  }),
  requests_per_second: z.number().nonnegative().nullable(),
  output_tokens_per_second: z.number().nonnegative().nullable(),
  hit_rate: z
    .strictObject({
      measured: share.nullable(),
      source: z.string().nullable(),
      from_probes: share.nullable(),
      expected_random: share.nullable(),
      expected_sticky: share.nullable(),
    })
    .nullable(),
  balance: z.strictObject({ gpu: balance, running: balance, tokens: balance }),
  replicas: z.array(replica),
});

const turn = z.enum(TURN_CLASSES as [string, ...string[]]);
const quantile = z.enum(QUANTILE_NAMES);
const ratio = z.number().nonnegative().nullable();

const pair = z.strictObject({
  baseline: z.string(),
  candidate: z.string(),
  method: z.enum(['paired', 'unpaired']),
  conversations: count,
  ratios: z.array(
    z.strictObject({
      metric: z.enum(LATENCY_METRICS),
      turn,
      quantile,
      estimate: ratio,
      lower: ratio,
      upper: ratio,
      verdict: z.enum(VERDICTS as [string, ...string[]]),
    }),
  ),
  worse: z.array(
    z.strictObject({ metric: z.string(), turn: turn.nullable(), quantile: quantile.nullable() }),
  ),
  caveats: z.array(
    z.strictObject({
      reason: z.enum(CAVEAT_REASONS),
      target: z.string().nullable(),
      text: z.string().min(10),
    }),
  ),
});

const both = { targets: z.array(target), comparisons: z.array(pair) };

export const comparisonSchema = z.strictObject({
  schema: z.literal('taillight.comparison/1'),
  generated: time,
  baseline: z.string(),
  ...both,
  levels: z
    .array(z.strictObject({ level: z.number(), unit: z.enum(['qps', 'concurrency']), ...both }))
    .optional(),
});
