import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './make-folder';

let root = '';
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'taillight-folder-'))));
afterAll(() => rm(root, { recursive: true, force: true }));

test('makes what is missing, with the mode, and leaves what is there', async () => {
  const path = join(root, 'a/b/c');
  await makeFolder(path, 0o750);
  await makeFolder(path, 0o700);
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe('750');
  await Promise.all([makeFolder(join(root, 'at/once')), makeFolder(join(root, 'at/once'))]);
  expect((await stat(join(root, 'at/once'))).isDirectory()).toBe(true);
});

test('ends with the reason where nothing can be made', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(root, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder('/proc/taillight/results')).rejects.toMatchObject({ code: 'ENOENT' });
});
