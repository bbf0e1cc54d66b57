import type { GpuReading, PageReading } from '../../model/reading';
import { readPage } from '../read-page';

function read(text: string): PageReading {
  const page = readPage(text);
  if (!page.ok) throw new Error(page.detail);
  return page.reading;
}

const MIB = 2 ** 20;

describe('dcgm-exporter', () => {
  const labels = (more: string, gpu = '0') => `{gpu="${gpu}",UUID="GPU-${gpu}",modelName="H200",${more}}`;

  test('activity is preferred over "some kernel ran", memory is in bytes, the total is told or added up', () => {
    const on = labels('Hostname="node-1",pod="vllm-0",namespace="llm"');
    const reading = read(`
DCGM_FI_DEV_GPU_UTIL${on} 91
DCGM_FI_PROF_GR_ENGINE_ACTIVE${on} 0.156
DCGM_FI_DEV_FB_USED${on} 5120
DCGM_FI_DEV_FB_FREE${on} 9791
DCGM_FI_DEV_FB_RESERVED${on} 447
DCGM_FI_DEV_POWER_USAGE${on} 68.244
`);
    expect(reading).toMatchObject({ source: 'dcgm', missing: [], notes: [] });
    expect(reading.gpus).toEqual<GpuReading[]>([
      {
        gpu: '0',
        uuid: 'GPU-0',
        model: 'H200',
        host: 'node-1',
        pod: 'vllm-0',
        namespace: 'llm',
        utilization_ratio: 0.156,
        utilization_source: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
        memory_used_bytes: 5120 * MIB,
        memory_total_bytes: 15_358 * MIB,
        power_watts: 68.244,
      },
    ]);
    expect(
      read(`DCGM_FI_DEV_FB_TOTAL${on} 100\nDCGM_FI_DEV_FB_USED${on} 1\n`).gpus[0]?.memory_total_bytes,
    ).toBe(100 * MIB);
    expect(read(`DCGM_FI_DEV_FB_USED${on} 1\n`).gpus[0]?.memory_total_bytes).toBeNull();
  });

  test('without profiling metrics the fallback is GPU_UTIL, a percentage, and it is named', () => {
    const reading = read(`DCGM_FI_DEV_GPU_UTIL${labels('hostname="n"')} 91\n`);
    expect(reading.gpus[0]).toMatchObject({ utilization_ratio: 0.91, host: 'n' });
    expect(reading.aliases['utilization_ratio']).toBe('DCGM_FI_DEV_GPU_UTIL');
  });

  test.each([
    '9223372036854775794',
    '9223372036854775792',
    '9.223372036854776e+18',
    '2147483632',
    '140737488355328',
    'NaN',
  ])('the blank value %s is no measurement', (blank) => {
    const on = labels('Hostname="n"');
    const text = `DCGM_FI_PROF_GR_ENGINE_ACTIVE${on} ${blank}\nDCGM_FI_DEV_GPU_UTIL${on} 50\nDCGM_FI_DEV_POWER_USAGE${on} ${blank}\n`;
    expect(read(text).gpus).toEqual([
      expect.objectContaining({
        utilization_ratio: 0.5,
        utilization_source: 'DCGM_FI_DEV_GPU_UTIL',
        power_watts: null,
      }),
    ]);
  });

  test.each([
    [
      'exported_pod="vllm-0",exported_namespace="llm",pod="nvidia-dcgm-exporter-x7",namespace="gpu-operator"',
      'vllm-0',
      'llm',
    ],
    ['pod_name="vllm-0",pod_namespace="llm"', 'vllm-0', 'llm'],
    ['pod="vllm-0",namespace="llm"', 'vllm-0', 'llm'],
    ['pod="nvidia-dcgm-exporter-x7",namespace="gpu-operator"', null, null],
    ['pod="",namespace=""', null, null],
  ])('the pod that uses the GPU is found: %s', (more, pod, namespace) => {
    expect(read(`DCGM_FI_DEV_GPU_UTIL${labels(more)} 1\n`).gpus[0]).toMatchObject({ pod, namespace });
  });

  test('a time-sliced GPU that stands there once per pod is one GPU, of the first pod', () => {
    const [a, b] = [labels('pod="a"'), labels('pod="b"')];
    const reading = read(`
DCGM_FI_DEV_GPU_UTIL${a} 40
DCGM_FI_DEV_GPU_UTIL${b} 40
DCGM_FI_DEV_FB_USED${a} 7
DCGM_FI_DEV_FB_USED${b} 7
`);
    expect(reading.gpus).toHaveLength(1);
    expect(reading.gpus[0]).toMatchObject({ pod: 'a', utilization_ratio: 0.4, memory_used_bytes: 7 * MIB });
  });

  test('MIG slices are kept apart and have names of their own', () => {
    const slice = (id: string, pod: string) =>
      labels(`GPU_I_PROFILE="1g.10gb",GPU_I_ID="${id}",pod="${pod}"`);
    const reading = read(`
DCGM_FI_PROF_GR_ENGINE_ACTIVE${slice('7', 'a')} 0.25
DCGM_FI_PROF_GR_ENGINE_ACTIVE${slice('8', 'b')} 0.75
`);
    expect(reading.gpus.map(({ gpu, pod, utilization_ratio }) => [gpu, pod, utilization_ratio])).toEqual([
      ['0/7', 'a', 0.25],
      ['0/8', 'b', 0.75],
    ]);
  });

  test('GPUs of the same number on two hosts are two, also without a UUID', () => {
    const reading = read(
      'DCGM_FI_DEV_GPU_UTIL{gpu="0",Hostname="a"} 1\nDCGM_FI_DEV_GPU_UTIL{gpu="0",Hostname="b"} 2\n',
    );
    expect(reading.gpus.map(({ host, utilization_ratio }) => [host, utilization_ratio])).toEqual([
      ['a', 0.01],
      ['b', 0.02],
    ]);
    expect(reading.notes).toHaveLength(1);
  });
});

