import {
  ENGINE_HISTOGRAMS,
  type EngineHistogramName,
  type EngineReading,
  type EngineValueName,
  type EngineValues,
} from '../../model/reading';
import type { Page, Sample } from '../exposition-page';
import { readHistogram } from './histogram';
import { finite, firstPresent, label, mean, processStart, sum } from './lookup';
import {
  HISTOGRAM_NAMES,
  VALUE_RULES,
  vllmGeneration,
  vllmPrefix,
  ZERO_IN_SIMULATOR,
  type ValueRule,
} from './vllm-names';

const SIMULATOR = 'llm-d-inference-sim';
/** Labels under which finished requests are told apart: vLLM's, and the simulator's. */
const REASON_LABELS = ['finished_reason', 'finish_reason'];
const SILENT = 'no vllm: series; the server was probably started with --disable-log-stats';

export interface EnginePage {
  engine: EngineReading;
  notes: string[];
}

/** Reads the page of one model server; null when the page is none. */
export function readVllm(page: Page): EnginePage | null {
  const prefix = vllmPrefix(page);
  return prefix === null ? readSilent(page) : readEngine(page, prefix);
}

function readEngine(page: Page, prefix: string): EnginePage {
  const values = noValues();
  const aliases: Record<string, string> = {};
  for (const [ours, rule] of Object.entries(VALUE_RULES) as [keyof typeof VALUE_RULES, ValueRule][]) {
    const name = firstPresent(page, prefixed(prefix, rule.names));
    if (name === null) continue;
    values[ours] = combine(finite(page.samples(name)), rule);
    if (values[ours] !== null) aliases[ours] = name;
  }
  const finished = page.samples(aliases['requests_finished_total'] ?? '');
  const simulator = isSimulator(page, prefix, finished);
  if (simulator) for (const ours of ZERO_IN_SIMULATOR) values[ours] ??= 0;

  const cache = page.samples(`${prefix}cache_config_info`);
  values.kv_capacity_tokens = sum(cache.map(kvCapacity).filter((tokens) => tokens !== null));
  if (values.kv_capacity_tokens !== null) aliases['kv_capacity_tokens'] = `${prefix}cache_config_info`;

  const histograms = noHistograms();
  for (const ours of ENGINE_HISTOGRAMS) {
    const names = prefixed(prefix, HISTOGRAM_NAMES[ours]);
    const name = names.find((candidate) => page.has(`${candidate}_count`) || page.has(`${candidate}_bucket`));
    if (name === undefined) continue;
    histograms[ours] = readHistogram(page, name);
    if (histograms[ours] !== null) aliases[ours] = name;
  }
  const models = modelNames(page, Object.values(aliases));
  const engine: EngineReading = {
    model: models[0] ?? null,
    engine_generation: simulator ? SIMULATOR : vllmGeneration(page, prefix),
    values,
    finished_by_reason: byReason(finished),
    histograms,
    block_size: positive(cache[0]?.labels.get('block_size')),
    process_start_time_seconds: processStart(page) ?? created(page, prefix),
    aliases,
    missing: missingNames(values, histograms),
  };
  return { engine, notes: notesOn(engine, models, prefix) };
}

/**
 * A server without engine statistics still has its HTTP metrics. Only its OpenAI routes tell it from any other Python web
 * server, and those appear with the first request.
 */
function readSilent(page: Page): EnginePage | null {
  const routes = page.samples('http_requests_total').map((sample) => label(sample, 'handler'));
  if (!page.has('python_info') || !routes.some((route) => route?.startsWith('/v1/') === true)) return null;
  const engine: EngineReading = {
    model: null,
    engine_generation: null,
    values: noValues(),
    finished_by_reason: {},
    histograms: noHistograms(),
    block_size: null,
    process_start_time_seconds: processStart(page),
    aliases: {},
    missing: allEngineNames(),
  };
  return { engine, notes: [SILENT] };
}

/** Everything that a model server's page could tell. */
export function allEngineNames(): string[] {
  return missingNames(noValues(), noHistograms());
}

/** For a page of unknown source: what to say when it may be a model server that has not answered anything yet. */
export function silentVllmNote(page: Page): string | null {
  return page.has('python_info') && page.has('http_request_duration_highr_seconds_count') ? SILENT : null;
}

