import { DEFAULTS } from './defaults';
import type { AddFlaw, Path } from './section';

/**
 * What keys of one section must observe together. Each rule gets values that are undefined where they are left out or wrong
 * themselves, and says what does not go together.
 */

interface Tls {
  cert_file?: string | undefined;
  key_file?: string | undefined;
}

export function clientCertificateIsComplete({ cert_file, key_file }: Tls, add: AddFlaw): void {
  if (cert_file !== undefined && key_file === undefined)
    add(['key_file'], 'is missing', 'cert_file needs its key');
  if (key_file !== undefined && cert_file === undefined)
    add(['cert_file'], 'is missing', 'key_file needs its certificate');
}

interface Auth {
  bearer_token?: string | undefined;
  bearer_token_file?: string | undefined;
  headers?: Record<string, string> | undefined;
}

export function oneKindOfToken({ bearer_token, bearer_token_file, headers }: Auth, add: AddFlaw): void {
  const token = bearer_token !== undefined || bearer_token_file !== undefined;
  if (bearer_token !== undefined && bearer_token_file !== undefined) {
    add(['bearer_token'], 'stands beside bearer_token_file', 'keep one of the two');
  }
  if (token && headers?.['authorization'] !== undefined) {
    add(['headers', 'authorization'], 'stands beside a bearer token', 'keep one of the two');
  }
}

interface Group {
  static?: { url?: string | undefined; name?: string | undefined }[] | undefined;
  dns?: { scheme?: string | undefined } | undefined;
  kubernetes?:
    | { scheme?: string | undefined; api_server?: string | undefined; ca_file?: string | undefined }
    | undefined;
  tls?: object | undefined;
}

/** For the replicas of a target and the GPU exporters. */
export function oneKindOfDiscovery(group: Group, add: AddFlaw): void {
  const kinds = (['static', 'dns', 'kubernetes'] as const).filter((kind) => group[kind] !== undefined);
  const [first, second] = kinds;
  if (first === undefined) add([], 'does not say where the pages are', 'add one of static, dns, kubernetes');
  if (second !== undefined)
    add([second], `stands beside ${String(first)}`, 'keep one of static, dns, kubernetes');

  const http =
    group.static?.every(({ url }) => url?.startsWith('http:') ?? false) ??
    (group.dns ?? group.kubernetes)?.scheme !== 'https';
  if (group.tls !== undefined && first !== undefined && http) {
    add(['tls'], 'is of no use for pages read by plain http', 'write https, or remove tls');
  }
  if (group.kubernetes?.ca_file !== undefined && group.kubernetes.api_server?.startsWith('http:') === true) {
    add(
      ['kubernetes', 'ca_file'],
      'is of no use with an api_server by plain http',
      'write https, or remove ca_file',
    );
  }
  refuseDoubles(
    group.static ?? [],
    ({ name }) => name,
    (index, first) =>
      add(['static', index, 'name'], `is also the name of static[${first}]`, 'give each its own'),
  );
}

export function tlsNeedsHttps(
  { url, tls }: { url?: string | undefined; tls?: object | undefined },
  add: AddFlaw,
): void {
  if (tls !== undefined && url?.startsWith('http:') === true) {
    add(['tls'], 'is of no use with a url of plain http', 'write https:// in the url, or remove tls');
  }
}

interface Target {
  name?: string | undefined;
  baseline?: boolean | undefined;
}

