import type { GpuReading } from '../../model/reading';
import type { Labels } from '../exposition-labels';
import type { Page } from '../exposition-page';
import { gpuRows, type GpuRow } from './gpu-rows';
import { label } from './lookup';

const MEBIBYTE = 1024 * 1024;

/** Best first, each with what makes a ratio of it. "Some kernel ran" (GPU_UTIL) is not load, hence only the fallback. */
const UTILIZATION = [
  ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', 1],
  ['DCGM_FI_DEV_GPU_UTIL', 100],
] as const;
const FB_USED = 'DCGM_FI_DEV_FB_USED';
const FB_FREE = 'DCGM_FI_DEV_FB_FREE';
const FB_RESERVED = 'DCGM_FI_DEV_FB_RESERVED';
const FB_TOTAL = 'DCGM_FI_DEV_FB_TOTAL';
const POWER = 'DCGM_FI_DEV_POWER_USAGE';
const NAMES = [...UTILIZATION.map(([name]) => name), FB_USED, FB_FREE, FB_RESERVED, FB_TOTAL, POWER];

/** DCGM writes "blank", "not found", "not supported" and "not permitted" as the largest numbers of its 32-bit, double and 64-bit fields. */
const BLANKS_32 = [0x7ffffff0, 0x7ffffff3] as const;
const BLANKS_DOUBLE = [2 ** 47, 2 ** 47 + 3] as const;
const BLANKS_64_FROM = 2 ** 63 - 2048;

function isBlank(value: number): boolean {
  return (
    [BLANKS_32, BLANKS_DOUBLE].some(([from, to]) => value >= from && value <= to) || value >= BLANKS_64_FROM
  );
}

/** Reads a page of NVIDIA's dcgm-exporter; null when the page is none. Whole GPUs and MIG slices are rows of their own. */
export function readDcgm(page: Page): GpuReading[] | null {
  if (![...page.names()].some((name) => name.startsWith('DCGM_FI_'))) return null;
  return gpuRows(page, NAMES, keyOf, isBlank).map(readGpu);
}

function keyOf(labels: Labels): string | null {
  const sample = { labels };
  const gpu = label(sample, 'UUID', 'uuid') ?? label(sample, 'gpu');
  if (gpu === null) return null;
  return JSON.stringify([label(sample, 'Hostname', 'hostname'), gpu, label(sample, 'GPU_I_ID')]);
}

function readGpu(row: GpuRow): GpuReading {
  const value = (name: string) => row.values.get(name)?.[0] ?? null;
  const bytes = (mebibytes: number | null) => (mebibytes === null ? null : mebibytes * MEBIBYTE);
  const used = value(FB_USED);
  const free = value(FB_FREE);
  const parts = used === null || free === null ? null : used + free + (value(FB_RESERVED) ?? 0);
  const [source, scale] = UTILIZATION.find(([name]) => value(name) !== null) ?? [null, 1];
  const utilization = source === null ? null : value(source);
  const slice = label(row, 'GPU_I_ID');
  const gpu = label(row, 'gpu') ?? '';
  return {
    gpu: slice === null ? gpu : `${gpu}/${slice}`,
    uuid: label(row, 'UUID', 'uuid'),
    model: label(row, 'modelName'),
    host: label(row, 'Hostname', 'hostname', 'node'),
    pod: row.pod,
    namespace: row.namespace,
    utilization_ratio: utilization === null ? null : utilization / scale,
    utilization_source: source,
    memory_used_bytes: bytes(used),
    memory_total_bytes: bytes(value(FB_TOTAL) ?? parts),
    power_watts: value(POWER),
  };
}
