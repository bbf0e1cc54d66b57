import { gpuReading } from '../../../test/support/readings';
import { joinGpus, meanUtilization } from './join-gpus';

const replica = (key: string, pod: string, namespace: string | null = null) => ({ key, pod, namespace });

test('each GPU goes to the replica whose pod it serves, several to one', () => {
  const gpus = [
    gpuReading({ gpu: '0', pod: 'vllm-0' }),
    gpuReading({ gpu: '1', pod: 'vllm-0' }),
    gpuReading({ gpu: '2', pod: 'vllm-1' }),
  ];
  const { byReplica, unjoined } = joinGpus(gpus, [
    replica('a/vllm-0', 'vllm-0'),
    replica('a/vllm-1', 'vllm-1'),
  ]);
  expect(byReplica.get('a/vllm-0')?.map(({ gpu }) => gpu)).toEqual(['0', '1']);
  expect(byReplica.get('a/vllm-1')?.map(({ gpu }) => gpu)).toEqual(['2']);
  expect(unjoined).toEqual([]);
});

test('pods of one name in two namespaces are told apart where both sides know theirs', () => {
  const replicas = [replica('vllm/0', 'pod-0', 'plain'), replica('llm-d/0', 'pod-0', 'llm-d')];
  const { byReplica } = joinGpus([gpuReading({ gpu: '7', pod: 'pod-0', namespace: 'llm-d' })], replicas);
  expect([...byReplica.keys()]).toEqual(['llm-d/0']);
});

test('what cannot be joined is reported with its reason, never guessed', () => {
  const replicas = [replica('vllm/0', 'pod-0', 'plain'), replica('llm-d/0', 'pod-0', 'llm-d')];
  const gpus = [
    gpuReading({ gpu: '0', pod: null }),
    gpuReading({ gpu: '1', pod: 'training-job' }),
    gpuReading({ gpu: '2', pod: 'pod-0', namespace: null }),
    gpuReading({ gpu: '3', pod: 'pod-0', namespace: 'elsewhere' }),
  ];
  const { byReplica, unjoined } = joinGpus(gpus, replicas);
  expect(byReplica.size).toBe(0);
  expect(unjoined.map(({ gpu, reason }) => [gpu.gpu, reason])).toEqual([
    ['0', 'no_pod_label'],
    ['1', 'other_pod'],
    ['2', 'ambiguous'],
    ['3', 'other_pod'],
  ]);
});

test('the utilisation of a replica is the mean of its GPUs that tell it', () => {
  const gpus = [0.2, 0.6, null].map((utilization_ratio) => gpuReading({ utilization_ratio }));
  expect(meanUtilization(gpus)).toBeCloseTo(0.4, 12);
  expect(meanUtilization([gpuReading({})])).toBeNull();
  expect(meanUtilization([])).toBeNull();
});
