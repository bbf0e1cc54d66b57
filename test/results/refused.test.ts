import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from '../../exporter/src/index';
import { records } from '../stats/workload';

const FIXTURES = join(__dirname, '../fixtures/results');

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'taillight-refused-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, targets: string[]): Promise<string> {
  const header = {
    schema: 'taillight.run/1',
    run: 'r',
    started: '2026-11-21T10:00:00Z',
    targets,
    workload: {},
  };
  const path = join(folder, name);
  const lines = [header, ...targets.flatMap((target) => records(target))].map((one) => JSON.stringify(one));
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

test('no common level, nothing readable, an unclear target', async () => {
  const refusal = async (...sides: Parameters<typeof compare>) => {
    const outcome = await compare(...sides);
    return outcome.ok ? 'compared' : outcome.reason;
  };
  const aiperf = join(FIXTURES, 'aiperf');
  expect(await refusal(join(aiperf, 'concurrency4'), join(aiperf, 'concurrency8'))).toBe(
    'the results have no load level in common: concurrency4 has 4 at once, concurrency8 has 8 at once',
  );
  expect(await refusal(join(folder, 'nothing'), aiperf)).toMatch(
    /^nothing: no result could be read .*no such file or folder/,
  );
  const both = await write('both.jsonl', ['vllm', 'llm-d']);
  expect(await refusal(both, aiperf)).toMatch(/holds vllm, llm-d: name one of them/);
  expect(await refusal({ result: both, target: 'sglang' }, aiperf)).toMatch(
    /has no target "sglang": there are vllm, llm-d$/,
  );
});
