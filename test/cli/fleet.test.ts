import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'undici';
import { fleet } from '../../exporter/src/cli/fleet';
import { BUNDLE } from '../support/exporter-process';

async function said(argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await fleet(
    argv,
    { stdout: (text) => void out.push(text), stderr: (text) => void err.push(text) },
    { entry: '' },
  );
  return { code, out: out.join(''), err: err.join('') };
}

test('help tells the options', async () => {
  const { code, out, err } = await said(['--help']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Usage: taillight fleet/);
  expect(out).toContain('--scenario NAME   multi-turn, ');
});

test.each([
  [['--scenario', 'storm'], 'unknown scenario storm; known: multi-turn, '],
  [['--replicas', 'many'], '--replicas takes a whole number, not many'],
  [['--only', 'both'], '--only takes baseline or candidate, not both'],
  [['--port', '65535'], 'port must be 0 or a port with 64 free ones after it, got 65535'],
  [['--replicas', '17'], 'replicas must be a whole number from 1 to 16, got 17'],
  [['--seed', 'x'], '--seed takes a whole number, not x'],
  [['--wrong'], "Unknown option '--wrong'"],
])('%j is one line and exit code 2', async (argv, line) => {
  const { code, out, err } = await said(argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^taillight fleet: [^\n]*; see taillight fleet --help\n$/);
  expect(err).toContain(line);
});

let child: ChildProcess | null = null;
afterEach(() => void child?.kill('SIGKILL'));

test('by itself it prints addresses that answer, until it is told to end', async () => {
  const args = [BUNDLE, 'fleet', '--replicas', '1', '--only', 'candidate'];
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child = running;
  let told = '';
  for await (const chunk of running.stdout) {
    told += String(chunk);
    if (told.endsWith('}\n')) break;
  }
  const addresses = JSON.parse(told) as { candidate: { url: string; router_metrics_url: string } };
  const models = await request(`${addresses.candidate.url}/models`);
  expect(await models.body.json()).toMatchObject({ data: [{ object: 'model' }] });
  const metrics = await request(addresses.candidate.router_metrics_url);
  expect([metrics.statusCode, await metrics.body.text()]).toEqual([200, expect.stringContaining('# TYPE')]);
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([0, null]);
});
