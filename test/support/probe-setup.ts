import { openEndpoint } from '../../exporter/src/http/open-endpoint';
import type { HttpSettings, ProbeConfig, WorkloadConfig } from '../../exporter/src/model/config';

export const PLAIN_HTTP: HttpSettings = {
  bearer_token_file: null,
  bearer_token: null,
  headers: {},
  tls: { ca_file: null, cert_file: null, key_file: null, server_name: null, insecure_skip_verify: false },
};

/** Small and quick, with time limits that a busy machine keeps. */
export function probeConfig(
  workload: Partial<WorkloadConfig> = {},
  rest: Partial<Omit<ProbeConfig, 'workload'>> = {},
): ProbeConfig {
  return {
    enabled: true,
    workload: {
      preset: 'test',
      seed: 1,
      conversations: 4,
      turns: 3,
      document_tokens: { min: 40, max: 80 },
      documents_dir: null,
      documents: 'mixed',
      shared_prefix_tokens: 0,
      max_tokens: 3,
      think_time: { min_seconds: 0, max_seconds: 0.01 },
      rate: null,
      concurrency: 2,
      warmup: 0,
      ...workload,
    },
    timeout_seconds: 20,
    idle_timeout_seconds: 20,
    keep_alive: false,
    interleave: 'none',
    max_answer_bytes: 1024 * 1024,
    extra_body: {},
    ...rest,
  };
}

export const openTestEndpoint = (http: Partial<HttpSettings> = {}, keep_alive = false) =>
  openEndpoint({ ...PLAIN_HTTP, ...http }, { keep_alive });