function prefixed(prefix: string, names: readonly string[]): string[] {
  return names.map((name) => prefix + name);
}

/**
 * Counters are added. Of a gauge that several API processes repeat (label `pid`, before 0.12) each process holds what it heard
 * last of the same engine: the largest is taken, then the engines are added or averaged.
 */
function combine(samples: Sample[], { over_engines, kind }: ValueRule): number | null {
  let values = samples.map(({ value }) => value);
  if (kind === 'gauge' && samples.some(({ labels }) => labels.has('pid'))) {
    const perEngine = new Map<string, number>();
    for (const { labels, value } of samples) {
      const key = JSON.stringify([...labels].filter(([name]) => name !== 'pid').sort());
      perEngine.set(key, Math.max(perEngine.get(key) ?? value, value));
    }
    values = [...perEngine.values()];
  }
  return over_engines === 'sum' ? sum(values) : mean(values);
}

/** The simulator has no `engine` label; vLLM has one since V1, and `kv_cache_usage_perc` only since V1. */
function isSimulator(page: Page, prefix: string, finished: readonly Sample[]): boolean {
  if (page.has('python_info')) return false;
  if (finished.some(({ labels }) => labels.has('finish_reason'))) return true;
  const usage = page.samples(`${prefix}kv_cache_usage_perc`);
  return usage.length > 0 && usage.every(({ labels }) => !labels.has('engine'));
}

/** Tokens that fit into the KV cache of one engine. */
function kvCapacity({ labels }: Sample): number | null {
  const told = positive(labels.get('kv_cache_size_tokens'));
  if (told !== null) return told;
  const size = positive(labels.get('block_size'));
  const blocks = positive(labels.get('num_gpu_blocks'));
  return size === null || blocks === null ? null : size * blocks;
}

/** Config labels are Python's `str()`: a number, or `None`. */
function positive(text: string | undefined): number | null {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : null;
}

function byReason(finished: readonly Sample[]): Record<string, number> {
  const reasons = new Map<string, number>();
  for (const sample of finite(finished)) {
    const reason = label(sample, ...REASON_LABELS) ?? 'unknown';
    reasons.set(reason, (reasons.get(reason) ?? 0) + sample.value);
  }
  return Object.fromEntries(reasons);
}

function modelNames(page: Page, names: readonly string[]): string[] {
  const models = names.flatMap((name) => page.samples(name).map((sample) => label(sample, 'model_name')));
  return [...new Set(models.filter((model) => model !== null))];
}

/** When a counter was created: stands in for the process's start where process metrics are left out. */
function created(page: Page, prefix: string): number | null {
  return finite(page.samples(`${prefix}prompt_tokens_created`))[0]?.value ?? null;
}

function noValues(): EngineValues {
  const names = [...Object.keys(VALUE_RULES), 'kv_capacity_tokens'] as EngineValueName[];
  return Object.fromEntries(names.map((name) => [name, null])) as Record<EngineValueName, null>;
}

function noHistograms(): EngineReading['histograms'] {
  return Object.fromEntries(ENGINE_HISTOGRAMS.map((name) => [name, null])) as Record<
    EngineHistogramName,
    null
  >;
}

function missingNames(values: EngineValues, histograms: EngineReading['histograms']): string[] {
  return Object.entries({ ...values, ...histograms }).flatMap(([name, value]) =>
    value === null ? [name] : [],
  );
}

function notesOn({ engine_generation, values }: EngineReading, models: string[], prefix: string): string[] {
  const notes: string[] = [];
  if (engine_generation === SIMULATOR) {
    notes.push('llm-d-inference-sim: a counter that is not there has not moved yet and reads as 0');
  }
  if (models.length > 1)
    notes.push(`several models on one page (${models.join(', ')}): their values are added up`);
  if (prefix !== 'vllm:') notes.push(`names begin with "${prefix}" instead of "vllm:"`);
  const { prefix_cache_queries_total: queries, prompt_tokens_total: prompt } = values;
  // The simulator counts queries at the start of a request and prompt tokens at its end.
  if (queries !== null && prompt !== null && engine_generation !== SIMULATOR && queries > 1.02 * prompt) {
    notes.push(
      `more prefix cache queries (${queries}) than prompt tokens (${prompt}): ` +
        'waiting requests are counted again (before 0.27), or prompts were given up',
    );
  }
  return notes;
}
