import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compare } from '../../exporter/src/cli/compare';
import type { Comparison } from '../../exporter/src/model/comparison';
import { BUNDLE } from '../support/exporter-process';

const FIXTURES = join(__dirname, '../fixtures/results');
const STANDALONE = join(FIXTURES, 'lmbench/standalone');
const LLMD = join(FIXTURES, 'lmbench/llm-d');

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'taillight-cli-compare-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(argv: string[], env: Record<string, string> = {}) {
  const told = { out: '', err: '' };
  const code = await compare(
    argv,
    { stdout: (text) => void (told.out += text), stderr: (text) => void (told.err += text) },
    // No plots beside it: what is drawn is tested with the bundle.
    join(folder, 'taillight.mjs'),
    env,
  );
  return { code, ...told };
}

test('two folders: a verdict for each level, the missing requests first of all, and the numbers', async () => {
  const { code, out, err } = await run([STANDALONE, LLMD]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain(
    'sharegpt, 2 QPS: not_comparable: requests missing (48 of 80, mean prompt 427 against 615 tokens)',
  );
  expect(out).toMatch(/long_input, 0.5 QPS: llm-d answers sooner: P95 TTFT of later turns \d+ ms vs \d+ ms/);
  expect(out).toMatch(/Generation time P50 +\d+ ms/);
  expect(out).toMatch(/levels_unmatched: Only standalone has short_input, 3 QPS: left out/);
});

test("the original's spelling writes where the original did, with names of its own", async () => {
  const out = join(folder, 'analysis');
  const { code } = await run(['--standalone-dir', STANDALONE, '--llmd-dir', LLMD, '--output-dir', out]);
  expect(code).toBe(0);
  const comparison = JSON.parse(await readFile(join(out, 'comparison.json'), 'utf8')) as Comparison;
  expect(comparison.targets.map(({ name }) => name)).toEqual(['standalone', 'llm-d']);
  const readme = await readFile(join(out, 'README.md'), 'utf8');
  expect(readme).toContain('# llm-d against standalone');
  expect(readme).toContain('| sharegpt, 2 QPS | 80 / 48 | 0 / 32 |');
  expect(readme).toMatch(/\| Time to first token, later turns P95 \| \d+ ms \(\d+–\d+\), n = \d+/);
});

test("the environment's stack names choose folders, and one folder with both sides is enough", async () => {
  const names = {
    STANDALONE_LLMDBENCH_HARNESS_STACK_NAME: 'vllm',
    LLMD_LLMDBENCH_HARNESS_STACK_NAME: 'llm-d-stack',
  };
  const root = join(folder, 'results');
  await cp(join(FIXTURES, 'lmbench'), root, { recursive: true });
  await writeFile(join(root, 'standalone/LMBench_sharegpt_output_2.csv'), 'another stack\n');
  const out = join(folder, 'by-name');
  const flags = [
    '--standalone-dir',
    join(root, 'standalone'),
    '--llmd-dir',
    join(root, 'llm-d'),
    '--output-dir',
    out,
  ];
  const named = await run(flags, names);
  expect(named.code).toBe(0);
  expect(named.err).toMatch(/^no plots and no report.html: .+\n$/);
  const { code, out: text } = await run([root, '--json']);
  expect(code).toBe(0);
  expect((JSON.parse(text) as Comparison).levels).toHaveLength(3);
});

test('a gate that fails ends with 3, one that holds with 0, an unknown one with 2', async () => {
  const sides = [join(FIXTURES, 'aiperf/concurrency4'), `again=${join(FIXTURES, 'aiperf/concurrency4')}`];
  const failed = await run([...sides, '--gate', 'ttft.p50<=10ms']);
  expect([failed.code, failed.err]).toEqual([3, 'FAIL  ttft.p50<=10ms  again at 4 concurrency: 74.2 ms\n']);
  expect((await run([...sides, '--gate', 'ttft.p50.ratio<=1.01'])).code).toBe(0);
  const unknown = await run([...sides, '--gate', 'speed<=1']);
  expect(unknown.code).toBe(2);
  expect(unknown.err).toMatch(/^taillight compare: .*speed/);
});

test('what cannot be compared is one line and 2', async () => {
  const broken = join(folder, 'broken.json');
  await writeFile(broken, '{"benchmarks": [');
  const cases: [string[], RegExp][] = [
    [[], /^taillight compare: name two results, the baseline first/],
    [[STANDALONE], /^taillight compare: .* is one result and holds a single target: name two results/],
    [
      [broken, STANDALONE],
      /^taillight compare: broken: no result could be read \(.*broken\.json:1: not valid JSON: the text is cut off\)/,
    ],
    [
      [join(FIXTURES, 'guidellm'), STANDALONE],
      /no load level in common: guidellm has 4 at once; 8 at once, standalone has/,
    ],
    [['--standalone-dir', STANDALONE], /give both --standalone-dir and --llmd-dir/],
    [[STANDALONE, LLMD, '--colour'], /Unknown option '--colour'.* see taillight compare --help/],
    [[STANDALONE, LLMD, '--out', broken], /cannot be written \(E[A-Z]+\); name another folder/],
    [[STANDALONE, LLMD, '--out', ''], /--out and --output-dir need the name of a folder/],
    [[STANDALONE, LLMD, '--out', '/proc/taillight'], /cannot be written \(ENOENT\); name another folder/],
    [[FIXTURES, STANDALONE], /holds results of AIPerf, GuideLLM, inference-perf, .*: name the folder of one/],
  ];
  for (const [argv, message] of cases) {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    const lines = err.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('no plots'))).toHaveLength(1);
  }
});

