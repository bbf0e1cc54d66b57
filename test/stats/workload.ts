/** Invented targets for tests of the comparison: small, seeded, and silent (no caveat holds) unless a test changes something. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComparisonInput, TargetInput } from '../../exporter/src/compare/input';
import type { ReplicaSummary } from '../../exporter/src/model/comparison';
import type { TargetObservation } from '../../exporter/src/model/observation';
import type { TimedRecord } from '../../exporter/src/model/record';
import { createRandom, type RandomSource } from '../../exporter/src/stats/random';

export const START = 1_795_267_200;

/** A normal deviate (Box-Muller). */
export function normal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

export interface Shape {
  conversations: number;
  turns: number;
  seed: number;
  /** TTFT of first and later turns, ms, before the random factors. */
  first_ms: number;
  later_ms: number;
  /** Share of later turns that miss the cache: three times as slow, nothing cached. */
  miss: number;
  e2e_ms: number;
}

export const SHAPE: Shape = {
  conversations: 48,
  turns: 10,
  seed: 1,
  first_ms: 600,
  later_ms: 300,
  miss: 0,
  e2e_ms: 1500,
};

const PROMPT = 4000;
const GROWTH = 150;
const COMPLETION = 64;

/** What a request that was answered looks like. */
export function record(
  target: string,
  conversation: string,
  turn: number,
  more: Partial<TimedRecord> = {},
): TimedRecord {
  return {
    request_id: `r/${target}/${conversation}/${turn}/${more.round ?? 0}`,
    run: 'r',
    target,
    conversation,
    round: 0,
    turn,
    intended_ms: 0,
    sent_ms: 0,
    ttft_ms: 100,
    e2e_ms: 1000,
    tpot_ms: 15,
    itl_ms: { p50: 14, p95: 30, max: 60, count: 60 },
    prompt_tokens: PROMPT + GROWTH * (turn - 1),
    cached_tokens: 0,
    completion_tokens: COMPLETION,
    outcome: 'ok',
    http_status: 200,
    sent_at: START,
    ...more,
  };
}

/** What a request that failed looks like. */
export const failure = (outcome: TimedRecord['outcome']): Partial<TimedRecord> => ({
  outcome,
  ttft_ms: null,
  e2e_ms: null,
  tpot_ms: null,
  itl_ms: null,
  prompt_tokens: null,
  cached_tokens: null,
  completion_tokens: null,
  http_status: outcome.startsWith('http_4') ? Number(outcome.slice(5)) || 400 : null,
});

/**
 * Latencies as in the simulation of benchmarking practice: log-normal, an effect of the document that all targets share
 * (sd 0.3), one of this target on this conversation (0.15), noise (0.15), and misses. Cached tokens follow the misses.
 */
export function records(target: string, changes: Partial<Shape> = {}): TimedRecord[] {
  const shape = { ...SHAPE, ...changes };
  const shared = createRandom(shape.seed, 100);
  const own = createRandom(
    shape.seed,
    [...target].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7),
  );
  return Array.from({ length: shape.conversations }, (_, index) => {
    const document = 0.3 * normal(shared) + 0.15 * normal(own);
    return Array.from({ length: shape.turns }, (_, earlier) => {
      const turn = earlier + 1;
      const missed = turn > 1 && own.unit() < shape.miss;
      const factor = Math.exp(document + 0.15 * normal(own)) * (missed ? 3 : 1);
      const known = Math.floor((PROMPT + GROWTH * (turn - 2) + COMPLETION - 1) / 16) * 16;
      return record(target, `c${String(index).padStart(3, '0')}`, turn, {
        ttft_ms: (turn === 1 ? shape.first_ms : shape.later_ms) * factor,
        e2e_ms: shape.e2e_ms * factor,
        cached_tokens: turn === 1 || missed ? 0 : known,
        sent_at: START + index * 3 + earlier * 4,
      });
    });
  }).flat();
}

export const replicas = (loads: readonly number[]): ReplicaSummary[] =>
  loads.map((load, index) => ({
    name: `replica-${index}`,
    up: true,
    hit_rate: 0.5,
    gpu_utilization: 0.5,
    running: 2,
    waiting: 0,
    kv_cache_usage: 0.2,
    tokens_per_second: load,
  }));

export const observation = (name: string, changes: Partial<TargetObservation> = {}): TargetObservation => ({
  name,
  up: true,
  model: 'Qwen/Qwen3-0.6B',
  engine: { name: 'vllm', version: '0.32.0' },
  replica_count: 4,
  replicas: replicas([100, 101, 99, 100]),
  hit_rate: null,
  balance: { gpu: { cv: 0.1, max_to_mean: 1.1 }, running: null, tokens: { cv: 0.1, max_to_mean: 1.1 } },
  block_size: 16,
  kv_capacity_tokens: 174_384,
  gpu_model: 'NVIDIA L4',
  kv_cache_usage_max: 0.4,
  prompt_tokens: null,
  preemptions: 0,
  queries_per_prompt_token: 1,
  ...changes,
});

export interface Side {
  observation?: Partial<TargetObservation>;
  records?: TimedRecord[];
  requests_missing?: number;
}

export const target = (name: string, role: TargetInput['role'], side: Side = {}): TargetInput => ({
  role,
  observation: observation(name, side.observation),
  records: side.records ?? records(name),
  ...(side.requests_missing === undefined ? {} : { requests_missing: side.requests_missing }),
});

/** `vllm` against `llm-d`; by default alike in everything, both routed stickily. */
export const input = (baseline: Side = {}, candidate: Side = {}, changes: Partial<ComparisonInput> = {}) =>
  ({
    generated: new Date(START * 1000),
    baseline: 'vllm',
    targets: [target('vllm', 'baseline', baseline), target('llm-d', 'candidate', candidate)],
    client: { event_loop_delay_p50_seconds: 0.0005, event_loop_delay_p99_seconds: 0.002 },
    options: { min_effect: 0.05, resamples: 300, seed: 7 },
    ...changes,
  }) satisfies ComparisonInput;

export interface RecordedTurn {
  conversation: number;
  turn: number;
  replica: string;
  sent_at: number;
  ttft_ms: number;
  e2e_ms: number;
  prompt_tokens: number;
  completion_tokens: number;
  cached_tokens: number | null;
}

/** A recording of test/fixtures/stats/schedules. */
export function schedule(name: string): RecordedTurn[] {
  const file = join(__dirname, '../fixtures/stats/schedules', `${name}.jsonl`);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedTurn);
}

/** A recording by conversation, turns in order. */
export function conversationsOf(turns: readonly RecordedTurn[]): RecordedTurn[][] {
  const groups = new Map<number, RecordedTurn[]>();
  for (const turn of turns) groups.set(turn.conversation, [...(groups.get(turn.conversation) ?? []), turn]);
  return [...groups.values()].map((group) => group.sort((left, right) => left.turn - right.turn));
}

/** A recording as the records of a target. */
export const recordedTarget = (name: string, target: string): TimedRecord[] =>
  schedule(name).map(({ conversation, turn, ...rest }) =>
    record(target, `c${conversation}`, turn, { ...rest, tpot_ms: null, itl_ms: null }),
  );
