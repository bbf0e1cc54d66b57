import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Not Node's `recursive`: where a parent exists and yet nothing can be
 * made in it (`/proc`), Node 20 tries for ever.
 *
 * @param mode of the folders that are made.
 * @throws the error of the file system, with its `code`.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const isFolder = async () => {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    return found?.isDirectory() ?? null;
  };
  const before = await isFolder();
  if (before === true) return;
  const parent = dirname(path);
  if (before === null && parent !== path) await makeFolder(parent, mode);
  await mkdir(path, { mode }).catch(async (error: NodeJS.ErrnoException) => {
    // Another process may have made it in between.
    if (error.code !== 'EEXIST' || !(await isFolder())) throw error;
  });
}
