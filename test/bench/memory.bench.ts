import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MemoryBench {
  minutes: number;
  /** Medians of the first and of the last quarter; the collector's saw teeth say nothing. */
  first_mb: number;
  last_mb: number;
  /** Least-squares slope, MB per hour. */
  slope_mb_per_hour: number;
}

const SAMPLE_MS = 5000;
/** Until then the demo's window of 5 minutes (and the margin of the histories) is still filling. */
const SETTLE_SECONDS = 360;

function residentBytes(base: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(`${base}/metrics`, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1])));
    }).on('error', reject);
  });
}

function slope(points: { x: number; y: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((p) => p.x)), mean(points.map((p) => p.y))];
  const covariance = points.reduce((sum, p) => sum + (p.x - x) * (p.y - y), 0);
  return covariance / points.reduce((sum, p) => sum + (p.x - x) ** 2, 0);
}

function median(points: { y: number }[]): number {
  const values = points.map(({ y }) => y).sort((a, b) => a - b);
  return values[values.length >> 1] ?? NaN;
}

/** Resident memory of the exporter while it probes the simulated fleets: `minutes` from when its window is full. */
export async function benchMemory(bundle: string, minutes = 10): Promise<MemoryBench> {
  const demo = spawn(process.execPath, [bundle, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  demo.stdout.setEncoding('utf8').on('data', (part: string) => (output = (output + part).slice(0, 100_000)));
  try {
    const base = () => /metrics +(http:\S+)\/metrics/.exec(output)?.[1];
    for (let waited = 0; base() === undefined && waited < 30; waited += 1) await sleep(1000);
    const begun = performance.now();
    const points: { x: number; y: number }[] = [];
    while (performance.now() - begun < minutes * 60_000 + SETTLE_SECONDS * 1000) {
      await sleep(SAMPLE_MS);
      points.push({ x: (performance.now() - begun) / 1000, y: (await residentBytes(base() ?? '')) / 1e6 });
    }
    const settled = points.filter(({ x }) => x > SETTLE_SECONDS);
    return {
      minutes,
      first_mb: median(settled.slice(0, settled.length >> 2)),
      last_mb: median(settled.slice(-(settled.length >> 2))),
      slope_mb_per_hour: slope(settled) * 3600,
    };
  } finally {
    demo.kill('SIGTERM');
  }
}
