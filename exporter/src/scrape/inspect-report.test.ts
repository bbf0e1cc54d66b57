import { inspectJson, inspectTable } from './inspect-report';
import { readPage } from './read-page';

function reading(text: string) {
  const page = readPage(text);
  if (!page.ok) throw new Error(page.detail);
  return page.reading;
}

const SILENT = `
python_info{implementation="CPython",version="3.12.1"} 1.0
process_start_time_seconds 1.79526639636e+09
http_request_duration_highr_seconds_count 0.0
`;

test('the JSON has every key of its schema, in order, with null for what is not told', () => {
  const report = inspectJson(reading('some_metric 1\n'));
  expect(Object.keys(report)).toEqual([
    'schema',
    'format',
    'samples',
    'source',
    'model',
    'engine_generation',
    'values',
    'histograms',
    'gpus',
    'router',
    'aliases',
    'missing',
    'finished_by_reason',
    'block_size',
    'process_start_time_seconds',
    'router_version',
    'notes',
  ]);
  expect(report).toMatchObject({
    schema: 'taillight.inspect/1',
    source: 'unknown',
    samples: 1,
    router: null,
    gpus: [],
  });
  expect(new Set(Object.values(report.values))).toEqual(new Set([null]));
  expect(Object.keys(report.values)).toHaveLength(11);
  expect(report.histograms).toEqual({
    ttft_seconds: null,
    itl_seconds: null,
    e2e_seconds: null,
    queue_seconds: null,
  });
});

test('a GPU has the keys of the schema', () => {
  const { gpus } = inspectJson(reading('DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="u"} 50\n'));
  expect(Object.keys(gpus[0] ?? {}).sort()).toEqual(
    'gpu uuid model host pod namespace utilization_ratio memory_used_bytes memory_total_bytes power_watts'
      .split(' ')
      .sort(),
  );
});

test('a model server without statistics is told from its routes, and the note says what is wrong', () => {
  const note = 'no vllm: series; the server was probably started with --disable-log-stats';
  const busy = inspectJson(
    reading(`${SILENT}http_requests_total{handler="/v1/chat/completions",status="2xx"} 4\n`),
  );
  expect(busy).toMatchObject({ source: 'vllm', process_start_time_seconds: 1_795_266_396.36, notes: [note] });
  const idle = inspectJson(reading(SILENT));
  expect(idle).toMatchObject({ source: 'unknown', notes: [note] });
  for (const { missing } of [busy, idle]) expect(missing).toContain('prompt_tokens_total');
  expect(inspectTable(reading(SILENT))).toContain(`Note: ${note}\n`);
});

test('the table shows values with their upstream names, and what is missing', () => {
  const text = inspectTable(
    reading(`
vllm:prompt_tokens_total{engine="0",model_name="m"} 260782.0
vllm:e2e_request_latency_seconds_count{engine="0",model_name="m"} 4
vllm:e2e_request_latency_seconds_sum{engine="0",model_name="m"} 6
`),
  );
  expect(text).toMatch(/^page of {5}a vLLM model server$/m);
  expect(text).toMatch(/^prompt_tokens_total +260782 +vllm:prompt_tokens_total$/m);
  expect(text).toMatch(/^generation_tokens_total +-$/m);
  expect(text).toMatch(/^e2e_seconds +4 observations, mean 1\.5 s +vllm:e2e_request_latency_seconds$/m);
  expect(text).toMatch(/^Not on the page: cached_prompt_tokens_total, .*queue_seconds$/m);
});

test('the table of a router and of GPUs', () => {
  const router = inspectTable(
    reading(
      'llm_d_epp_ready_endpoints{name="p"} 4\nllm_d_epp_scheduler_attempts_total{endpoint_name="a",status="success"} 7\n',
    ),
  );
  expect(router).toMatch(/^ready_endpoints +4 +llm_d_epp_ready_endpoints$/m);
  expect(router).toMatch(/^chosen: a +7 +llm_d_epp_scheduler_attempts_total$/m);
  const gpu = inspectTable(
    reading('DCGM_FI_DEV_FB_USED{gpu="3",UUID="u",modelName="T4",pod="x",namespace="y"} 512\n'),
  );
  expect(gpu).toMatch(/^GPU 3 +T4, u$/m);
  expect(gpu).toMatch(/^ {2}pod +y\/x$/m);
  expect(gpu).toMatch(/^ {2}memory +512 MiB of -$/m);
});