export function targetsAreComparable({ targets }: { targets?: Target[] | undefined }, add: AddFlaw): void {
  if (targets === undefined || targets.length === 0) return;
  if (targets.length === 1) add(['targets'], 'has one entry only', 'add the deployment to compare it with');
  if (targets.length > 16) add(['targets'], `has ${targets.length} entries`, 'keep at most 16');
  refuseDoubles(
    targets,
    ({ name }) => name,
    (index, first) =>
      add(['targets', index, 'name'], `is also the name of targets[${first}]`, 'give each target its own'),
  );
  const baselines = targets.flatMap(({ baseline }, index) => (baseline === true ? [index] : []));
  for (const index of baselines.slice(1)) {
    add(
      ['targets', index, 'baseline'],
      `is set beside that of targets[${String(baselines[0])}]`,
      'keep one baseline',
    );
  }
  if (targets.every(({ baseline }) => baseline === false)) {
    add(
      ['targets'],
      'has no baseline',
      'set `baseline: true` for one, or leave it out: then it is the first',
    );
  }
}

interface Slo {
  ttft?: number | undefined;
  objective?: number | undefined;
}

/** A time without a share, or a share without a time, promises nothing; a target takes what it leaves out from the top. */
export function objectivesAreWhole(
  { slo, targets }: { slo?: Slo | undefined; targets?: { slo?: Slo | undefined }[] | undefined },
  add: AddFlaw,
): void {
  const check = (path: Path, given: Slo) => {
    // A value that is wrong itself is there, as undefined.
    if (!('ttft' in given)) add([...path, 'ttft'], 'is missing', 'write it with its unit, e.g. 500ms');
    if (!('objective' in given)) add([...path, 'objective'], 'is missing', 'write it like 95% or 0.95');
  };
  if (slo !== undefined) check(['slo'], slo);
  targets?.forEach((target, index) => {
    // Where the top is incomplete itself, that is told once.
    if (target.slo !== undefined && slo === undefined) check(['targets', index, 'slo'], target.slo);
  });
}

function refuseDoubles<T>(
  list: readonly T[],
  key: (entry: T) => string | undefined,
  refuse: (index: number, first: number) => void,
) {
  const seen = new Map<string, number>();
  list.forEach((entry, index) => {
    const value = key(entry);
    const first = value === undefined ? undefined : seen.get(value);
    if (first !== undefined) refuse(index, first);
    else if (value !== undefined) seen.set(value, index);
  });
}

/** A scrape must be over before the next begins. */
export function scrapeEndsBeforeTheNext(
  scrape: { interval?: number | undefined; timeout?: number | undefined },
  add: AddFlaw,
): void {
  const { interval = DEFAULTS.scrape.interval_seconds, timeout = DEFAULTS.scrape.timeout_seconds } = scrape;
  if (timeout < interval) return;
  const at = scrape.timeout === undefined ? 'interval' : 'timeout';
  add(
    [at],
    `leaves a timeout of ${timeout} s in an interval of ${interval} s`,
    'make the timeout the shorter one',
  );
}

/** The keys that Taillight sets in each request. */
const OWN_KEYS: ReadonlyMap<string, string> = new Map([
  ['model', 'use targets[].model'],
  ['max_tokens', 'use probe.max_tokens'],
  ['max_completion_tokens', 'use probe.max_tokens'],
  ['messages', 'remove it'],
  ['stream', 'remove it'],
  ['stream_options', 'remove it'],
]);

interface Probe {
  timeout?: number | undefined;
  idle_timeout?: number | undefined;
  documents?: string | undefined;
  documents_dir?: string | undefined;
  extra_body?: Record<string, unknown> | undefined;
}

export function requestIsSound(probe: Probe, add: AddFlaw): void {
  const timeout = probe.timeout ?? DEFAULTS.probe.timeout_seconds;
  if (probe.idle_timeout !== undefined && probe.idle_timeout > timeout) {
    add(['idle_timeout'], `is longer than the timeout of ${timeout} s`, 'make it the shorter one');
  }
  if (probe.documents !== undefined && probe.documents_dir !== undefined) {
    add(['documents'], 'stands beside documents_dir', 'keep one of the two');
  }
  for (const key of Object.keys(probe.extra_body ?? {})) {
    const remedy = OWN_KEYS.get(key);
    if (remedy !== undefined) add(['extra_body', key], 'is set by Taillight itself', remedy);
  }
}
