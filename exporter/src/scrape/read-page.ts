import type { EngineReading, GpuReading, PageReading, Source } from '../model/reading';
import { readAmd } from './adapters/amd';
import { readDcgm } from './adapters/dcgm';
import { readEpp } from './adapters/epp';
import { allEngineNames, readVllm, silentVllmNote } from './adapters/vllm';
import { DEFAULT_LIMITS, ExpositionParser } from './exposition';
import type { Page } from './exposition-page';
import type { ExpositionFailure, ExpositionLimits } from './exposition-reader';

export type PageResult =
  { ok: true; reading: PageReading } | { ok: false; reason: ExpositionFailure; detail: string };

/** What an adapter adds to a reading. */
type Part = Pick<PageReading, 'source' | 'engine' | 'gpus' | 'router' | 'aliases' | 'missing'> & {
  notes: string[];
};

/** Every source that Taillight reads, in the order in which they are tried. */
const ADAPTERS: readonly ((page: Page) => Part | null)[] = [
  (page) => {
    const found = readVllm(page);
    return (
      found && {
        ...part('vllm', found.engine),
        ...found,
        aliases: found.engine.aliases,
        missing: found.engine.missing,
      }
    );
  },
  (page) => {
    const found = readEpp(page);
    return found && { ...part('epp'), ...found };
  },
  (page) => gpuPart('dcgm', readDcgm(page)),
  (page) => gpuPart('amd', readAmd(page)),
];

/**
 * Reads one `/metrics` page, whatever it is of.
 *
 * @param contentType as the server sent it; null: the format is told from the text.
 * @returns the reading, or why there is none: too large, not metrics, bad syntax (with the line).
 */
export function readPage(
  body: Buffer | string,
  contentType: string | null = null,
  limits: ExpositionLimits = DEFAULT_LIMITS,
): PageResult {
  return createPageReader(limits)(body, contentType);
}

/** As `readPage`, for many pages: what was on earlier pages need not be parsed again. */
export function createPageReader(limits: ExpositionLimits = DEFAULT_LIMITS) {
  const parser = new ExpositionParser(limits);
  return (body: Buffer | string, contentType: string | null = null): PageResult => {
    const parsed = parser.parse(body, contentType);
    return parsed.ok ? { ok: true, reading: interpret(parsed.page) } : parsed;
  };
}

function interpret(page: Page): PageReading {
  for (const adapter of ADAPTERS) {
    const found = adapter(page);
    if (found !== null) return reading(page, found);
  }
  const note = silentVllmNote(page);
  return reading(page, { ...part('unknown'), missing: allEngineNames(), notes: note === null ? [] : [note] });
}

function reading(page: Page, { source, engine, gpus, router, aliases, missing, notes }: Part): PageReading {
  return { format: page.format, samples: page.size, source, engine, gpus, router, aliases, missing, notes };
}

function part(source: Source, engine: EngineReading | null = null): Part {
  return { source, engine, gpus: [], router: null, aliases: {}, missing: [], notes: [] };
}

const GPU_FIELDS = [
  'utilization_ratio',
  'memory_used_bytes',
  'memory_total_bytes',
  'power_watts',
  'pod',
] as const;

function gpuPart(source: Source, gpus: GpuReading[] | null): Part | null {
  if (gpus === null) return null;
  const missing = GPU_FIELDS.filter((field) => gpus.every((gpu) => gpu[field] === null));
  const used = gpus.map((gpu) => gpu.utilization_source).filter((name) => name !== null);
  const aliases = used.length === 0 ? {} : { utilization_ratio: [...new Set(used)].join(', ') };
  const notes = missing.includes('pod') && gpus.length > 0 ? [NO_POD] : [];
  return { ...part(source), gpus, aliases, missing, notes };
}

const NO_POD =
  'no GPU names a pod: GPUs cannot be joined to replicas (dcgm-exporter needs DCGM_EXPORTER_KUBERNETES=true)';
