import type { GpuReading } from '../../model/reading';
import type { Labels } from '../exposition-labels';
import type { Page } from '../exposition-page';
import { gpuRows, type GpuRow } from './gpu-rows';
import { label, mean } from './lookup';

const MEGABYTE = 1024 * 1024;

/** Percent. The first exists for unpartitioned GPUs only; the second has one series per compute core, which are averaged. */
const UTILIZATION = ['gpu_gfx_activity', 'gpu_gfx_busy_instantaneous'];
const POWER = ['gpu_package_power', 'gpu_average_package_power', 'gpu_power_usage'];
const USED = 'gpu_used_vram';
const TOTAL = 'gpu_total_vram';
const NAMES = [...UTILIZATION, USED, TOTAL, ...POWER];

/** The exporter's largest 16-, 32- and 64-bit numbers stand for "not available". */
function isBlank(value: number): boolean {
  return value < 0 || value === 0xffff || value >= 0xffffffff;
}

/** Reads a page of AMD's device-metrics-exporter, whose names may have a prefix of the user's choice; null when it is none. */
export function readAmd(page: Page): GpuReading[] | null {
  const known = [...page.names()].find(
    (name) => name.endsWith(TOTAL) || name.endsWith(USED) || name.endsWith('gpu_gfx_activity'),
  );
  if (known === undefined) return null;
  const prefix = known.slice(0, known.lastIndexOf('gpu_'));
  const names = NAMES.map((name) => prefix + name);
  return gpuRows(page, names, keyOf, isBlank).map((row) => readGpu(row, prefix));
}

function keyOf(labels: Labels): string | null {
  const sample = { labels };
  const gpu = label(sample, 'gpu_uuid') ?? label(sample, 'gpu_id');
  if (gpu === null) return null;
  return JSON.stringify([label(sample, 'hostname', 'node'), gpu, label(sample, 'gpu_partition_id')]);
}

function readGpu(row: GpuRow, prefix: string): GpuReading {
  const values = (name: string) => row.values.get(prefix + name) ?? [];
  const bytes = (megabytes: number | undefined) => (megabytes === undefined ? null : megabytes * MEGABYTE);
  const source = UTILIZATION.find((name) => mean(values(name)) !== null) ?? null;
  const percent = source === null ? null : mean(values(source));
  const partition = label(row, 'gpu_partition_id');
  const gpu = label(row, 'gpu_id') ?? '';
  return {
    gpu: partition === null || partition === '0' ? gpu : `${gpu}/${partition}`,
    uuid: label(row, 'gpu_uuid'),
    model: label(row, 'card_model'),
    host: label(row, 'hostname', 'node'),
    pod: row.pod,
    namespace: row.namespace,
    utilization_ratio: percent === null ? null : percent / 100,
    utilization_source: source === null ? null : prefix + source,
    memory_used_bytes: bytes(values(USED)[0]),
    memory_total_bytes: bytes(values(TOTAL)[0]),
    power_watts: POWER.flatMap(values)[0] ?? null,
  };
}
