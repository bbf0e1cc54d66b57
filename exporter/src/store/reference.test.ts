import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PRESETS } from '../probe/presets';
import type { ReferenceTarget } from '../model/reference';
import {
  readReference,
  referenceMistake,
  referencePath,
  ReferenceWatch,
  saveReference,
  workloadDigest,
} from './reference';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taillight-reference-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const some = { n: 400, quantiles: { p50: 0.1, p90: 0.2, p95: 0.3, p99: null } };
const target = (run: string): ReferenceTarget => ({
  run,
  ended: '2026-11-25T10:00:00.000Z',
  model: 'm',
  workload: 'w',
  ttft_seconds: { first: some, later: some, all: some },
});

test('what is saved is read back, target by target: a run of one leaves the others as they were', async () => {
  expect(await saveReference(join(folder, 'new'), { vllm: target('a'), 'llm-d': target('a') })).toBeNull();
  expect(await saveReference(join(folder, 'new'), { 'llm-d': target('b') })).toBeNull();
  const read = await readReference(join(folder, 'new'));
  expect(read.ok && Object.entries(read.file.targets).map(([name, { run }]) => [name, run])).toEqual([
    ['vllm', 'a'],
    ['llm-d', 'b'],
  ]);
});

test('a reference that is not there is an empty one', async () => {
  expect(await readReference(folder)).toEqual({
    ok: true,
    file: { schema: 'taillight.reference/1', targets: {} },
  });
});

test.each([
  ['{', 'is not JSON'],
  ['[]', 'is not a JSON object'],
  ['{"schema":"x"}', 'its schema is not taillight.reference/1'],
  [
    JSON.stringify({ schema: 'taillight.reference/1', targets: { a: { ...target('r'), ended: 'soon' } } }),
    'targets.a.ended is not an ISO time',
  ],
  [
    JSON.stringify({
      schema: 'taillight.reference/1',
      targets: {
        a: {
          ...target('r'),
          ttft_seconds: { first: some, later: { ...some, quantiles: { p50: 'x' } }, all: some },
        },
      },
    }),
    'targets.a.ttft_seconds.later.quantiles.p50 is neither a number of seconds nor null',
  ],
])('%s is refused in one line, and not overwritten', async (text, why) => {
  writeFileSync(referencePath(folder), text);
  const line = `${referencePath(folder)}: ${why}; remove it, or save a reference anew with taillight run --save-reference`;
  expect(await readReference(folder)).toEqual({ ok: false, error: line });
  expect(await saveReference(folder, { a: target('r') })).toBe(line);
  expect(readFileSync(referencePath(folder), 'utf8')).toBe(text);
});

test('any JSON ends as a reference or as a reason', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const mistake = referenceMistake(value);
      expect(mistake === null || mistake.length > 0).toBe(true);
      expect(referenceMistake({ schema: 'taillight.reference/1', targets: { a: value } })).not.toBeNull();
    }),
  );
});

test('a folder that cannot be written to is a reason', async () => {
  writeFileSync(join(folder, 'file'), '');
  expect(await saveReference(join(folder, 'file'), { a: target('r') })).toMatch(
    /reference\.json: cannot be (read|written) \((ENOTDIR|EEXIST)\); /,
  );
});

test('a watch reads the file when it changes, tells of a broken one once, and forgets what it said', async () => {
  const watch = new ReferenceWatch(folder);
  expect(await watch.refresh()).toEqual({ changed: false, error: null });
  await saveReference(folder, { vllm: target('a') });
  expect(await watch.refresh()).toEqual({ changed: true, error: null });
  expect(watch.targets['vllm']?.run).toBe('a');
  expect(await watch.refresh()).toEqual({ changed: false, error: null });
  writeFileSync(referencePath(folder), 'broken');
  expect(await watch.refresh()).toEqual({ changed: true, error: expect.stringContaining('is not JSON') });
  expect(watch.targets).toEqual({});
  expect(await watch.refresh()).toEqual({ changed: false, error: null });
  rmSync(referencePath(folder));
  expect(await watch.refresh()).toEqual({ changed: true, error: null });
});

test('the digest of a workload follows what decides how long answers take, not how many there are', () => {
  const { live } = PRESETS;
  const digest = workloadDigest(live);
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(workloadDigest({ ...live, preset: 'x', seed: 2, conversations: 500, warmup: 9 })).toBe(digest);
  for (const change of [
    { turns: 9 },
    { max_tokens: 65 },
    { rate: 1 },
    { concurrency: 5 },
    { documents: 'text' as const },
  ]) {
    expect(workloadDigest({ ...live, ...change })).not.toBe(digest);
  }
});
