import { PRESETS } from '../probe/presets';
import type { WorkloadOverrides } from './resolve';
import { WORKLOAD_SPECS } from './schema';
import { duration, range, rate, wholeNumber, type Spec } from './specs';

/** When a run ends before its conversations do; null: not by that. */
export interface StopRule {
  stop_after_seconds: number | null;
  requests: number | null;
}

export type WorkloadFlags =
  { ok: true; overrides: WorkloadOverrides; stop: StopRule } | { ok: false; mistakes: string[] };

/** A bare number is taken as seconds on the command line. */
const bareSeconds = (raw: unknown) => String(raw).replace(/\d(?=\.\.|$)/g, '$&s');
const thinkTime: Spec<{ min: number; max: number }> = {
  ...range(duration('0s', '1h', '2s'), '0.5..2 or 2s'),
  read: (raw) => WORKLOAD_SPECS.think_time.read(bareSeconds(raw)),
};

const SPECS = {
  preset: WORKLOAD_SPECS.preset,
  conversations: WORKLOAD_SPECS.conversations,
  turns: WORKLOAD_SPECS.turns,
  concurrency: WORKLOAD_SPECS.concurrency,
  rate,
  'document-tokens': WORKLOAD_SPECS.document_tokens,
  'max-tokens': WORKLOAD_SPECS.max_tokens,
  'think-time': thinkTime,
  seed: WORKLOAD_SPECS.seed,
  warmup: WORKLOAD_SPECS.warmup,
  'stop-after': duration('1s', '7d', '5m'),
  requests: wholeNumber(1, 100_000_000, 1000),
} satisfies Record<string, Spec<unknown>>;

type Flag = keyof typeof SPECS;

/** The options of `run`, as `node:util`'s parseArgs wants them. */
export const WORKLOAD_OPTIONS = Object.fromEntries(
  Object.keys(SPECS).map((flag) => [flag, { type: 'string' }]),
) as Record<Flag, { type: 'string' }>;

/** One line of help per option. */
export const WORKLOAD_HELP: Readonly<Record<Flag, string>> = {
  preset: `where the values start from: ${Object.keys(PRESETS).join(', ')}`,
  conversations: 'how many different conversations',
  turns: 'turns of each conversation',
  concurrency: 'conversations at once per target',
  rate: 'conversations started per second (number, or like 3/m)',
  'document-tokens': 'length of the documents: N or A..B',
  'max-tokens': 'length of each answer',
  'think-time': 'pause between turns: S or A..B, in seconds',
  seed: 'another seed, other conversations',
  warmup: 'conversations per target that warm up and do not count',
  'stop-after': 'end after this time, e.g. 5m',
  requests: 'end after this many requests per target',
};

/** Reads the options that are given; each mistake is one line. */
export function readWorkloadFlags(values: Readonly<Record<string, unknown>>): WorkloadFlags {
  const mistakes: string[] = [];
  const read = <T>(flag: Flag, spec: Spec<T>): T | undefined => {
    const raw = values[flag];
    if (raw === undefined) return undefined;
    const value = spec.read(raw);
    if (value === null) mistakes.push(`--${flag}: ${JSON.stringify(raw)} is not ${spec.is}; ${spec.use}`);
    return value ?? undefined;
  };
  const think = read('think-time', SPECS['think-time']);
  const overrides: WorkloadOverrides = {
    preset: read('preset', SPECS.preset),
    conversations: read('conversations', SPECS.conversations),
    turns: read('turns', SPECS.turns),
    concurrency: read('concurrency', SPECS.concurrency),
    rate: read('rate', SPECS.rate),
    document_tokens: read('document-tokens', SPECS['document-tokens']),
    max_tokens: read('max-tokens', SPECS['max-tokens']),
    think_time: think && { min_seconds: think.min, max_seconds: think.max },
    seed: read('seed', SPECS.seed),
    warmup: read('warmup', SPECS.warmup),
  };
  const stop = {
    stop_after_seconds: read('stop-after', SPECS['stop-after']) ?? null,
    requests: read('requests', SPECS.requests) ?? null,
  };
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, overrides, stop };
}
