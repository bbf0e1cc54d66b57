import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MemoryBench {
  minutes: number;
  first_mb: number;
  last_mb: number;
  /** Least-squares slope after the first two minutes, MB per hour. */
  slope_mb_per_hour: number;
}

const SAMPLE_MS = 5000;
const SETTLE_SECONDS = 120;

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

/** Resident memory of the exporter while it probes the simulated fleets, for `minutes`. */
export async function benchMemory(bundle: string, minutes = 10): Promise<MemoryBench> {
  const demo = spawn(process.execPath, [bundle, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  demo.stdout.setEncoding('utf8').on('data', (part: string) => (output = (output + part).slice(0, 100_000)));
  try {
    const base = () => /metrics +(http:\S+)\/metrics/.exec(output)?.[1];
    for (let waited = 0; base() === undefined && waited < 30; waited += 1) await sleep(1000);
    const begun = performance.now();
    const points: { x: number; y: number }[] = [];
    while (performance.now() - begun < minutes * 60_000) {
      await sleep(SAMPLE_MS);
      points.push({ x: (performance.now() - begun) / 1000, y: (await residentBytes(base() ?? '')) / 1e6 });
    }
    const settled = points.filter(({ x }) => x > SETTLE_SECONDS);
    return {
      minutes,
      first_mb: settled[0]?.y ?? NaN,
      last_mb: settled.at(-1)?.y ?? NaN,
      slope_mb_per_hour: slope(settled) * 3600,
    };
  } finally {
    demo.kill('SIGTERM');
  }
}
