/** `npm run bench [-- NAME …]`: accuracy and cost as ratios within one run. Judgements are printed, nothing fails by time. */
import { benchComparison } from './comparison.bench';
import { benchExposition } from './exposition.bench';
import { benchMemory } from './memory.bench';
import { benchResults } from './results.bench';
import { benchScrapeRound, servePages } from './scrape-round.bench';
import { benchArm, benchTtft } from './ttft.bench';

const script = process.argv[1] ?? '';
const bundle = script.replace(/bench\.mjs$/, 'taillight.mjs');
const ok = (good: boolean) => (good ? 'ok' : 'MISSED');
const line = (text: string) => console.log(text);

const BENCHES: Record<string, () => Promise<void>> = {
  async ttft() {
    line('TTFT error in ms (reported - true), P50 / P99; clients in turns in one run');
    line('streams   Taillight        bare node:http   global fetch     fetch / Taillight');
    for (const { streams, ours, bare, fetch, judgement } of await benchTtft(script, bundle)) {
      const pair = (arm: { p50_ms: number; p99_ms: number }) =>
        `${arm.p50_ms.toFixed(2)} / ${arm.p99_ms.toFixed(2)}`.padEnd(17);
      const times = `${(fetch.p50_ms / ours.p50_ms).toFixed(1)}x / ${(fetch.p99_ms / ours.p99_ms).toFixed(1)}x`;
      line(
        `${String(streams).padStart(7)}   ${pair(ours)}${pair(bare)}${pair(fetch)}${times}   ${judgement}`,
      );
    }
  },
  async exposition() {
    const bench = await benchExposition();
    const row = (name: string, speed: number, ratio: number) =>
      line(`  ${name.padEnd(52)} ${speed.toFixed(0).padStart(5)} MB per CPU second  ${ratio.toFixed(1)}x`);
    line('Exposition parsing of a real vLLM page, and of successive scrapes of one replica');
    row('parse-prometheus-text-format', bench.theirs_mb_per_cpu_s, 1);
    row('ours, successive scrapes (as the exporter works)', bench.series_mb_per_cpu_s, bench.ratio_series);
    row('ours, the same page again', bench.ours_mb_per_cpu_s, bench.ratio);
    row('ours, a new parser for each page', bench.ours_cold_mb_per_cpu_s, bench.ratio_cold);
    line(
      `  at least 5x: ${ok(bench.ratio_series >= 5)}; Prometheus' own parser stands at 6.6x of the same yardstick`,
    );
  },
  async comparison() {
    const { total_ms, longest_block_ms, conversations, turns, resamples } = await benchComparison();
    line(
      `Live comparison of ${conversations} conversations x ${turns} turns x 2 targets, ${resamples} resamples`,
    );
    line(
      `  ${total_ms.toFixed(0)} ms in all, longest block ${longest_block_ms.toFixed(1)} ms (below 20: ${ok(longest_block_ms < 20)})`,
    );
  },
  async results() {
    const { rows, levels, seconds, cpu_seconds, peak_mb, drawn_seconds } = await benchResults(bundle);
    line(`Two LMBenchmark results of ${rows} requests at ${levels} load levels, read and compared`);
    line(
      `  ${seconds.toFixed(2)} s (${cpu_seconds.toFixed(2)} s of CPU), ${peak_mb.toFixed(0)} MB (at most 2 s and 300 MB: ${ok(seconds <= 2 && peak_mb <= 300)})`,
    );
    line(
      `  ${drawn_seconds.toFixed(2)} s for the whole command with plots and reports (at most 10 s: ${ok(drawn_seconds <= 10)})`,
    );
  },
  async scrape() {
    const bench = await benchScrapeRound(script);
    line(
      `Scraping ${bench.replicas} replicas of ${(bench.page_bytes / 1000).toFixed(0)} kB every ${bench.interval_seconds} s`,
    );
    line(
      `  ${(bench.cpu_share * 100).toFixed(1)} % of one core, ${bench.scraped} up (below 25 %: ${ok(bench.cpu_share < 0.25)})`,
    );
  },
  async memory() {
    const { minutes, first_mb, last_mb, slope_mb_per_hour } = await benchMemory(bundle);
    line(`Memory of the exporter over ${minutes} minutes of the demo, from when its window is full`);
    line(
      `  ${first_mb.toFixed(0)} MB in the first quarter, ${last_mb.toFixed(0)} MB in the last, ${slope_mb_per_hour.toFixed(1)} MB per hour`,
    );
  },
};

async function main(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === 'selftest-arm') return benchArm(rest);
  if (first === 'serve-pages') return servePages();
  const names = first === undefined ? Object.keys(BENCHES) : [first, ...rest];
  for (const name of names) {
    const bench = BENCHES[name];
    if (bench === undefined)
      throw new Error(`no bench "${name}"; there are ${Object.keys(BENCHES).join(', ')}`);
    await bench();
    line('');
  }
}

await main();
