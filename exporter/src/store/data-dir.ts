import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunHeader, TimedRecord } from '../model/record';
import { readRunFile } from './run-file';
import { lastAnswer } from './window';
import { makeFolder } from './make-folder';

/** Live results older than this are removed; bounded runs (`taillight run`) are the user's and never touched. */
const KEEP_SECONDS = 7 * 24 * 3600;
const LIVE = /^live-.*\.jsonl$/;
const RESULTS = /\.jsonl$/;

export interface RunEntry {
  file: string;
  run: string;
  started: string;
  targets: string[];
  bytes: number;
}

/** Where the live records of this process go; the time in the name keeps files in order. */
export function liveFile(data_dir: string, started: Date, run: string): string {
  return join(data_dir, `live-${started.toISOString().replace(/[:.]/g, '-')}-${run}.jsonl`);
}

/** Makes the folder; the reason when it cannot be written to. */
export async function prepareDataDir(data_dir: string): Promise<string | null> {
  try {
    await makeFolder(data_dir, 0o750);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function liveFiles(data_dir: string): Promise<{ path: string; changed: number }[]> {
  const names = (await readdir(data_dir).catch(() => [])).filter((name) => LIVE.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(data_dir, name);
      return { path, changed: (await stat(path)).mtimeMs / 1000 };
    }),
  );
  return files.sort((a, b) => b.changed - a.changed);
}

/** Removes live files that nobody can need any more; returns how many. */
export async function removeOldLiveFiles(data_dir: string, now: number): Promise<number> {
  const old = (await liveFiles(data_dir)).filter(({ changed }) => changed < now - KEEP_SECONDS);
  for (const { path } of old) await rm(path, { force: true });
  return old.length;
}

/**
 * The records of earlier processes that lie in the windows of their targets. Files are read newest first until none can hold
 * more of them, and what lies outside is dropped file by file: a week of records need not fit into memory.
 * @returns records in no particular order, and one line for each file that could not be read
 */
export async function readLiveRecords(
  data_dir: string,
  targets: ReadonlySet<string>,
  window_seconds: number,
): Promise<{ records: TimedRecord[]; problems: string[] }> {
  const problems: string[] = [];
  const kept = new Map([...targets].map((target): [string, TimedRecord[]] => [target, []]));
  for (const { path, changed } of await liveFiles(data_dir)) {
    // Nothing in a file is newer than its last change.
    if ([...kept.values()].every((records) => windowStart(records, window_seconds) > changed)) break;
    const file = await readRunFile(path);
    if (!file.ok) {
      problems.push(file.error);
      continue;
    }
    for (const record of file.records) kept.get(record.target)?.push(record);
    for (const [target, records] of kept) {
      const start = windowStart(records, window_seconds);
      kept.set(
        target,
        records.filter(({ sent_at }) => sent_at >= start),
      );
    }
  }
  return { records: [...kept.values()].flat(), problems };
}

/** A target's window ends at its last good answer; until one is found it may begin anywhere. */
function windowStart(records: readonly TimedRecord[], seconds: number): number {
  return records.some(({ outcome }) => outcome === 'ok')
    ? (lastAnswer(records) ?? -Infinity) - seconds
    : -Infinity;
}

/** Results files in the folder, newest first, from their headers. */
export async function listRuns(data_dir: string): Promise<RunEntry[]> {
  const names = (await readdir(data_dir, { recursive: true }).catch(() => [])).filter((name) =>
    RESULTS.test(name),
  );
  const entries: RunEntry[] = [];
  for (const name of names.slice(0, 1000)) {
    const path = join(data_dir, name);
    const header = await readHeader(path);
    if (header === null) continue;
    const { size } = await stat(path);
    entries.push({
      file: name,
      run: header.run,
      started: header.started,
      targets: header.targets,
      bytes: size,
    });
  }
  return entries.sort((a, b) => b.started.localeCompare(a.started));
}

async function readHeader(path: string): Promise<RunHeader | null> {
  const input = createReadStream(path, { encoding: 'utf8', end: 1 << 20 });
  try {
    for await (const line of createInterface({ input })) {
      const value = JSON.parse(line) as RunHeader;
      return value.schema === 'taillight.run/1' && Array.isArray(value.targets) ? value : null;
    }
  } catch {
    return null;
  } finally {
    input.destroy();
  }
  return null;
}
