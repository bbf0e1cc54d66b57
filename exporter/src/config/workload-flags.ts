import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LEVEL_PRESETS, PRESETS, type RunPresetName } from '../probe/presets';
import type { WorkloadOverrides } from './resolve';
import { WORKLOAD_SPECS } from './schema';
import { folderPath } from './network-specs';
import { choice, duration, range, rate, text, wholeNumber, type Spec } from './specs';

/** When a run ends before its conversations do; null: not by that. */
export interface StopRule {
  stop_after_seconds: number | null;
  requests: number | null;
}

export type WorkloadFlags =
  | { ok: true; overrides: WorkloadOverrides; stop: StopRule; levels: number[] | null }
  | { ok: false; mistakes: string[] };

/** A bare number is taken as seconds on the command line. */
const bareSeconds = (raw: unknown) => String(raw).replace(/\d(?=\.\.|$)/g, '$&s');
const thinkTime: Spec<{ min: number; max: number }> = {
  ...range(duration('0s', '1h', '2s'), '0.5..2 or 2s'),
  read: (raw) => WORKLOAD_SPECS.think_time.read(bareSeconds(raw)),
};

const PRESET_NAMES = [...Object.keys(PRESETS), ...Object.keys(LEVEL_PRESETS)] as RunPresetName[];

/** `0.1,0.5,1`: ascending or not, each of them a stage. */
const levels: Spec<number[]> = {
  ...text('a list of numbers above 0', 'write it like 1,2,4,8'),
  read: (raw) => {
    const values = String(raw)
      .split(',')
      .map((part) => (part.trim() === '' ? NaN : Number(part)));
    const sound = values.length <= 100 && values.every((value) => value > 0 && value <= 100_000);
    return sound && new Set(values).size === values.length ? values : null;
  },
};

const SPECS = {
  preset: choice(...PRESET_NAMES),
  levels,
  conversations: WORKLOAD_SPECS.conversations,
  turns: WORKLOAD_SPECS.turns,
  concurrency: WORKLOAD_SPECS.concurrency,
  rate,
  'document-tokens': WORKLOAD_SPECS.document_tokens,
  documents: folderPath,
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
  preset: `where the values start from: ${PRESET_NAMES.join(', ')}`,
  levels:
    'loads to measure, one stage each: requests per second, or conversations at once in concurrency-sweep',
  conversations: 'how many different conversations',
  turns: 'turns of each conversation',
  concurrency: 'conversations at once per target',
  rate: 'conversations started per second (number, or like 3/m)',
  'document-tokens': 'length of the documents: N or A..B',
  documents: 'folder of documents of your own',
  'max-tokens': 'length of each answer',
  'think-time': 'pause between turns: S or A..B, in seconds',
  seed: 'another seed, other conversations',
  warmup: 'conversations per target that warm up and do not count',
  'stop-after': 'end (each level) after this time, e.g. 5m',
  requests: 'end (each level) after this many requests per target',
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
    documents_dir: documentsFolder(read('documents', SPECS.documents), mistakes),
    max_tokens: read('max-tokens', SPECS['max-tokens']),
    think_time: think && { min_seconds: think.min, max_seconds: think.max },
    seed: read('seed', SPECS.seed),
    warmup: read('warmup', SPECS.warmup),
  };
  const chosen = read('levels', SPECS.levels) ?? null;
  const stop = {
    stop_after_seconds: read('stop-after', SPECS['stop-after']) ?? null,
    requests: read('requests', SPECS.requests) ?? null,
  };
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, overrides, stop, levels: chosen };
}

/** The folder must be there before a run begins. */
function documentsFolder(folder: string | undefined, mistakes: string[]): string | undefined {
  if (folder === undefined) return undefined;
  const path = resolve(folder);
  if (!existsSync(path) || !statSync(path).isDirectory())
    mistakes.push(`--documents: ${JSON.stringify(folder)} is not a folder; name the folder of the documents`);
  return path;
}
