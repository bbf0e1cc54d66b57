/** A file for JSON that is only known after minutes of measuring: whether it can be written is found out before. */
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Io } from './io';

const because = (path: string, error: unknown) =>
  `${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}); name another file with --json`;

/** One line about why the file cannot be written; null where it can. What is in it stays. */
export function unwritable(path: string): string | null {
  try {
    const fresh = !existsSync(path);
    closeSync(openSync(path, 'a'));
    if (fresh) rmSync(path);
    return null;
  } catch (error) {
    return because(path, error);
  }
}

/** @returns the exit code: 0, or 2 with one line on `stderr`. */
export function writeJson(command: string, path: string, value: unknown, io: Io): number {
  try {
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
    io.stdout(`Comparison written to ${path}\n`);
    return 0;
  } catch (error) {
    io.stderr(`${command}: ${because(path, error)}\n`);
    return 2;
  }
}
