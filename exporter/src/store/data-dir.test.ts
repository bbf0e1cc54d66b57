import { mkdtempSync, utimesSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunHeader } from '../model/record';
import { liveFile, listRuns, prepareDataDir, readLiveRecords, removeOldLiveFiles } from './data-dir';

const header = (run: string, started: string): RunHeader => ({
  schema: 'taillight.run/1',
  run,
  started,
  targets: ['a'],
  workload: {},
  definitions: {},
  versions: {},
});

function line(target: string, sent_ms: number, outcome = 'ok'): string {
  return JSON.stringify({
    request_id: 'x',
    run: 'r',
    target,
    conversation: 'c',
    round: 0,
    turn: 1,
    intended_ms: sent_ms,
    sent_ms,
    ttft_ms: 1,
    e2e_ms: 1,
    tpot_ms: null,
    itl_ms: null,
    prompt_tokens: 1,
    cached_tokens: null,
    completion_tokens: 1,
    outcome,
    http_status: 200,
  });
}

function live(directory: string, run: string, started: string, lines: string[], changed: number): string {
  const path = liveFile(directory, new Date(started), run);
  writeFileSync(path, `${[JSON.stringify(header(run, started)), ...lines].join('\n')}\n`);
  utimesSync(path, changed, changed);
  return path;
}

const folder = () => mkdtempSync(join(tmpdir(), 'taillight-data-'));

const at = (time: string) => Date.parse(time) / 1000;
const iso = (records: readonly { sent_at: number }[]) =>
  records.map(({ sent_at }) => new Date(sent_at * 1000).toISOString());

test('records of earlier processes are read back, newest file first, until the window is covered', async () => {
  const directory = folder();
  // Broken, so that it would be told of if it were read.
  const old = live(directory, 'old', '2026-11-25T08:00:00Z', [], 0);
  writeFileSync(old, 'broken');
  utimesSync(old, 0, at('2026-11-25T08:00:01Z'));
  live(directory, 'mid', '2026-11-25T09:00:00Z', [line('a', 0), line('a', 1000)], at('2026-11-25T09:00:01Z'));
  live(
    directory,
    'new',
    '2026-11-25T10:00:00Z',
    [line('a', 1000), line('other', 1000)],
    at('2026-11-25T10:00:01Z'),
  );
  const { records, problems } = await readLiveRecords(directory, new Set(['a']), 3600);
  expect(problems).toEqual([]);
  expect(iso(records)).toEqual(['2026-11-25T10:00:01.000Z', '2026-11-25T09:00:01.000Z']);
});

test('the window of a target that fails by now is that of its last answers', async () => {
  const directory = folder();
  live(directory, 'old', '2026-11-25T08:00:00Z', [line('a', 1000)], at('2026-11-25T08:00:01Z'));
  live(directory, 'new', '2026-11-25T10:00:00Z', [line('a', 1000, 'http_503')], at('2026-11-25T10:00:01Z'));
  const { records } = await readLiveRecords(directory, new Set(['a']), 60);
  expect(records.map(({ outcome }) => outcome)).toEqual(['http_503', 'ok']);
});

test('a file that cannot be read is named and the others are used', async () => {
  const directory = folder();
  const broken = liveFile(directory, new Date('2026-11-25T11:00:00Z'), 'x');
  writeFileSync(broken, 'garbage\n');
  live(directory, 'good', '2026-11-25T10:00:00Z', [line('a', 0)], 3000);
  const { records, problems } = await readLiveRecords(directory, new Set(['a']), 60);
  expect(records).toHaveLength(1);
  expect(problems).toEqual([`${broken}: line 1: not a taillight.run/1 header`]);
});

test('a missing folder holds no records', async () => {
  expect(await readLiveRecords('/nowhere', new Set(['a']), 60)).toEqual({ records: [], problems: [] });
});

test('live files older than a week are removed, runs of the user are not', async () => {
  const directory = folder();
  const now = 10_000_000;
  const old = live(directory, 'old', '2026-11-01T00:00:00Z', [], now - 8 * 86400);
  const fresh = live(directory, 'new', '2026-11-25T00:00:00Z', [], now - 86400);
  const run = join(directory, 'run.jsonl');
  writeFileSync(run, JSON.stringify(header('mine', '2026-01-01T00:00:00Z')));
  utimesSync(run, now - 30 * 86400, now - 30 * 86400);
  expect(await removeOldLiveFiles(directory, now)).toBe(1);
  expect([old, fresh, run].map((path) => existsSync(path))).toEqual([false, true, true]);
});

test('the list of runs comes from the headers, newest first', async () => {
  const directory = folder();
  live(directory, 'r1', '2026-11-24T00:00:00Z', [], 1);
  live(directory, 'r2', '2026-11-25T00:00:00Z', [], 2);
  writeFileSync(join(directory, 'other.jsonl'), '{"schema":"something"}\n');
  expect((await listRuns(directory)).map(({ run }) => run)).toEqual(['r2', 'r1']);
});

test('a folder that cannot be made is a reason', async () => {
  expect(await prepareDataDir('/dev/null/x')).toMatch(/ENOTDIR/);
});
