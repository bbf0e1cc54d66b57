import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeRecord, RunHeader } from '../model/record';
import { DEFINITIONS, readRunFile, recordMistake, RunWriter } from './run-file';

const header: RunHeader = {
  schema: 'taillight.run/1',
  run: 'r1',
  started: '2026-11-25T10:00:00.000Z',
  targets: ['vllm', 'llm-d'],
  workload: {},
  definitions: DEFINITIONS,
  versions: {},
};

function record(turn: number, overrides: Partial<ProbeRecord> = {}): ProbeRecord {
  return {
    request_id: `r1/vllm/c001/${turn}`,
    run: 'r1',
    target: 'vllm',
    conversation: 'c001',
    round: 0,
    turn,
    intended_ms: turn * 1000,
    sent_ms: turn * 1000 + 5,
    ttft_ms: 120.5,
    e2e_ms: 900,
    tpot_ms: 12,
    itl_ms: { p50: 12, p95: 20, max: 31, count: 63 },
    prompt_tokens: 7000,
    cached_tokens: 6992,
    completion_tokens: 64,
    outcome: 'ok',
    http_status: 200,
    ...overrides,
  };
}

const folder = () => mkdtempSync(join(tmpdir(), 'taillight-store-'));

describe('run.jsonl', () => {
  test('what is written is what is read, with the wall time of sending', async () => {
    const path = join(folder(), 'run.jsonl');
    const writer = new RunWriter(path, header);
    const failed = record(2, { outcome: 'http_503', http_status: 503, ttft_ms: null, e2e_ms: null });
    await writer.append(record(1));
    await writer.append(failed);
    expect(await writer.close()).toEqual({ ok: true });

    const file = await readRunFile(path);
    if (!file.ok) throw new Error(file.error);
    expect(file.header).toEqual(header);
    const start = Date.parse(header.started) / 1000;
    expect(file.records).toEqual([
      { ...record(1), sent_at: start + 1.005 },
      { ...failed, sent_at: start + 2.005 },
    ]);
    expect(file.skipped).toEqual([]);
  });

  test('records queued at once keep their order', async () => {
    const path = join(folder(), 'run.jsonl');
    const writer = new RunWriter(path, header);
    await Promise.all(Array.from({ length: 200 }, (_, i) => writer.append(record(i + 1))));
    await writer.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    expect(lines.map((line) => (JSON.parse(line) as ProbeRecord).turn)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
  });

  test('a torn last line and a foreign line are skipped and named, the rest is read', async () => {
    const path = join(folder(), 'run.jsonl');
    const whole = JSON.stringify(record(1));
    const foreign = '{"hello":1}';
    writeFileSync(path, `${JSON.stringify(header)}\n${whole}\n${foreign}\n${whole.slice(0, 40)}`);
    const file = await readRunFile(path);
    if (!file.ok) throw new Error(file.error);
    expect(file.records).toHaveLength(1);
    expect(file.skipped).toEqual([
      { line: 3, reason: 'request_id is not a string' },
      { line: 4, reason: 'not a JSON object' },
    ]);
  });

  test.each([
    ['an empty file', '', ': the file is empty'],
    ['a file without header', '{"a":1}\n', ': line 1: not a taillight.run/1 header'],
    ['a file that is no JSON', 'hello\n', ': line 1: not a taillight.run/1 header'],
  ])('%s is refused with its reason', async (_, text, reason) => {
    const path = join(folder(), 'run.jsonl');
    writeFileSync(path, text);
    expect(await readRunFile(path)).toEqual({ ok: false, error: `${path}${reason}` });
  });

  test('a missing file is a reason, not an exception', async () => {
    const file = await readRunFile('/nowhere/run.jsonl');
    expect(file).toEqual({ ok: false, error: expect.stringContaining('/nowhere/run.jsonl: ENOENT') });
  });

  test('what could not be written is written with the next record, once the disk takes it', async () => {
    const directory = folder();
    const path = join(directory, 'later', 'run.jsonl');
    writeFileSync(join(directory, 'later'), 'in the way');
    const writer = new RunWriter(path, header);
    const turns = Array.from({ length: 2500 }, (_, index) => index + 1);
    const results = await Promise.all(turns.map((turn) => writer.append(record(turn))));
    expect(results.filter(({ ok }) => ok)).toEqual([]);
    rmSync(join(directory, 'later'));
    expect(await writer.append(record(2501))).toEqual({ ok: true });
    await writer.close();
    const file = await readRunFile(path);
    expect(file.ok && file.records.map(({ turn }) => turn)).toEqual([...turns, 2501]);
  });

  test('on a full device every write says so and nothing is thrown', async () => {
    const writer = new RunWriter('/dev/full', header);
    const result = await writer.append(record(1));
    expect(result).toEqual({ ok: false, error: expect.stringContaining('ENOSPC') });
    expect((await writer.close()).ok).toBe(false);
  });
});

test.each([
  [{ turn: '1' }, 'turn is not a number'],
  [{ ttft_ms: 'fast' }, 'ttft_ms is neither a number nor null'],
  [{ outcome: 'great' }, 'outcome is not one of the known ones'],
])('a record with %j is named as wrong', (overrides, mistake) => {
  expect(recordMistake({ ...record(1), ...overrides })).toBe(mistake);
});
