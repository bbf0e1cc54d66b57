import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { firstMessage, measureArm, startBundle } from '../../exporter/src/selftest/measure';
import { BUNDLE } from '../support/exporter-process';

/** The processes of the self-test, from the bundle. What they measure is judged by `taillight selftest`, never here. */

const start = startBundle(BUNDLE);
let server: ChildProcess;
let port: number;

beforeAll(async () => {
  server = start(['stamp-server']);
  ({ port } = await firstMessage<{ port: number }>(server));
}, 30_000);
afterAll(async () => {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  expect(await gone).toBe(0);
});

test.each(['ours', 'bare'])(
  'the client "%s" reports the TTFT of its streams, never before the server had sent it',
  async (arm) => {
    const errors = await measureArm(start, arm, port, 4, 6);
    expect(errors.length).toBeGreaterThanOrEqual(1);
    // Reported - true, ms: the clocks of two processes agree to a small part of this.
    for (const error of errors) expect(error).toBeGreaterThan(-5);
  },
  60_000,
);

test('a process that ends without a word is a failure', async () => {
  await expect(firstMessage(start(['selftest-arm', 'nobody', '1', '1', '1']))).rejects.toThrow(
    'an inner process ended with code 1 and no result',
  );
});

test.each([[['--streams', '0']], [['--streams', '16,many']], [['--seconds', '1']], [['--unknown']]])(
  'selftest %j is refused in one line',
  (args) => {
    const ended = spawnSync(process.execPath, [BUNDLE, 'selftest', ...args], { encoding: 'utf8' });
    expect([ended.status, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(/^taillight selftest: .+\n$/);
  },
);
