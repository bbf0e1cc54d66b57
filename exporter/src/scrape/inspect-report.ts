import {
  ENGINE_HISTOGRAMS,
  type EngineHistogramName,
  type EngineValueName,
  type PageReading,
} from '../model/reading';

/** The order of the values in both forms of the report. */
const VALUE_NAMES: readonly EngineValueName[] = [
  'prompt_tokens_total',
  'cached_prompt_tokens_total',
  'prefix_cache_queries_total',
  'prefix_cache_hits_total',
  'generation_tokens_total',
  'requests_running',
  'requests_waiting',
  'kv_cache_usage_ratio',
  'preemptions_total',
  'requests_finished_total',
  'kv_capacity_tokens',
];

/**
 * `taillight inspect --json`, schema `taillight.inspect/1`: seconds, bytes, ratios 0..1; what the page does not tell is null.
 * Behind the keys of the schema: `finished_by_reason`, `block_size`, `process_start_time_seconds`, `router_version`, `notes`.
 */
export function inspectJson(reading: PageReading) {
  const { engine, router } = reading;
  return {
    schema: 'taillight.inspect/1',
    format: reading.format,
    samples: reading.samples,
    source: reading.source,
    model: engine?.model ?? null,
    engine_generation: engine?.engine_generation ?? null,
    values: Object.fromEntries(VALUE_NAMES.map((name) => [name, engine?.values[name] ?? null])) as Record<
      EngineValueName,
      number | null
    >,
    histograms: Object.fromEntries(ENGINE_HISTOGRAMS.map((name) => [name, summary(reading, name)])) as Record<
      EngineHistogramName,
      { count: number; sum: number } | null
    >,
    gpus: reading.gpus.map(({ utilization_source: _, ...gpu }) => gpu),
    router: router && {
      ready_endpoints: router.ready_endpoints,
      requests_total: router.requests_total,
      decisions_by_endpoint: router.decisions_by_endpoint,
      generation: router.generation,
    },
    aliases: reading.aliases,
    missing: reading.missing,
    finished_by_reason: engine?.finished_by_reason ?? {},
    block_size: engine?.block_size ?? null,
    process_start_time_seconds: (engine ?? router)?.process_start_time_seconds ?? null,
    router_version: router?.version ?? null,
    notes: reading.notes ?? [],
  };
}

function summary({ engine }: PageReading, name: EngineHistogramName): { count: number; sum: number } | null {
  const histogram = engine?.histograms[name] ?? null;
  return histogram && { count: histogram.count, sum: histogram.sum };
}

const SOURCES: Record<PageReading['source'], string> = {
  vllm: 'a vLLM model server',
  epp: 'an llm-d endpoint picker (router)',
  dcgm: "NVIDIA's GPU exporter (DCGM)",
  amd: "AMD's GPU exporter",
  unknown: 'nothing that Taillight knows',
};

/** The same for people: what was read, from which upstream name, and what is missing. */
export function inspectTable(reading: PageReading): string {
  const { engine, router, aliases } = reading;
  const sections = [facts(reading)];
  if (engine !== null) {
    sections.push(
      VALUE_NAMES.map((name) => [name, number(engine.values[name]), aliases[name] ?? '']),
      ENGINE_HISTOGRAMS.map((name) => [name, observations(reading, name), aliases[name] ?? '']),
    );
  }
  if (router !== null) {
    const values = ['ready_endpoints', 'requests_total', 'requests_running', 'queue_size'] as const;
    const tokens = ['cached_tokens_total', 'input_tokens_total'] as const;
    sections.push([...values, ...tokens].map((name) => [name, number(router[name]), aliases[name] ?? '']));
    const decisions = Object.entries(router.decisions_by_endpoint);
    const upstream = aliases['decisions_by_endpoint'] ?? '';
    sections.push(decisions.map(([endpoint, times]) => [`chosen: ${endpoint}`, number(times), upstream]));
  }
  sections.push(...reading.gpus.map(gpuRows));
  const text = sections.filter((rows) => rows.length > 0).map(table);
  const missing = reading.missing.length === 0 ? 'nothing' : reading.missing.join(', ');
  const notes = (reading.notes ?? []).map((note) => `Note: ${note}`);
  return [...text, [`Not on the page: ${missing}`, ...notes].join('\n'), ''].join('\n\n').trimEnd() + '\n';
}

type Row = string[];

function facts({ source, engine, router, format, samples }: PageReading): Row[] {
  const rows: Row[] = [
    ['page of', SOURCES[source]],
    ['format', format === 'openmetrics' ? 'OpenMetrics' : 'Prometheus text'],
    ['samples', String(samples)],
  ];
  const more: [string, string | number | null | undefined][] = [
    ['model', engine?.model],
    ['generation', engine?.engine_generation ?? router?.generation],
    ['version', router?.version],
    ['block size', engine?.block_size],
    ['running since', isoTime((engine ?? router)?.process_start_time_seconds ?? null)],
  ];
  for (const [name, value] of more) {
    if (value !== undefined && value !== null) rows.push([name, String(value)]);
  }
  return rows;
}

function gpuRows(gpu: PageReading['gpus'][number]): Row[] {
  const mebibytes = (bytes: number | null) => (bytes === null ? '-' : `${number(bytes / 1024 ** 2)} MiB`);
  const owner = gpu.pod === null ? '-' : [gpu.namespace, gpu.pod].filter((part) => part !== null).join('/');
  return [
    [`GPU ${gpu.gpu}`, [gpu.model, gpu.host, gpu.uuid].filter((part) => part !== null).join(', ')],
    ['  pod', owner],
    ['  utilization_ratio', number(gpu.utilization_ratio), gpu.utilization_source ?? ''],
    ['  memory', `${mebibytes(gpu.memory_used_bytes)} of ${mebibytes(gpu.memory_total_bytes)}`],
    ['  power', gpu.power_watts === null ? '-' : `${number(gpu.power_watts)} W`],
  ];
}

function observations(reading: PageReading, name: EngineHistogramName): string {
  const found = summary(reading, name);
  if (found === null) return '-';
  return found.count === 0
    ? '0 observations'
    : `${found.count} observations, mean ${number(found.sum / found.count)} s`;
}

function number(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(12)));
}

function isoTime(seconds: number | null): string | null {
  const time = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** Columns as wide as their widest cell, two blanks between them. */
function table(rows: Row[]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
