/** `observations.json` of a Taillight run: what its servers were like. Nothing in it is trusted to have its type. */
import type { Balance, ReplicaSummary } from '../../model/comparison';
import type { TargetObservation } from '../../model/observation';
import { amount, at, list, word } from '../json-values';
import type { Located, Reading } from '../reading';

export const isObservations = (value: unknown): boolean => at(value, 'schema') === 'taillight.observations/1';

function balance(value: unknown): Balance | null {
  const [cv, max_to_mean] = [amount(at(value, 'cv')), amount(at(value, 'max_to_mean'))];
  return cv === null || max_to_mean === null ? null : { cv, max_to_mean };
}

const replica = (value: unknown): ReplicaSummary => ({
  name: word(at(value, 'name')) ?? '',
  up: at(value, 'up') === true,
  hit_rate: amount(at(value, 'hit_rate')),
  gpu_utilization: amount(at(value, 'gpu_utilization')),
  running: amount(at(value, 'running')),
  waiting: amount(at(value, 'waiting')),
  kv_cache_usage: amount(at(value, 'kv_cache_usage')),
  tokens_per_second: amount(at(value, 'tokens_per_second')),
});

function observation(value: unknown): TargetObservation[] {
  const name = word(at(value, 'name'));
  if (name === null) return [];
  const hits = amount(at(value, 'hit_rate', 'value'));
  return [
    {
      name,
      up: at(value, 'up') !== false,
      model: word(at(value, 'model')),
      engine: { name: word(at(value, 'engine', 'name')), version: word(at(value, 'engine', 'version')) },
      replica_count: amount(at(value, 'replica_count')),
      replicas: list(at(value, 'replicas')).map(replica),
      hit_rate:
        hits === null ? null : { value: hits, source: word(at(value, 'hit_rate', 'source')) ?? 'untold' },
      balance: {
        gpu: balance(at(value, 'balance', 'gpu')),
        running: balance(at(value, 'balance', 'running')),
        tokens: balance(at(value, 'balance', 'tokens')),
      },
      block_size: amount(at(value, 'block_size')) || null,
      kv_capacity_tokens: amount(at(value, 'kv_capacity_tokens')),
      gpu_model: word(at(value, 'gpu_model')),
      kv_cache_usage_max: amount(at(value, 'kv_cache_usage_max')),
      prompt_tokens: amount(at(value, 'prompt_tokens')),
      preemptions: amount(at(value, 'preemptions')),
      queries_per_prompt_token: amount(at(value, 'queries_per_prompt_token')),
    },
  ];
}

export async function readObservations(values: AsyncIterable<Located>): Promise<Reading> {
  const observations: TargetObservation[] = [];
  for await (const { value } of values) observations.push(...list(at(value, 'targets')).flatMap(observation));
  return { parts: [], unread: [], observations };
}
