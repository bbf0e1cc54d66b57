import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplicaSummary } from '../model/comparison';
import type { TargetObservation } from '../model/observation';
import { ObservationMemory } from './observations';

const replica = (up: boolean): ReplicaSummary => ({
  name: 'vllm-0',
  up,
  hit_rate: up ? 0.8 : null,
  gpu_utilization: null,
  running: null,
  waiting: null,
  kv_cache_usage: null,
  tokens_per_second: null,
});

const observation = (up: boolean, replicas: ReplicaSummary[]): TargetObservation => ({
  name: 'vllm',
  up,
  model: up ? 'qwen' : null,
  engine: { name: up ? 'vllm' : null, version: null },
  replica_count: replicas.length,
  replicas,
  hit_rate: up ? { value: 0.8, source: 'x' } : null,
  balance: { gpu: null, running: null, tokens: null },
  block_size: up ? 16 : null,
  kv_capacity_tokens: null,
  gpu_model: null,
  kv_cache_usage_max: null,
  prompt_tokens: null,
  preemptions: null,
  queries_per_prompt_token: null,
});

const folder = () => mkdtempSync(join(tmpdir(), 'taillight-observations-'));
const gone = { up: false, hit_rate: { value: 0.8 }, block_size: 16, replica_count: 1 };

describe('what is known of a target', () => {
  test('is the present while it is up', () => {
    const memory = new ObservationMemory();
    const now = observation(true, [replica(true)]);
    expect(memory.recall(now)).toBe(now);
  });

  test.each([
    ['its replicas are listed no more', []],
    ['its static list names replicas that do not answer', [replica(false)]],
  ])('is what was known last when it went away and %s', (_, replicas) => {
    const memory = new ObservationMemory();
    memory.recall(observation(true, [replica(true)]));
    const recalled = memory.recall(observation(false, replicas));
    expect(recalled).toMatchObject(gone);
    expect(recalled.replicas.map(({ up }) => up)).toEqual([false]);
  });

  test('is the present when its replicas answer though it does not, or it does though they do not', () => {
    const memory = new ObservationMemory();
    memory.recall(observation(true, [replica(true)]));
    for (const present of [observation(false, [replica(true)]), observation(true, [replica(false)])]) {
      expect(memory.recall(present)).toBe(present);
    }
    expect(memory.recall(observation(false, []))).toMatchObject(gone);
  });

  test('is the present when nothing was ever known', () => {
    const now = observation(false, [replica(false)]);
    expect(new ObservationMemory().recall(now)).toBe(now);
  });

  test('lives on in a file, written in one step', async () => {
    const data_dir = folder();
    const before = new ObservationMemory();
    before.recall(observation(true, [replica(true)]));
    await before.save(data_dir);
    expect(readdirSync(data_dir)).toEqual(['observations.json']);
    const after = new ObservationMemory();
    await after.load(data_dir);
    expect(after.recall(observation(false, []))).toMatchObject(gone);
  });

  test.each([
    ['no JSON', '{{{'],
    ['null', 'null'],
    ['another schema', '{"schema":"taillight.observations/9","targets":[{"name":"vllm"}]}'],
    [
      'targets without what a target has',
      '{"schema":"taillight.observations/1","targets":[null,1,{"name":"vllm"}]}',
    ],
  ])('is nothing where the file holds %s', async (_, text) => {
    const data_dir = folder();
    writeFileSync(join(data_dir, 'observations.json'), text);
    const memory = new ObservationMemory();
    await memory.load(data_dir);
    const now = observation(false, []);
    expect(memory.recall(now)).toBe(now);
  });
});
