const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What holds where the file says nothing. The workload's defaults are those of its preset. */
export const DEFAULTS = {
  listen: { host: '0.0.0.0', port: 9108 },
  data_dir: 'taillight-data',
  window_seconds: 15 * 60,
  metrics_path: '/metrics',
  scheme: 'http',
  kubernetes: { token_file: `${SERVICE_ACCOUNT}/token`, ca_file: `${SERVICE_ACCOUNT}/ca.crt` },
  probe: {
    enabled: true,
    preset: 'live',
    timeout_seconds: 120,
    idle_timeout_seconds: 60,
    keep_alive: false,
    interleave: 'none',
    max_answer_bytes: 16 * 2 ** 20,
  },
  scrape: {
    interval_seconds: 5,
    timeout_seconds: 4,
    max_body_bytes: 64 * 2 ** 20,
    max_line_bytes: 2 ** 20,
    max_series: 200_000,
    concurrency: 32,
  },
  comparison: { interval_seconds: 5, min_effect: 0.05, resamples: 2000, seed: 1, same_model: false },
  log: { level: 'info', format: 'logfmt' },
} as const;
