import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RunningFleet } from '../../demo/fleet/main';
import { readResults } from '../../exporter/src/results/read-results';
import { BUNDLE } from '../support/exporter-process';
import { startFleets } from '../support/fleets';
import { reportMistakes } from './benchmark-report-schema';
import { RunBench, summaryOf } from './run-bench';

/** What runs against fleets leave in their folders: the report with its plots, and the formats of other tools. */

const ROOT = join(__dirname, '../..');
let fleet: RunningFleet;
const bench = new RunBench();
beforeAll(async () => {
  fleet = await startFleets({ speed: 50 });
}, 60_000);
afterAll(async () => {
  await bench.stopAll();
  await fleet.stop();
});

/** The program in a folder of its own, with the plots' bundle beside it or not. */
function program(plots: boolean): string {
  const folder = bench.path(plots ? 'drawing' : 'bare');
  mkdirSync(folder);
  copyFileSync(BUNDLE, join(folder, 'taillight.mjs'));
  if (plots) {
    const built = spawnSync(process.execPath, [join(ROOT, 'scripts/build-plots.mjs'), join(folder, 'plots')]);
    expect([built.status, built.stderr.toString()]).toEqual([0, '']);
  }
  return join(folder, 'taillight.mjs');
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

test('a run leaves report.html and its plots, and is exported for each target', async () => {
  const out = bench.path('drawn');
  const formats = ['--export', 'lmbench,aiperf', '--export', 'benchmark-report'];
  const ended = await bench.run(['--config', bench.config(fleet), '--out', out, ...formats], {
    bundle: program(true),
  });
  expect([ended.code, ended.err]).toEqual([0, '']);
  expect(ended.out).toMatch(
    /^Results in .*report\.md, vllm\/LMBench_multi_turn\.csv, .*report\.html, plots\/ \(\d+\), complete\.json$/m,
  );
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain('vllm and llm-d');
  expect(html).not.toMatch(/<(link|img)[^>]+(href|src)="(?!data:)/);
  const plots = readdirSync(join(out, 'plots'));
  for (const name of ['latency_comparison', 'throughput_comparison', 'ttft_ecdf'])
    expect(plots).toEqual(expect.arrayContaining([`${name}.png`, `${name}-dark.png`, `${name}.svg`]));
  for (const name of plots) {
    const bytes = readFileSync(join(out, 'plots', name));
    if (name.endsWith('.png')) expect(bytes.subarray(0, 8)).toEqual(PNG);
    else expect(bytes.toString()).toMatch(/^<svg /);
  }
  for (const { name, samples } of summaryOf(out).targets) {
    for (const file of ['LMBench_multi_turn.csv', 'profile_export.jsonl']) {
      const { parts, unread } = await readResults(join(out, name, file));
      expect([unread, parts.map(({ records }) => records?.length)]).toEqual([[], [samples.all]]);
    }
    const report: unknown = parse(
      readFileSync(join(out, name, 'benchmark_report_v0.2,_stage_0.yaml'), 'utf8'),
    );
    expect(reportMistakes(report)).toEqual([]);
  }
  const whole = await readResults(out);
  expect(whole.parts.map(({ target, format, records }) => [target, format, records?.length])).toEqual(
    summaryOf(out).targets.map(({ name, samples }) => [name, 'taillight-run', samples.all]),
  );
}, 120_000);

test('without the bundle that draws, a run says so in one line and is complete all the same', async () => {
  const out = bench.path('undrawn');
  const ended = await bench.run(['--config', bench.config(fleet), '--out', out], { bundle: program(false) });
  expect([ended.code, ended.err]).toEqual([0, '']);
  const line = /^Without report\.html and plots: .*\/bare\/plots\/index\.mjs is not there$/gm;
  expect(ended.out.match(line)).toHaveLength(1);
  expect(readdirSync(out).sort()).toEqual([
    'complete.json',
    'observations.json',
    'report.md',
    'run.jsonl',
    'summary.json',
  ]);
}, 60_000);
