import type { WorkloadConfig } from '../model/config';
import type { Shard } from '../probe/pacer';

export type ShardChoice = { ok: true; shard: Shard | null } | { ok: false; mistake: string };

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_SHARDS = 1000;

/**
 * Which part of the run this machine plays: `--shard I/N`, else from an Indexed Job's `JOB_COMPLETION_INDEX` and
 * `JOB_COMPLETIONS` (the Job's `completions`, which Kubernetes does not tell by itself). Null: all of it.
 */
export function chooseShard(option: string | undefined, env: Environment): ShardChoice {
  if (option !== undefined) {
    const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(option) ?? [];
    return shardOf(Number(index), Number(count), `--shard ${JSON.stringify(option)}`);
  }
  const { JOB_COMPLETION_INDEX: index, JOB_COMPLETIONS: count } = env;
  if (index === undefined || index === '') return { ok: true, shard: null };
  if (count === undefined || count === '') {
    return {
      ok: false,
      mistake:
        "JOB_COMPLETION_INDEX is set and JOB_COMPLETIONS is not: every pod would play the whole run; set it to the Job's completions, or give --shard",
    };
  }
  return shardOf(Number(index), Number(count), `JOB_COMPLETION_INDEX ${index} of JOB_COMPLETIONS ${count}`);
}

function shardOf(index: number, count: number, at: string): ShardChoice {
  const sound = Number.isInteger(index) && Number.isInteger(count) && count <= MAX_SHARDS && index < count;
  if (!sound || index < 0)
    return { ok: false, mistake: `${at}: is not I/N with I from 0 to N - 1; write it like 0/4` };
  return { ok: true, shard: count === 1 ? null : { index, count } };
}

/** What of the concurrency falls to this machine; the shares of all machines add up to it. */
export function sharedConcurrency(
  { concurrency }: Pick<WorkloadConfig, 'concurrency'>,
  shard: Shard,
): number {
  const { index, count } = shard;
  return Math.floor(concurrency / count) + (index < concurrency % count ? 1 : 0);
}

/** The folder of a shard within that of the run. */
export const shardFolder = ({ index, count }: Shard): string => `shard-${index}-of-${count}`;
