import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markComplete, openOutFolder, writeOut } from './out-folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taillight-out-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that is not there is made, and left as if nothing had been tried', async () => {
  const path = join(folder, 'a', 'b');
  expect(await openOutFolder(path)).toEqual({ kind: 'fresh' });
  expect(readdirSync(path)).toEqual([]);
});

test('a complete run is found; a torn marker is none', async () => {
  await markComplete(folder, 'run-1', '2026-11-25T10:00:00.000Z');
  expect(await openOutFolder(folder)).toEqual({
    kind: 'complete',
    marker: { schema: 'taillight.complete/1', run: 'run-1', ended: '2026-11-25T10:00:00.000Z' },
  });
  writeFileSync(join(folder, 'complete.json'), '{"schema":"taillight.comp');
  expect(await openOutFolder(folder)).toEqual({ kind: 'fresh' });
});

test('what a broken attempt left is kept beside the next, an empty file is not', async () => {
  writeFileSync(join(folder, 'run.jsonl'), '');
  await openOutFolder(folder);
  expect(readdirSync(folder)).toEqual(['run.jsonl']);
  writeFileSync(join(folder, 'run.jsonl'), 'records');
  await openOutFolder(folder);
  const [kept, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  expect(kept).toMatch(/^run\.jsonl\.broken-off-\d{4}-\d\d-\d\dT/);
  expect(readFileSync(join(folder, kept!), 'utf8')).toBe('records');
});

test('a place that is no folder is unusable, in one line', async () => {
  writeFileSync(join(folder, 'file'), '');
  expect(await openOutFolder(join(folder, 'file'))).toEqual({
    kind: 'unusable',
    reason: `${join(folder, 'file')}: cannot be written to (EEXIST); name another folder with --out`,
  });
});

test('a file is replaced in one step', async () => {
  await writeOut(folder, 'x.json', 'old');
  await writeOut(folder, 'x.json', 'new');
  expect(readdirSync(folder)).toEqual(['x.json']);
  expect(readFileSync(join(folder, 'x.json'), 'utf8')).toBe('new');
});
