import type { PageReading, RouterReading } from '../../model/reading';
import { readPage } from '../read-page';

function read(text: string): { router: RouterReading; reading: PageReading } {
  const page = readPage(text);
  if (!page.ok) throw new Error(page.detail);
  expect(page.reading.source).toBe('epp');
  if (page.reading.router === null) throw new Error('no router');
  return { router: page.reading.router, reading: page.reading };
}

const CURRENT = `
llm_d_epp_ready_endpoints{name="pool"} 2
llm_d_epp_request_total{fairness_id="a",model_name="m",priority="0"} 10
llm_d_epp_request_total{fairness_id="b",model_name="m",priority="1"} 5
llm_d_epp_request_running{fairness_id="a",model_name="m"} 3
llm_d_epp_per_endpoint_queue_size{model_server_endpoint="pod-a-rank-0",name="pool"} 4
llm_d_epp_per_endpoint_queue_size{model_server_endpoint="pod-b-rank-0",name="pool"} 1
llm_d_epp_scheduler_attempts_total{endpoint_name="pod-a-rank-0",port="8000",status="success"} 6
llm_d_epp_scheduler_attempts_total{endpoint_name="pod-a-rank-1",port="8001",status="success"} 2
llm_d_epp_scheduler_attempts_total{endpoint_name="pod-b",port="8000",status="success"} 7
llm_d_epp_scheduler_attempts_total{endpoint_name="",port="",status="failure"} 9
llm_d_epp_request_cached_tokens_sum{model_name="m"} 800
llm_d_epp_request_input_tokens_sum{model_name="m"} 1000
llm_d_epp_info{build_ref="v0.10.0",commit="abc"} 1
process_start_time_seconds 1.7e+09
`;
const DEPRECATED = `
inference_pool_ready_pods{name="pool"} 2
inference_objective_request_total{model_name="m"} 15
inference_objective_running_requests{model_name="m"} 3
inference_pool_per_pod_queue_size{model_server_pod="pod-a",name="pool"} 5
inference_extension_scheduler_attempts_total{pod_name="pod-a",status="success"} 8
inference_objective_prompt_cached_tokens_sum{model_name="m"} 800
inference_objective_input_tokens_sum{model_name="m"} 1000
inference_extension_info{build_ref="",commit="unknown"} 1
`;
const VALUES = {
  ready_endpoints: 2,
  requests_total: 15,
  requests_running: 3,
  queue_size: 5,
  cached_tokens_total: 800,
  input_tokens_total: 1000,
};

test('labels are summed, ranks of one pod are one endpoint, failures are no decisions', () => {
  const { router, reading } = read(CURRENT);
  expect(router).toEqual({
    ...VALUES,
    decisions_by_endpoint: { 'pod-a': 8, 'pod-b': 7 },
    generation: 'llm_d_epp',
    version: 'v0.10.0',
    process_start_time_seconds: 1.7e9,
  });
  expect(reading.missing).toEqual([]);
});

test('the deprecated names are read where they stand alone', () => {
  const { router } = read(DEPRECATED);
  expect(router).toMatchObject({
    ...VALUES,
    decisions_by_endpoint: { 'pod-a': 8 },
    generation: 'inference_extension',
  });
  expect(router.version).toBeNull();
});

test('old and new names at once are never added up', () => {
  const { router, reading } = read(DEPRECATED + CURRENT);
  expect(router).toMatchObject({
    ...VALUES,
    decisions_by_endpoint: { 'pod-a': 8, 'pod-b': 7 },
    generation: 'llm_d_epp',
  });
  expect(reading.aliases['requests_total']).toBe('llm_d_epp_request_total');
});

test.each([
  [
    'llm_d_router_epp_ready_endpoints{name="p"} 3\nllm_d_router_epp_request_total{model_name="m"} 4\n',
    'llm_d_router_epp',
  ],
  [
    'inference_model_request_total{model_name="m"} 4\ninference_pool_ready_pods{name="p"} 3\n',
    'inference_extension',
  ],
  [
    'kserve_llm_d_epp_ready_endpoints{name="p"} 3\nkserve_llm_d_epp_request_total{model_name="m"} 4\n',
    'llm_d_epp',
  ],
])('names of the months between are read: %j', (text, generation) => {
  expect(read(text).router).toMatchObject({ ready_endpoints: 3, requests_total: 4, generation });
});

test('a router before its first request tells nothing, not 0', () => {
  const { router, reading } = read('llm_d_epp_info{build_ref="v1",commit="c"} 1\n');
  expect(router).toMatchObject({
    requests_total: null,
    ready_endpoints: null,
    decisions_by_endpoint: {},
    generation: 'llm_d_epp',
  });
  expect(reading.missing).toContain('requests_total');
});

test('0 cached tokens of many are unknown, as routers write 0 where engines do not report', () => {
  const { router, reading } = read(CURRENT.replace('} 800', '} 0'));
  expect(router.cached_tokens_total).toBeNull();
  expect(reading.missing).toEqual(['cached_tokens_total']);
  expect(reading.notes?.[0]).toMatch(/^no cached tokens reach the router/);
});