test("somebody's own README.md is not overwritten; that of an earlier comparison is, and its plots go", async () => {
  const out = join(folder, 'own');
  await mkdir(join(out, 'plots'), { recursive: true });
  await writeFile(join(out, 'README.md'), 'My notes\n');
  const refused = await run([STANDALONE, LLMD, '--out', out]);
  expect([refused.code, refused.err]).toEqual([
    2,
    expect.stringContaining('README.md is not of a comparison'),
  ]);
  expect(await readFile(join(out, 'README.md'), 'utf8')).toBe('My notes\n');
  await writeFile(join(out, 'comparison.json'), '{}');
  for (const name of ['ttft_by_turn.png', 'ttft_ecdf-dark.png', 'mine.png'])
    await writeFile(join(out, 'plots', name), '');
  expect((await run([STANDALONE, LLMD, '--out', out])).code).toBe(0);
  expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('# llm-d against standalone');
  expect(await readdir(join(out, 'plots'))).toEqual(['mine.png']);
});

test.each([
  ['standalone', 'llm-d'],
  ['vllm', 'llm-d'],
])('of a folder with %s and %s the first is the baseline', async (baseline, candidate) => {
  const root = join(folder, `pair-${baseline}`);
  await cp(STANDALONE, join(root, baseline), { recursive: true });
  await cp(LLMD, join(root, candidate), { recursive: true });
  const { code, out } = await run([root, '--json']);
  expect([code, (JSON.parse(out) as Comparison).targets.map(({ name, role }) => [name, role])]).toEqual([
    0,
    [
      [baseline, 'baseline'],
      [candidate, 'candidate'],
    ],
  ]);
});

test('a reader that has seen enough ends nothing', async () => {
  const command = `set -o pipefail; "${process.execPath}" "${BUNDLE}" compare "${STANDALONE}" "${LLMD}" --json | head -c 20`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
  expect([stdout.length, stderr]).toEqual([20, '']);
});

test('a broken file beside good ones is named, and the good ones are compared', async () => {
  const root = join(folder, 'one-broken');
  await cp(STANDALONE, root, { recursive: true });
  await writeFile(
    join(root, 'LMBench_sharegpt_output_9.csv'),
    'prompt_tokens,generation_tokens,ttft,generation_time\n1,2,x,4\n',
  );
  const { code, err, out } = await run([root, LLMD]);
  expect(code).toBe(0);
  expect(err).toBe('not read: LMBench_sharegpt_output_9.csv:2: ttft is not a number: x\n');
  expect(out).toContain('not_all_read: one-broken: 1 file or line could not be read');
});

test('the bundle draws: plots of the three names that the guide knows, in three forms, and a report that stands alone', async () => {
  const out = join(folder, 'drawn');
  const { stderr } = await promisify(execFile)(process.execPath, [
    BUNDLE,
    'compare',
    STANDALONE,
    LLMD,
    '--out',
    out,
  ]);
  expect(stderr).toBe('');
  expect((await readdir(out)).sort()).toEqual(['README.md', 'comparison.json', 'plots', 'report.html']);
  const plots = await readdir(join(out, 'plots'));
  for (const name of [
    'latency_comparison',
    'throughput_comparison',
    'qps_comparison',
    'ttft_ecdf',
    'ratio_forest',
  ]) {
    expect(plots).toEqual(expect.arrayContaining([`${name}.png`, `${name}-dark.png`, `${name}.svg`]));
  }
  const png = await readFile(join(out, 'plots/qps_comparison.png'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(await readFile(join(out, 'README.md'), 'utf8')).toContain(
    'srcset="plots/latency_comparison-dark.png"',
  );
  expect(await readFile(join(out, 'plots/README.md'), 'utf8')).toContain('src="latency_comparison.png"');
  const report = await readFile(join(out, 'report.html'), 'utf8');
  expect(report).toContain('llm-d');
  expect(report).not.toMatch(/(src|href)="https?:/);
}, 120_000);
