import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningFleet } from '../../demo/fleet/main';
import { readRunFile } from '../../exporter/src/store/run-file';
import { fault, startFleets } from '../support/fleets';
import { until } from '../support/until';
import { recordsOf, RunBench, summaryOf } from './run-bench';

let fleet: RunningFleet;
const bench = new RunBench();
beforeAll(async () => {
  fleet = await startFleets();
}, 60_000);
afterAll(async () => {
  await bench.stopAll();
  await fleet.stop();
});

test('killed at any moment, twenty times, the file is readable to its last whole record', async () => {
  const config = bench.config(fleet, {}, { conversations: 1000, concurrency: 8 });
  const folder = bench.path('killed');
  let most = 0;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    rmSync(folder, { recursive: true, force: true });
    const running = bench.start(['--config', config, '--out', folder]);
    await until('the file is there', () => existsSync(join(folder, 'run.jsonl')));
    // From before the first request to the middle of many.
    await sleep(97 * attempt);
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    const text = readFileSync(join(folder, 'run.jsonl'), 'utf8');
    if (text === '') continue;
    const file = await readRunFile(join(folder, 'run.jsonl'));
    if (!file.ok) throw new Error(file.error);
    const lines = text.split('\n');
    // Whole lines are whole records; only the last, torn one may be skipped.
    const whole = lines.length - 2;
    expect([attempt, file.records.length, file.skipped.length <= (lines.at(-1) === '' ? 0 : 1)]).toEqual([
      attempt,
      whole,
      true,
    ]);
    most = Math.max(most, whole);
    expect(existsSync(join(folder, 'complete.json'))).toBe(false);
  }
  expect(most).toBeGreaterThan(20);
}, 180_000);

test('a full disk ends it with a clear error, and what was written is intact', async () => {
  const folder = bench.path('full');
  // Files beyond 16 KiB are refused, as on a disk that is full.
  const wrap = ['bash', '-c', `trap '' XFSZ; ulimit -Sf 16; exec "$@"`, 'limited'];
  const args = ['--config', bench.config(fleet), '--out', folder, '--conversations', '2000'];
  const { code, out, err } = await bench.run(args, { wrap });
  expect(code).toBe(2);
  expect(err).toMatch(/taillight run: the run ended early, as its results could not be written: EFBIG/);
  expect(out).toContain('Ended: early, as results could not be written');
  const file = await readRunFile(join(folder, 'run.jsonl'));
  expect(file.ok && file.skipped).toEqual([]);
  expect(file.ok && file.records.length).toBeGreaterThan(10);
  expect(readFileSync(join(folder, 'run.jsonl'), 'utf8').endsWith('}\n')).toBe(true);
  expect(existsSync(join(folder, 'complete.json'))).toBe(false);
}, 60_000);

test('a target that dies in the middle is told of; the run goes on and ends', async () => {
  const folder = bench.path('dying');
  const args = [
    '--config',
    bench.config(fleet, {}, { rate: 8, concurrency: 6, conversations: 60 }),
    '--out',
    folder,
  ];
  const running = bench.start(args);
  try {
    await until('both are measured', async () => {
      const records = await recordsOf(folder);
      return ['vllm', 'llm-d'].every((name) => records.filter(({ target }) => target === name).length > 15);
    });
    await fault(fleet, { fleet: 'candidate', replica: 'router', fault: 'kill' });
    const { code, out, err } = await running.ended;
    expect(code).toBe(0);
    expect(err).toContain('event=target_down target=llm-d');
    expect(out).toMatch(/Kept up +all conversations played +.*not started \(down\)/);
    expect(out).toContain('target_down: ');
    const [vllm, llmd] = summaryOf(folder).targets;
    expect(vllm).toMatchObject({ up: true, samples: { all: 180 } });
    expect(llmd?.up).toBe(false);
    expect(llmd?.samples.all).toBeLessThan(180);
    expect(llmd?.outcomes.connect_error ?? llmd?.outcomes.stream_cut ?? 0).toBeGreaterThan(0);
  } finally {
    await fault(fleet, { fleet: 'candidate', replica: 'router', fault: 'clear' });
  }
}, 120_000);

test('a run of which a target never answered is told of, and may be started again', async () => {
  const folder = bench.path('silent');
  await fault(fleet, { fleet: 'candidate', replica: 'router', fault: 'kill' });
  try {
    const args = [
      '--config',
      bench.config(fleet),
      '--out',
      folder,
      '--stop-after',
      '3s',
      '--gate',
      'errors<=100%',
    ];
    const { code, out, err } = await bench.run(args);
    expect(code).toBe(2);
    expect(err).toContain(
      'no request was answered by llm-d; the run is not complete and may be started again',
    );
    expect(out).toContain('FAIL  errors<=100%  llm-d: no value');
    expect(existsSync(join(folder, 'complete.json'))).toBe(false);
  } finally {
    await fault(fleet, { fleet: 'candidate', replica: 'router', fault: 'clear' });
  }
}, 60_000);
