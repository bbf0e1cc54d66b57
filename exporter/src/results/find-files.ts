/** The files of a result: one file, or a folder with what lies in it and up to two levels below. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Unread } from '../model/result';
import { refusalOf } from './refusal';

const DEPTH = 2;
const MAX_FILES = 20_000;
const READABLE = /\.(csv|jsonl|ndjson|json|ya?ml|txt|log)(\.gz)?$/i;

export interface FoundFile {
  path: string;
  /** How it is named to people: relative to the folder that was given, the path itself where a file was. */
  name: string;
}

export interface FoundFiles {
  /** In the order of their names. */
  files: FoundFile[];
  /** The path is a folder. */
  folder: boolean;
  unread: Unread[];
}

export async function findFiles(path: string): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], folder: false, unread: [] };
  try {
    found.folder = (await stat(path)).isDirectory();
    if (!found.folder) found.files.push({ path, name: path });
    else await search(path, path, DEPTH, new Set(), found);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    found.unread.push({ file: path, line: null, reason: refusal.reason });
  }
  return found;
}

/** `seen` holds true paths: a symbolic link back up is entered once at most. */
async function search(
  root: string,
  folder: string,
  depth: number,
  seen: Set<string>,
  found: FoundFiles,
): Promise<void> {
  const real = await realpath(folder);
  if (seen.has(real)) return;
  seen.add(real);
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  for (const name of names) {
    const path = join(folder, name);
    const shown = relative(root, path);
    try {
      const entry = await stat(path);
      if (entry.isDirectory() && depth > 0) await search(root, path, depth - 1, seen, found);
      else if (entry.isFile() && READABLE.test(name)) found.files.push({ path, name: shown });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      found.unread.push({ file: shown, line: null, reason: refusal.reason });
    }
    if (found.files.length > MAX_FILES) {
      found.unread.push({
        file: root,
        line: null,
        reason: `more than ${MAX_FILES} files; the rest is not read`,
      });
      found.files.length = MAX_FILES;
      return;
    }
  }
}
