import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QUANTILE_NAMES } from '../model/comparison';
import type { WorkloadConfig } from '../model/config';
import { TURN_CLASSES } from '../model/record';
import type { ReferenceFile, ReferenceTarget } from '../model/reference';
import { makeFolder } from './make-folder';

const FILE = 'reference.json';
const SCHEMA = 'taillight.reference/1';
const MAX_BYTES = 4 * 2 ** 20;

export const referencePath = (data_dir: string): string => join(data_dir, FILE);

export type ReadReference = { ok: true; file: ReferenceFile } | { ok: false; error: string };

const EMPTY: ReferenceFile = { schema: SCHEMA, targets: {} };

/** What decides how long answers take; a reference measured with another workload says nothing about this one. */
export function workloadDigest(workload: WorkloadConfig): string {
  const { preset: _preset, seed: _seed, conversations: _all, warmup: _warmup, ...asked } = workload;
  const canonical = JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}

/** Reads the reference; one that is not there is an empty one. The error is one line: what, where, how to mend. */
export async function readReference(data_dir: string): Promise<ReadReference> {
  const path = referencePath(data_dir);
  const refuse = (why: string): ReadReference => ({
    ok: false,
    error: `${path}: ${why}; remove it, or save a reference anew with taillight run --save-reference`,
  });
  let text: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) return refuse(`is larger than ${MAX_BYTES} bytes`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? { ok: true, file: EMPTY }
      : refuse(`cannot be read (${code ?? 'unknown error'})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('is not JSON');
  }
  const mistake = referenceMistake(value);
  return mistake === null ? { ok: true, file: value as ReferenceFile } : refuse(mistake);
}

/**
 * Puts the targets of a run into the reference; those that the run did not measure stay as they were. The file is replaced in
 * one step, so that a crash leaves the old or the new one. A file that cannot be read is not overwritten.
 * @returns the reason why nothing was written, or null
 */
export async function saveReference(
  data_dir: string,
  targets: Readonly<Record<string, ReferenceTarget>>,
): Promise<string | null> {
  const before = await readReference(data_dir);
  if (!before.ok) return before.error;
  const file: ReferenceFile = { schema: SCHEMA, targets: { ...before.file.targets, ...targets } };
  const path = referencePath(data_dir);
  try {
    await makeFolder(data_dir, 0o750);
    await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o640 });
    await rename(`${path}.new`, path);
    return null;
  } catch (error) {
    return `${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}); make room, or give another data_dir`;
  }
}

/** The reference of a folder, read again when its file changes. */
export class ReferenceWatch {
  private version = '';
  private file: ReferenceFile = EMPTY;

  constructor(private readonly data_dir: string) {}

  /** Per target; as of the latest `refresh`. */
  get targets(): Readonly<Record<string, ReferenceTarget>> {
    return this.file.targets;
  }

  /** Looks at the file. A broken one empties the reference; the reason is told once per change, else null. */
  async refresh(): Promise<{ changed: boolean; error: string | null }> {
    const version = await fileVersion(referencePath(this.data_dir));
    if (version === this.version) return { changed: false, error: null };
    this.version = version;
    const read = await readReference(this.data_dir);
    this.file = read.ok ? read.file : EMPTY;
    return { changed: true, error: read.ok ? null : read.error };
  }
}

/** Changes whenever the file does: it is replaced, never rewritten in place. */
async function fileVersion(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : 'unreadable';
  }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSeconds = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** The reason why a value is no reference, or null when it is one. */
export function referenceMistake(value: unknown): string | null {
  if (!isMapping(value)) return 'is not a JSON object';
  if (value['schema'] !== SCHEMA) return `its schema is not ${SCHEMA}`;
  if (!isMapping(value['targets'])) return 'targets is not an object';
  for (const [name, target] of Object.entries(value['targets'])) {
    const mistake = targetMistake(target);
    if (mistake !== null) return `targets.${name}${mistake}`;
  }
  return null;
}

function targetMistake(target: unknown): string | null {
  if (!isMapping(target)) return ' is not an object';
  const { run, ended, model, workload, ttft_seconds: ttft } = target;
  if (typeof run !== 'string') return '.run is not a string';
  if (typeof ended !== 'string' || Number.isNaN(Date.parse(ended))) return '.ended is not an ISO time';
  if (model !== null && typeof model !== 'string') return '.model is neither a string nor null';
  if (workload !== null && typeof workload !== 'string') return '.workload is neither a string nor null';
  if (!isMapping(ttft)) return '.ttft_seconds is not an object';
  for (const turn of TURN_CLASSES) {
    const one = ttft[turn];
    const at = `.ttft_seconds.${turn}`;
    if (!isMapping(one)) return `${at} is not an object`;
    if (!Number.isInteger(one['n']) || Number(one['n']) < 0) return `${at}.n is not a count`;
    const quantiles = one['quantiles'];
    if (!isMapping(quantiles)) return `${at}.quantiles is not an object`;
    const wrong = QUANTILE_NAMES.find((name) => quantiles[name] !== null && !isSeconds(quantiles[name]));
    if (wrong !== undefined) return `${at}.quantiles.${wrong} is neither a number of seconds nor null`;
  }
  return null;
}