describe("AMD's device-metrics-exporter", () => {
  test.each(['', 'amd_'])('is read with the prefix "%s"', (prefix) => {
    const on =
      '{gpu_id="1",gpu_partition_id="0",gpu_uuid="u1",card_model="MI300X",hostname="n",pod="vllm-1",namespace="llm"}';
    const reading = read(`
${prefix}gpu_gfx_activity${on} 37
${prefix}gpu_used_vram${on} 1000
${prefix}gpu_total_vram${on} 196592
${prefix}gpu_package_power${on} 65535
${prefix}gpu_average_package_power${on} 512
`);
    expect(reading.source).toBe('amd');
    expect(reading.gpus).toEqual([
      {
        gpu: '1',
        uuid: 'u1',
        model: 'MI300X',
        host: 'n',
        pod: 'vllm-1',
        namespace: 'llm',
        utilization_ratio: 0.37,
        utilization_source: `${prefix}gpu_gfx_activity`,
        memory_used_bytes: 1000 * MIB,
        memory_total_bytes: 196_592 * MIB,
        power_watts: 512,
      },
    ]);
  });

  test('a partition is a GPU of its own, and its compute cores are averaged', () => {
    const on = (partition: string, core: string) =>
      `{gpu_id="0",gpu_uuid="u",gpu_partition_id="${partition}",xcc_index="${core}"}`;
    const reading = read(`
gpu_gfx_busy_instantaneous${on('0', '0')} 20
gpu_gfx_busy_instantaneous${on('0', '1')} 40
gpu_gfx_busy_instantaneous${on('1', '0')} 100
gpu_used_vram${on('1', '0')} 5
`);
    expect(reading.gpus.map(({ gpu, utilization_ratio }) => [gpu, utilization_ratio])).toEqual([
      ['0', 0.3],
      ['0/1', 1],
    ]);
  });
});
