import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
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
  /** One parser for the successive scrapes of a replica at work, whose numbers move: what the exporter really does. */
  series_mb_per_cpu_s: number;
  theirs_mb_per_cpu_s: number;
  /** ours / theirs; the same without memory, and over successive scrapes. */
  ratio: number;
  ratio_cold: number;
  ratio_series: number;
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

/** The recorded pages of one replica while it worked, in order. */
function scrapeSeries(path = 'test/fixtures/series/rr/replica-0.jsonl.gz'): Buffer[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const { text } = JSON.parse(line) as { text?: string };
    return text === undefined ? [] : [Buffer.from(text)];
  });
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
  const seriesParser = new ExpositionParser();
  const series = scrapeSeries();
  const seriesBytes = series.reduce((sum, page) => sum + page.length, 0) / series.length;
  let scrape = 0;
  const read = createPageReader();
  const must = (ok: boolean) => {
    if (!ok) throw new Error('the page was not parsed');
  };
  const contestants = {
    ours: () => must(parser.parse(body).ok),
    cold: () => must(new ExpositionParser().parse(body).ok),
    series: () => must(seriesParser.parse(series[scrape++ % series.length] ?? body).ok),
    reading: () => must(read(body).ok),
    theirs: () => must(parsePrometheusTextFormat(text).length > 0),
  };
  const seconds = {
    ours: [] as number[],
    cold: [] as number[],
    series: [] as number[],
    reading: [] as number[],
    theirs: [] as number[],
  };
  const names = Object.keys(contestants) as (keyof typeof contestants)[];
  for (const name of names) cpuSecondsPerTurn(contestants[name]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) seconds[name].push(cpuSecondsPerTurn(contestants[name]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const speed = (name: keyof typeof contestants) =>
    (name === 'series' ? seriesBytes : body.length) / 1e6 / median(seconds[name]);
  return {
    name: 'exposition',
    ours_mb_per_cpu_s: speed('ours'),
    ours_cold_mb_per_cpu_s: speed('cold'),
    reading_mb_per_cpu_s: speed('reading'),
    series_mb_per_cpu_s: speed('series'),
    theirs_mb_per_cpu_s: speed('theirs'),
    ratio: speed('ours') / speed('theirs'),
    ratio_cold: speed('cold') / speed('theirs'),
    ratio_series: speed('series') / speed('theirs'),
  };
}
