import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDocumentFolder } from './document-folder';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'documents-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text = `text of ${name}`) => writeFileSync(join(folder, name), text);

it('documents come sorted by name, their kind by extension, other files left alone', () => {
  for (const name of ['10-b.GO', '02-a.md', '01-c.py', 'notes.pdf', 'README']) put(name);
  mkdirSync(join(folder, '00-sub.md'));
  expect(loadDocumentFolder(folder, 'mixed')).toEqual([
    { name: '01-c.py', kind: 'code', text: 'text of 01-c.py' },
    { name: '02-a.md', kind: 'text', text: 'text of 02-a.md' },
    { name: '10-b.GO', kind: 'code', text: 'text of 10-b.GO' },
  ]);
});

it('only the wanted kind is read', () => {
  put('a.py');
  put('b.txt');
  expect(loadDocumentFolder(folder, 'text').map(({ name }) => name)).toEqual(['b.txt']);
});

it('a folder that is not there is one clear error', () => {
  const missing = join(folder, 'missing');
  expect(() => loadDocumentFolder(missing, 'mixed')).toThrow(
    `documents_dir ${missing}: cannot be read (ENOENT); name an existing folder of documents`,
  );
});

it('a folder without documents is one clear error', () => {
  put('a.py');
  expect(() => loadDocumentFolder(folder, 'text')).toThrow(
    `documents_dir ${folder}: no document in it; put files there that end in .md .txt .rst .html`,
  );
});

it('an empty document and one beyond 1 MiB are refused by name', () => {
  put('a.md', ' \n');
  expect(() => loadDocumentFolder(folder, 'mixed')).toThrow(/a\.md: empty;/);
  put('a.md', 'x'.repeat(1024 * 1024 + 1));
  expect(() => loadDocumentFolder(folder, 'mixed')).toThrow(/a\.md: 1048577 bytes are more than 1048576/);
});
