/** From one level of a result to what a comparison takes in. */
import type { ImportedFacts, TargetInput } from '../compare/input';
import type { TargetObservation } from '../model/observation';
import type { ResultPart } from '../model/result';
import type { TimedRecord } from '../model/record';
import type { Workload } from './align';
import { spanOf } from './merge';

/** What a result tells of the servers: of other tools hardly anything. */
export const observationOf = (name: string, part: ResultPart): TargetObservation => ({
  ...(part.observation ?? unobserved(part)),
  name,
});

const unobserved = (part: ResultPart): Omit<TargetObservation, 'name'> => ({
  up: true,
  model: part.model,
  engine: part.engine,
  replica_count: part.replica_count,
  replicas: [],
  hit_rate: null,
  balance: { gpu: null, running: null, tokens: null },
  block_size: null,
  kv_capacity_tokens: null,
  gpu_model: part.gpu_model,
  kv_cache_usage_max: null,
  prompt_tokens: null,
  preemptions: null,
  queries_per_prompt_token: null,
});

export function targetInput(
  name: string,
  role: TargetInput['role'],
  part: ResultPart,
  records: TimedRecord[],
  workload: Workload | null,
): TargetInput {
  for (const record of records) record.target = name;
  const counted = records.filter((record) => record.warmup !== true).length;
  // A tool that counts more requests than its file holds tells of a workload larger than the file.
  const told = part.requests_missing > 0 ? counted + part.requests_missing : 0;
  const requests = Math.max(told, workload?.requests ?? 0);
  const imported: ImportedFacts = {
    clock: part.clock,
    wall_seconds: part.wall_seconds,
    workload: requests > 0 ? { requests, mean_prompt_tokens: workload?.mean_prompt_tokens ?? null } : null,
    pooled: false,
  };
  return { role, observation: observationOf(name, part), records, imported };
}

/** Several levels of one side together. The time is what was spent measuring, without the pauses between levels. */
export function pooledInput(inputs: readonly [TargetInput, ...TargetInput[]]): TargetInput {
  const [first] = inputs;
  const facts = inputs.flatMap(({ imported }) => imported ?? []);
  const walls = inputs.map(wallOf);
  const sum = (values: readonly (number | null)[]) =>
    values.every((value) => value !== null)
      ? values.reduce<number>((total, value) => total + (value ?? 0), 0)
      : null;
  const workloads = inputs.map(({ imported, records }) => imported?.workload?.requests ?? records.length);
  const weighted = facts.flatMap(({ workload }) =>
    workload?.mean_prompt_tokens === null || workload?.mean_prompt_tokens === undefined
      ? []
      : [{ requests: workload.requests, tokens: workload.requests * workload.mean_prompt_tokens }],
  );
  const requests = weighted.reduce((total, one) => total + one.requests, 0);
  const tokens = weighted.reduce((total, one) => total + one.tokens, 0);
  return {
    ...first,
    records: inputs.flatMap(({ records }) => [...records]),
    imported: {
      clock: facts.every(({ clock }) => clock === 'wall') ? 'wall' : 'relative',
      wall_seconds: sum(walls),
      workload: facts.some(({ workload }) => workload !== null)
        ? {
            requests: sum(workloads) ?? 0,
            mean_prompt_tokens: weighted.length === inputs.length && requests > 0 ? tokens / requests : null,
          }
        : null,
      pooled: true,
    },
  };
}

function wallOf({ imported, records }: TargetInput): number | null {
  if (imported === undefined || imported.wall_seconds !== null || imported.clock === 'order')
    return imported?.wall_seconds ?? null;
  const span = spanOf(records);
  return span === null ? null : span[1] - span[0];
}
