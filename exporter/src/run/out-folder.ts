import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../store/make-folder';

/*
 * The folder of a run: `run.jsonl` while it goes on; at its end the files made of it; last of all, and only when it came to
 * its end, `complete.json`. A Job that is started again finds that, and does not repeat the run.
 */

export const RUN_FILE = 'run.jsonl';
export const SUMMARY_FILE = 'summary.json';
const MARKER = 'complete.json';
const MARKER_SCHEMA = 'taillight.complete/1';

export interface CompleteMarker {
  schema: typeof MARKER_SCHEMA;
  run: string;
  /** ISO time. */
  ended: string;
}

export type OutFolder =
  | { kind: 'fresh' }
  /** A run ended here as it should. */
  | { kind: 'complete'; marker: CompleteMarker }
  | { kind: 'unusable'; reason: string };

/** Makes the folder ready for a run. What an attempt that was broken off left is kept under another name. */
export async function openOutFolder(folder: string): Promise<OutFolder> {
  try {
    await makeFolder(folder, 0o750);
    const marker = await readMarker(folder);
    if (marker !== null) return { kind: 'complete', marker };
    await setAside(folder);
    const probe = join(folder, '.taillight-write-test');
    await writeFile(probe, '');
    await rm(probe);
    return { kind: 'fresh' };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return {
      kind: 'unusable',
      reason: `${folder}: cannot be written to (${code}); name another folder with --out`,
    };
  }
}

async function readMarker(folder: string): Promise<CompleteMarker | null> {
  try {
    const marker = JSON.parse(await readFile(join(folder, MARKER), 'utf8')) as CompleteMarker;
    return marker.schema === MARKER_SCHEMA ? marker : null;
  } catch (error) {
    // A torn marker is none: the run did not come to its end.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** `run.jsonl` of a broken attempt becomes `run.jsonl.broken-off-<time of its last change>`. */
async function setAside(folder: string): Promise<void> {
  const path = join(folder, RUN_FILE);
  try {
    const { mtime, size } = await stat(path);
    if (size === 0) return;
    await rename(path, `${path}.broken-off-${mtime.toISOString().replace(/[:.]/g, '-')}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Writes a file, and folders above it, in one step, so that a crash leaves the old one or the new one. */
export async function writeOut(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, name);
  await makeFolder(dirname(path), 0o750);
  await writeFile(`${path}.new`, content, { mode: 0o640 });
  await rename(`${path}.new`, path);
}

/** Says that the run in the folder came to its end. */
export function markComplete(folder: string, run: string, ended: string): Promise<void> {
  const marker: CompleteMarker = { schema: MARKER_SCHEMA, run, ended };
  return writeOut(folder, MARKER, `${JSON.stringify(marker)}\n`);
}
