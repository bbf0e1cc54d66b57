/** The configuration after validation: every default filled in, every duration in seconds, every size in bytes. */

export interface TlsSettings {
  ca_file: string | null;
  cert_file: string | null;
  key_file: string | null;
  server_name: string | null;
  insecure_skip_verify: boolean;
}

/** How to reach an endpoint. Secrets are read from files at use, so that they may rotate. */
export interface HttpSettings {
  bearer_token_file: string | null;
  /** A token from the environment (`${NAME}`); never logged. */
  bearer_token: string | null;
  headers: Record<string, string>;
  tls: TlsSettings;
}

export type Discovery =
  | { kind: 'static'; endpoints: { name: string; url: string }[] }
  | { kind: 'dns'; host: string; port: number; scheme: 'http' | 'https'; path: string }
  | {
      kind: 'kubernetes';
      namespace: string;
      /** Label selector, as in `kubectl -l`. */
      selector: string;
      port: number | string;
      scheme: 'http' | 'https';
      path: string;
      /** null: in-cluster (KUBERNETES_SERVICE_HOST). */
      api_server: string | null;
      token_file: string;
      ca_file: string | null;
      insecure_skip_verify: boolean;
    };

/** Several pages of one kind: the replicas of a target, or the GPU exporters. */
export interface ScrapeGroup {
  discovery: Discovery;
  http: HttpSettings;
}

/** What users are promised: this share of requests has its first token within this time. */
export interface Slo {
  ttft_seconds: number;
  /** 0..1 */
  objective_ratio: number;
}

export interface TargetConfig {
  name: string;
  role: 'baseline' | 'candidate';
  /** Base URL of the OpenAI API, with `/v1`, without a trailing slash. */
  url: string;
  /** null: the first of `GET <url>/models`. */
  model: string | null;
  http: HttpSettings;
  replicas: ScrapeGroup | null;
  router: { url: string; http: HttpSettings } | null;
  /** null: nothing is promised. */
  slo: Slo | null;
}

export interface ThinkTime {
  min_seconds: number;
  max_seconds: number;
}

export interface WorkloadConfig {
  /** Name of the preset that the values started from. */
  preset: string;
  seed: number;
  /** How many different conversations there are; live probing goes round them again and again. */
  conversations: number;
  turns: number;
  /** Length of each document in tokens: spread evenly over the range by conversation. */
  document_tokens: { min: number; max: number };
  /** A folder of the user's own documents instead of generated ones. */
  documents_dir: string | null;
  documents: 'code' | 'text' | 'mixed';
  /** Tokens of a system prompt that all conversations share; 0: none. */
  shared_prefix_tokens: number;
  max_tokens: number;
  think_time: ThinkTime;
  /** Conversations started per second, Poisson, the same instants on every target; null: closed loop. */
  rate: number | null;
  /** Conversations in flight per target at most. In a closed loop: the number of workers. */
  concurrency: number;
  /** Conversations per target at the start that are marked as warm-up. */
  warmup: number;
}

export interface ProbeConfig {
  enabled: boolean;
  workload: WorkloadConfig;
  /** Time from sending to the last byte. */
  timeout_seconds: number;
  /** Time without any byte while streaming. */
  idle_timeout_seconds: number;
  keep_alive: boolean;
  /** `none`: simultaneously; `abba`: one target at a time, order alternating, where targets share hardware. */
  interleave: 'none' | 'abba';
  max_answer_bytes: number;
  extra_body: Record<string, unknown>;
}

export interface ScrapeConfig {
  interval_seconds: number;
  timeout_seconds: number;
  max_body_bytes: number;
  max_line_bytes: number;
  max_series: number;
  /** Scrapes under way at once. */
  concurrency: number;
}

export interface ComparisonConfig {
  interval_seconds: number;
  /** A ratio must lie wholly beyond 1 +- this to be called faster or slower. */
  min_effect: number;
  resamples: number;
  seed: number;
  /** The targets serve one model under different names: do not call them incomparable for that. */
  same_model: boolean;
}

export interface LogConfig {
  level: 'debug' | 'info' | 'warn' | 'error';
  format: 'logfmt' | 'json';
}

export interface Config {
  listen: { host: string; port: number };
  /** null: nothing is kept over a restart. */
  data_dir: string | null;
  window_seconds: number;
  /** Bearer token file for the endpoints that change state (`/-/reload`). */
  lifecycle_token_file: string | null;
  targets: TargetConfig[];
  gpus: ScrapeGroup[];
  probe: ProbeConfig;
  scrape: ScrapeConfig;
  comparison: ComparisonConfig;
  log: LogConfig;
}
