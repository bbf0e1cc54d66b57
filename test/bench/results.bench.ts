/** How long it takes to read, compare and draw two results of LMBenchmark with 80 000 requests, and what memory that needs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { compare } from '../../exporter/src/index';
import { createRandom } from '../../exporter/src/stats/random';
import { normal } from '../stats/workload';

const LEVELS = 40;
const ROWS = 1000;

export interface ResultsBench {
  rows: number;
  levels: number;
  seconds: number;
  cpu_seconds: number;
  /** Of the whole process, Node included. */
  peak_mb: number;
  /** `taillight compare` with all its files, from start to end of its process. */
  drawn_seconds: number;
}

const HEADER = 'prompt_tokens,generation_tokens,ttft,generation_time,launch_time,finish_time';

/** A level as sharegpt has it: single prompts of many lengths, the same on both sides. */
function csv(level: number, factor: number): string {
  const [shared, own] = [createRandom(level, 7), createRandom(level, factor * 100)];
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const prompt = 100 + shared.below(2000);
    const ttft = (factor * prompt * Math.exp(0.3 * normal(own))) / 5000;
    const generation = 10 * Math.exp(0.2 * normal(own));
    const launch = 1_795_000_000 + level * 1000 + row / level;
    return `${prompt},200,${ttft},${generation},${launch},${launch + ttft + generation}`;
  });
  return [HEADER, ...lines, ''].join('\n');
}

export async function benchResults(taillight: string): Promise<ResultsBench> {
  const root = mkdtempSync(join(tmpdir(), 'taillight-bench-'));
  try {
    for (const [name, factor] of [
      ['standalone', 1],
      ['llm-d', 0.8],
    ] as const) {
      mkdirSync(join(root, name));
      for (let level = 1; level <= LEVELS; level += 1)
        writeFileSync(join(root, name, `LMBench_sharegpt_output_${level / 4}.csv`), csv(level, factor));
    }
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const compared = await compare(join(root, 'standalone'), join(root, 'llm-d'));
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    if (!compared.ok || compared.comparison.levels?.length !== LEVELS)
      throw new Error('not all levels were compared');
    const peak_mb = process.resourceUsage().maxRSS / 1024;
    return {
      rows: 2 * LEVELS * ROWS,
      levels: LEVELS,
      seconds,
      cpu_seconds: (used.user + used.system) / 1e6,
      peak_mb,
      drawn_seconds: drawn(taillight, root),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function drawn(taillight: string, root: string): number {
  const [baseline, candidate, out] = ['standalone', 'llm-d', 'out'].map((name) => join(root, name));
  const start = performance.now();
  const run = spawnSync(
    process.execPath,
    [taillight, 'compare', baseline ?? '', candidate ?? '', '--out', out ?? ''],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const seconds = (performance.now() - start) / 1000;
  const picture = join(out ?? '', 'plots/latency_comparison.png');
  if (run.status !== 0 || !existsSync(picture)) throw new Error('nothing was drawn');
  return seconds;
}
