import { statSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Calls `load` at once, and again when one of the files was replaced or written since. By polling, as inotify does not see
 * the symlink swap by which Kubernetes rotates mounted secrets. While `load` returns false (not usable yet) it is called at
 * each look.
 */
export function watchFiles(
  paths: readonly string[],
  every_seconds: number,
  load: () => boolean,
): { close(): void } {
  const before = paths.map(fingerprintNow).join();
  let seen = load() ? before : null;
  if (paths.length === 0) return { close() {} };

  const look = async () => {
    const stats = await Promise.all(paths.map((path) => stat(path).then(fingerprint, () => 'missing')));
    const now = stats.join();
    if (now !== seen) seen = load() ? now : null;
  };
  const timer = setInterval(() => void look(), every_seconds * 1000);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

function fingerprint({ ino, size, mtimeMs }: Stats): string {
  return `${ino}:${size}:${mtimeMs}`;
}

function fingerprintNow(path: string): string {
  try {
    return fingerprint(statSync(path));
  } catch {
    return 'missing';
  }
}
