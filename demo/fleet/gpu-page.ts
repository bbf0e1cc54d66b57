import { createHash } from 'node:crypto';
import type { Labels } from './exposition';
import { MetricFamily, renderPage } from './exposition';
import type { Replica } from './replica';

const MODEL = 'NVIDIA H200';
const MEMORY_MIB = 143_771;
const IDLE_WATTS = 125;
const BUSY_WATTS = 500;
const GPUS_PER_NODE = 4;

export interface GpuOwner {
  replica: Replica;
  namespace: string;
  /** Memory that the server holds from start to end, MiB: weights and KV cache are allocated at once. */
  usedMib: number;
}

const FAMILIES = [
  ['DCGM_FI_DEV_POWER_USAGE', 'Power draw (in W).'],
  ['DCGM_FI_DEV_GPU_UTIL', 'GPU utilization (in %).'],
  ['DCGM_FI_DEV_FB_FREE', 'Framebuffer memory free (in MiB).'],
  ['DCGM_FI_DEV_FB_USED', 'Framebuffer memory used (in MiB).'],
  ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'Ratio of time the graphics engine is active.'],
] as const;

/** What a DCGM exporter on Kubernetes would say: one GPU per replica, its activity that of the last second. */
export function renderGpuPage(owners: readonly GpuOwner[]): string {
  const families = new Map(
    FAMILIES.map(([name, help]) => [name, new MetricFamily({ name, type: 'gauge', help })] as const),
  );
  owners.forEach((owner, i) => {
    const { gpu, any } = owner.replica.activity();
    const used = owner.replica.listening ? owner.usedMib : 0;
    const values: Record<(typeof FAMILIES)[number][0], number> = {
      DCGM_FI_DEV_POWER_USAGE: Math.round((IDLE_WATTS + (BUSY_WATTS - IDLE_WATTS) * gpu) * 1000) / 1000,
      DCGM_FI_DEV_GPU_UTIL: Math.round(any * 100),
      DCGM_FI_DEV_FB_FREE: MEMORY_MIB - used,
      DCGM_FI_DEV_FB_USED: used,
      DCGM_FI_PROF_GR_ENGINE_ACTIVE: Math.round(gpu * 1e6) / 1e6,
    };
    for (const [name, family] of families) family.child(labelsOf(owner, i)).value = values[name];
  });
  return renderPage([...families.values()], 'go');
}

function labelsOf(owner: GpuOwner, i: number): Labels {
  const digest = createHash('sha256').update(`${owner.namespace}/${owner.replica.name}`).digest('hex');
  const uuid = [8, 4, 4, 4, 12].map((length, part) => digest.slice(part * 12, part * 12 + length)).join('-');
  const gpu = String(i % GPUS_PER_NODE);
  return {
    DCGM_FI_DRIVER_VERSION: '590.48.01',
    UUID: `GPU-${uuid}`,
    container: 'vllm',
    device: `nvidia${gpu}`,
    gpu,
    hostname: `gpu-node-${Math.floor(i / GPUS_PER_NODE)}`,
    modelName: MODEL,
    namespace: owner.namespace,
    pci_bus_id: `00000000:${(0x17 + 0x10 * Number(gpu)).toString(16).toUpperCase()}:00.0`,
    pod: owner.replica.name,
  };
}
