import { readFileSync } from 'node:fs';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { ExpositionParser } from '../../exporter/src/scrape/exposition';
import { createPageReader } from '../../exporter/src/scrape/read-page';

export interface ExpositionBench {
  name: string;
  /** One parser for all pages, as the exporter has it. */
  ours_mb_per_cpu_s: number;
  /** A new parser for each page: nothing is remembered. */
  ours_cold_mb_per_cpu_s: number;
  /** Parsing and the vLLM adapter together, down to a reading. */
  reading_mb_per_cpu_s: number;
  theirs_mb_per_cpu_s: number;
  /** ours / theirs, and the same without memory. */
  ratio: number;
  ratio_cold: number;
}

const ROUNDS = 7;
const CPU_SECONDS_PER_ROUND = 0.15;

/** Turns of `work` for a slice of CPU time; CPU seconds per turn, of the whole process (garbage collection included). */
function cpuSecondsPerTurn(work: () => void): number {
  const start = process.cpuUsage();
  for (let turns = 1; ; turns++) {
    work();
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    if (seconds >= CPU_SECONDS_PER_ROUND) return seconds / turns;
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Parses a real vLLM page (58 kB) again and again, beside npm's parse-prometheus-text-format on the same page, in turns in one
 * run so that a busy machine hits all alike. Each gets what it wants: we the bytes off the socket, it the decoded string.
 *
 * @param pagePath the page; the bench is bundled, so its place is for the caller to know.
 */
export async function benchExposition(
  pagePath = 'test/fixtures/pages/vllm-0.32-busy.prom',
): Promise<ExpositionBench> {
  const body = readFileSync(pagePath);
  const text = body.toString('utf8');
  const parser = new ExpositionParser();
  const read = createPageReader();
  const must = (ok: boolean) => {
    if (!ok) throw new Error('the page was not parsed');
  };
  const contestants = {
    ours: () => must(parser.parse(body).ok),
    cold: () => must(new ExpositionParser().parse(body).ok),
    reading: () => must(read(body).ok),
    theirs: () => must(parsePrometheusTextFormat(text).length > 0),
  };
  const seconds = {
    ours: [] as number[],
    cold: [] as number[],
    reading: [] as number[],
    theirs: [] as number[],
  };
  const names = Object.keys(contestants) as (keyof typeof contestants)[];
  for (const name of names) cpuSecondsPerTurn(contestants[name]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) seconds[name].push(cpuSecondsPerTurn(contestants[name]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const speed = (name: keyof typeof contestants) => body.length / 1e6 / median(seconds[name]);
  return {
    name: 'exposition',
    ours_mb_per_cpu_s: speed('ours'),
    ours_cold_mb_per_cpu_s: speed('cold'),
    reading_mb_per_cpu_s: speed('reading'),
    theirs_mb_per_cpu_s: speed('theirs'),
    ratio: speed('ours') / speed('theirs'),
    ratio_cold: speed('cold') / speed('theirs'),
  };
}
