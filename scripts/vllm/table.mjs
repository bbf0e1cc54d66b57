// The figures of a run for people. Pure.
import { engineCounts, recordCounts } from './figures.mjs';

const ratio = (value) => (value === null || value === undefined ? '-' : value.toFixed(4));
const ms = (seconds) => (Number.isFinite(seconds) ? `${(seconds * 1000).toFixed(0)} ms` : '-');
const quantile = (value) =>
  value === null ? '-' : `${ms(value.estimate)} (${ms(value.lower)} to ${ms(value.upper)})`;

function column({ name, before, after, start_seconds }, seen) {
  const target = seen.comparison.targets.find((one) => one.name === name);
  const engine = engineCounts(before, after);
  const own = recordCounts(seen.results.records.filter((record) => record.target === name));
  const { ttft_seconds: ttft, hit_rate: hit, samples } = target;
  return {
    '': name,
    'start of vLLM': `${start_seconds.toFixed(0)} s`,
    version: target.engine.version ?? '-',
    'answers (first + later turns)': `${samples.all} (${samples.first} + ${samples.later})`,
    'TTFT first P50': quantile(ttft.first.p50),
    'TTFT first P95': quantile(ttft.first.p95),
    'TTFT later P50': quantile(ttft.later.p50),
    'TTFT later P95': quantile(ttft.later.p95),
    'TTFT mean, client': ms(own.ttft_mean),
    'TTFT mean, engine': ms(engine.ttft_mean),
    'hit rate measured': ratio(hit?.measured),
    'hit rate from probes': ratio(hit?.from_probes),
    'expected, random': ratio(hit?.expected_random),
    'expected, sticky': ratio(hit?.expected_sticky),
    'prompt tokens, engine / records': `${engine.prompt} / ${own.prompt}`,
    'cached tokens, engine / records': `${engine.cached} / ${own.cached}`,
    'output tokens, engine / records': `${engine.generation} / ${own.generation}`,
  };
}

export function figuresTable(seen) {
  const columns = seen.servers.map((server) => column(server, seen));
  const rows = Object.keys(columns[0]).map((label) => [label, ...columns.map((one) => one[label])]);
  const widths = rows[0].map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
