import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogFields, Logger } from '../log';
import type { ProbeRecord, RunHeader } from '../model/record';
import { Recorder } from './recorder';
import { DEFINITIONS, readRunFile } from './run-file';

const header: RunHeader = {
  schema: 'taillight.run/1',
  run: 'live-1',
  started: '2026-11-25T10:00:00.000Z',
  targets: ['vllm'],
  workload: {},
  definitions: DEFINITIONS,
  versions: {},
};

const record = (turn: number): ProbeRecord => ({
  request_id: `live-1/vllm/c1/${turn}`,
  run: 'live-1',
  target: 'vllm',
  conversation: 'c1',
  round: 0,
  turn,
  intended_ms: turn,
  sent_ms: turn,
  ttft_ms: 1,
  e2e_ms: 2,
  tpot_ms: null,
  itl_ms: null,
  prompt_tokens: 1,
  cached_tokens: null,
  completion_tokens: 1,
  outcome: 'ok',
  http_status: 200,
});

function setUp(data_dir: string, rotate_bytes?: number) {
  const told: string[] = [];
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void told.push(`${level} ${event} ${String(fields['reason'] ?? '')}`.trim());
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const count = { errors: 0 };
  const recorder = new Recorder(data_dir, header, logger, () => (count.errors += 1), rotate_bytes);
  return { recorder, told, count };
}

const folder = () => mkdtempSync(join(tmpdir(), 'taillight-recorder-'));

async function turnsIn(data_dir: string): Promise<number[][]> {
  const files = await Promise.all(
    readdirSync(data_dir)
      .sort()
      .map((name) => readRunFile(join(data_dir, name))),
  );
  return files.map((file) => (file.ok ? file.records.map(({ turn }) => turn) : [-1]));
}

test('records go to one live file whose folder is made', async () => {
  const data_dir = join(folder(), 'a', 'b');
  const { recorder, told, count } = setUp(data_dir);
  await recorder.start();
  await recorder.record(record(1));
  await recorder.record(record(2));
  await recorder.close();
  expect(readdirSync(data_dir)).toEqual(['live-2026-11-25T10-00-00-000Z-live-1.jsonl']);
  expect(await turnsIn(data_dir)).toEqual([[1, 2]]);
  expect([told, count.errors]).toEqual([[], 0]);
});

test('a disk that refuses is said once and counted each time; when it takes again nothing is missing', async () => {
  const data_dir = join(folder(), 'data');
  writeFileSync(data_dir, 'in the way');
  const { recorder, told, count } = setUp(data_dir, 1);
  await recorder.start();
  await recorder.record(record(1));
  await recorder.record(record(2));
  expect(told).toEqual([expect.stringMatching(/^error results_not_written .*EEXIST/)]);
  expect(count.errors).toBe(3);
  rmSync(data_dir);
  await recorder.record(record(3));
  await recorder.close();
  expect(told.slice(1)).toEqual(['info results_written_again']);
  expect(await turnsIn(data_dir)).toEqual([[1, 2, 3]]);
});

test('a long file is followed by another, each with a header of its own', async () => {
  const data_dir = folder();
  const { recorder } = setUp(data_dir, 1000);
  await recorder.start();
  for (let turn = 1; turn <= 6; turn += 1) await recorder.record(record(turn));
  await recorder.close();
  const turns = await turnsIn(data_dir);
  expect(turns.length).toBeGreaterThan(1);
  expect(turns.flat().sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('what could not be written by the end is said to be lost', async () => {
  const data_dir = join(folder(), 'data');
  writeFileSync(data_dir, 'in the way');
  const { recorder, told } = setUp(data_dir);
  await recorder.start();
  await recorder.record(record(1));
  await recorder.close();
  expect(told.at(-1)).toMatch(/^error results_lost /);
});
