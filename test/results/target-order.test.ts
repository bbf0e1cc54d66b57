import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResults } from '../../exporter/src/index';
import { record } from '../stats/workload';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'taillight-order-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [
    ['vllm', 'llm-d'],
    ['vllm', 'llm-d'],
  ],
  // A header that names one alone: the unnamed one comes behind it.
  [['vllm'], ['vllm', 'llm-d']],
  [null, ['llm-d', 'vllm']],
])(
  'of targets %j the one that the run names first comes first, whichever answered first',
  async (targets, order) => {
    const path = join(folder, 'run.jsonl');
    const header = { schema: 'taillight.run/1', run: 'r', started: '2026-11-25T10:00:00Z', targets };
    const records = [record('llm-d', 'c1', 1), record('vllm', 'c1', 1), record('llm-d', 'c1', 2)];
    writeFileSync(path, [header, ...records].map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { parts, unread } = await readResults(path);
    expect(unread).toEqual([]);
    expect(parts.map(({ target }) => target)).toEqual(order);
  },
);
