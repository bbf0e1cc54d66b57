import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Mistake } from './environment';
import type { Path } from './section';

/** What must be true of the files that are named by a key, wherever it stands. Null: fine; otherwise problem and remedy. */
const CHECKS: Readonly<Record<string, (path: string) => string | null>> = {
  ca_file: certificate,
  cert_file: certificate,
  key_file: (path) =>
    parses(() => createPrivateKey(readFileSync(path)))
      ? null
      : 'holds no private key without a passphrase; it must be PEM',
  bearer_token_file: token,
  token_file: token,
  lifecycle_token_file: token,
  documents_dir: (path) =>
    statSync(path).isDirectory() ? null : 'is not a folder; name the folder of the documents',
};
/** Below these everything is the user's own. */
const FREE_KEYS = new Set(['extra_body', 'headers']);
const FILE_KEYS = new Set([...Object.keys(CHECKS), 'data_dir']);

/**
 * Makes the paths of files in a configuration absolute, relative to `folder`, and looks at the files: whether they are there,
 * readable, and of the right kind. Contents are never told.
 */
export function locateFiles(value: unknown, folder: string): { value: unknown; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const walk = (node: unknown, path: Path): unknown => {
    if (Array.isArray(node)) return node.map((entry, index) => walk(entry, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, inner]): [string, unknown] => {
      if (FREE_KEYS.has(key)) return [key, inner];
      if (!FILE_KEYS.has(key) || typeof inner !== 'string' || inner === '')
        return [key, walk(inner, [...path, key])];
      const absolute = resolve(folder, inner);
      const problem = look(key, absolute);
      if (problem !== null)
        mistakes.push({ path: [...path, key], text: `${JSON.stringify(inner)} ${problem}` });
      return [key, absolute];
    });
    return Object.fromEntries(entries);
  };
  return { value: walk(value, []), mistakes };
}

function look(key: string, path: string): string | null {
  try {
    return CHECKS[key]?.(path) ?? null;
  } catch (error) {
    return inWords((error as NodeJS.ErrnoException).code);
  }
}

function inWords(code: string | undefined): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there; mend the path or make it';
  if (code === 'EACCES') return 'may not be read by this user; change its permissions';
  if (code === 'EISDIR') return 'is a folder; name a file';
  return `cannot be read (${code ?? 'unknown error'}); mend the path`;
}

function certificate(path: string): string | null {
  const pem = readFileSync(path);
  return parses(() => new X509Certificate(pem))
    ? null
    : 'holds no certificate; it must be PEM (-----BEGIN CERTIFICATE-----)';
}

function token(path: string): string | null {
  return readFileSync(path, 'utf8').trim() === '' ? 'is empty; write the token into it' : null;
}

function parses(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    return false;
  }
}
