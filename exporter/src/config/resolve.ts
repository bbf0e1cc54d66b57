import type {
  Config,
  Discovery,
  HttpSettings,
  ProbeConfig,
  ScrapeGroup,
  Slo,
  TargetConfig,
  WorkloadConfig,
} from '../model/config';
import { PRESETS, presetWorkload, type RunPresetName } from '../probe/presets';
import { DEFAULTS } from './defaults';
import type { FileConfig, FileGroup, FileProbe, FileTarget } from './schema';

/** Changes to a workload; a key that is undefined or absent keeps its value. */
export type WorkloadOverrides = {
  [K in Exclude<keyof WorkloadConfig, 'preset'>]?: WorkloadConfig[K] | undefined;
} & {
  preset?: RunPresetName | undefined;
};

/** Fills in the defaults. `default_data_dir` is absolute. */
export function resolveConfig(file: FileConfig, default_data_dir: string): Config {
  const { scrape = {}, comparison = {}, log = {} } = file;
  return {
    listen: file.listen ?? DEFAULTS.listen,
    data_dir: file.data_dir === undefined ? default_data_dir : file.data_dir,
    window_seconds: file.window ?? DEFAULTS.window_seconds,
    lifecycle_token_file: file.lifecycle_token_file ?? null,
    targets: resolveTargets(file.targets, file.slo),
    gpus: (file.gpus ?? []).map(resolveGroup),
    probe: resolveProbe(file.probe ?? {}),
    scrape: {
      interval_seconds: scrape.interval ?? DEFAULTS.scrape.interval_seconds,
      timeout_seconds: scrape.timeout ?? DEFAULTS.scrape.timeout_seconds,
      max_body_bytes: scrape.max_body ?? DEFAULTS.scrape.max_body_bytes,
      max_line_bytes: scrape.max_line ?? DEFAULTS.scrape.max_line_bytes,
      max_series: scrape.max_series ?? DEFAULTS.scrape.max_series,
      concurrency: scrape.concurrency ?? DEFAULTS.scrape.concurrency,
    },
    comparison: {
      interval_seconds: comparison.interval ?? DEFAULTS.comparison.interval_seconds,
      min_effect: comparison.min_effect ?? DEFAULTS.comparison.min_effect,
      resamples: comparison.resamples ?? DEFAULTS.comparison.resamples,
      same_model: comparison.same_model ?? DEFAULTS.comparison.same_model,
      seed: comparison.seed ?? DEFAULTS.comparison.seed,
    },
    log: { level: log.level ?? DEFAULTS.log.level, format: log.format ?? DEFAULTS.log.format },
  };
}

function resolveTargets(targets: FileTarget[], slo: FileTarget['slo']): TargetConfig[] {
  const marked = targets.findIndex(({ baseline }) => baseline === true);
  const baseline = marked !== -1 ? marked : targets.findIndex((target) => target.baseline !== false);
  return targets.map((target, index) => ({
    name: target.name,
    role: index === baseline ? 'baseline' : 'candidate',
    url: target.url,
    model: target.model ?? null,
    http: resolveHttp(target),
    replicas: target.replicas === undefined ? null : resolveGroup(target.replicas),
    router: target.router === undefined ? null : { url: target.router.url, http: resolveHttp(target.router) },
    slo: resolveSlo({ ...slo, ...target.slo }),
  }));
}

/** Both values are there or none is: the schema's rule. */
function resolveSlo({ ttft, objective }: NonNullable<FileTarget['slo']>): Slo | null {
  return ttft === undefined || objective === undefined
    ? null
    : { ttft_seconds: ttft, objective_ratio: objective };
}

function resolveHttp({ auth = {}, tls = {} }: Pick<FileTarget, 'auth' | 'tls'>): HttpSettings {
  return {
    bearer_token_file: auth.bearer_token_file ?? null,
    bearer_token: auth.bearer_token ?? null,
    headers: auth.headers ?? {},
    tls: {
      ca_file: tls.ca_file ?? null,
      cert_file: tls.cert_file ?? null,
      key_file: tls.key_file ?? null,
      server_name: tls.server_name ?? null,
      insecure_skip_verify: tls.insecure_skip_verify ?? false,
    },
  };
}

function resolveGroup(group: FileGroup): ScrapeGroup {
  const discovery = resolveDiscovery(group);
  const http = resolveHttp(group);
  if (discovery.kind === 'dns' && discovery.scheme === 'https') {
    // The pages are reached by address, while their certificates bear the name that was looked up.
    http.tls.server_name ??= discovery.host;
  }
  return { discovery, http };
}

/** One of the three is there: the schema's rule. */
function resolveDiscovery({ static: pages, dns, kubernetes }: FileGroup): Discovery {
  if (dns !== undefined) {
    const { scheme = DEFAULTS.scheme, path = DEFAULTS.metrics_path } = dns;
    return { kind: 'dns', host: dns.host, port: dns.port, scheme, path };
  }
  if (kubernetes !== undefined) {
    const inside = kubernetes.api_server === undefined;
    return {
      kind: 'kubernetes',
      namespace: kubernetes.namespace,
      selector: kubernetes.selector,
      port: kubernetes.port,
      scheme: kubernetes.scheme ?? DEFAULTS.scheme,
      path: kubernetes.path ?? DEFAULTS.metrics_path,
      api_server: kubernetes.api_server ?? null,
      token_file: kubernetes.token_file ?? DEFAULTS.kubernetes.token_file,
      ca_file: kubernetes.ca_file ?? (inside ? DEFAULTS.kubernetes.ca_file : null),
      insecure_skip_verify: kubernetes.insecure_skip_verify ?? false,
    };
  }
  const endpoints = (pages ?? []).map(({ name, url }) => ({ name: name ?? new URL(url).host, url }));
  return { kind: 'static', endpoints };
}

function resolveProbe(probe: FileProbe): ProbeConfig {
  const { think_time: think, ...rest } = probe;
  const think_time = think && { min_seconds: think.min, max_seconds: think.max };
  return {
    enabled: probe.enabled ?? DEFAULTS.probe.enabled,
    workload: resolveWorkload({ ...rest, think_time }),
    timeout_seconds: probe.timeout ?? DEFAULTS.probe.timeout_seconds,
    idle_timeout_seconds:
      probe.idle_timeout ??
      Math.min(DEFAULTS.probe.idle_timeout_seconds, probe.timeout ?? DEFAULTS.probe.timeout_seconds),
    keep_alive: probe.keep_alive ?? DEFAULTS.probe.keep_alive,
    interleave: probe.interleave ?? DEFAULTS.probe.interleave,
    max_answer_bytes: probe.max_answer ?? DEFAULTS.probe.max_answer_bytes,
    extra_body: probe.extra_body ?? {},
  };
}

/** The preset that the changes name (else `base`, else the default preset) with the changes made. */
export function resolveWorkload(overrides: WorkloadOverrides, base?: WorkloadConfig): WorkloadConfig {
  const { preset } = overrides;
  const start: WorkloadConfig =
    preset === undefined ? (base ?? PRESETS[DEFAULTS.probe.preset]) : presetWorkload(preset);
  const changes: Record<string, unknown> = overrides;
  const keys = Object.entries(start).map(([key, value]) => [
    key,
    changes[key] === undefined ? value : changes[key],
  ]);
  return Object.fromEntries(keys) as WorkloadConfig;
}
