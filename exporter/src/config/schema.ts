import * as z from 'zod';
import { PRESETS, type PresetName } from '../probe/presets';
import { DEFAULTS } from './defaults';
import * as net from './network-specs';
import * as rules from './rules';
import { listOf, mapOf, field, nullable, optionalFields, section } from './section';
import { choice, duration, range, rate, share, size, text, wholeNumber, yesNo } from './specs';

/*
 * The shape of `taillight.yaml`, key by key. What each key means is told in docs/CONFIGURATION.md (a test compares the two);
 * what is left out is filled in by resolve.ts.
 */

const scheme = choice('http', 'https');

const tls = section(
  optionalFields({
    ca_file: net.filePath,
    cert_file: net.filePath,
    key_file: net.filePath,
    server_name: net.hostName,
    insecure_skip_verify: yesNo,
  }),
  rules.clientCertificateIsComplete,
).optional();

const auth = section(
  {
    ...optionalFields({ bearer_token_file: net.filePath, bearer_token: net.bearerToken }),
    headers: mapOf(net.headerName, net.headerValue).optional(),
  },
  rules.oneKindOfToken,
).optional();

/** An entry of a static list may be the bare url. */
const staticPage = z.preprocess(
  (raw) => (typeof raw === 'string' ? { url: raw } : raw),
  section({ ...optionalFields({ name: net.endpointName }), url: field(net.pageUrl) }),
);

const group = section(
  {
    static: listOf(staticPage, 'write one url per entry, like http://10.0.0.1:8000').optional(),
    dns: section({
      host: field(net.hostName),
      port: field(net.port),
      ...optionalFields({ scheme, path: net.urlPath }),
    }).optional(),
    kubernetes: section({
      namespace: field(net.namespaceName),
      selector: field(net.labelSelector),
      port: field(net.portOrName),
      ...optionalFields({
        scheme,
        path: net.urlPath,
        api_server: net.serverUrl,
        token_file: net.filePath,
        ca_file: net.filePath,
        insecure_skip_verify: yesNo,
      }),
    }).optional(),
    auth,
    tls,
  },
  rules.oneKindOfDiscovery,
);

const SLO_SPECS = { ttft: duration('1ms', '10m', '500ms'), objective: share(0.5, 0.9999) };

const target = section(
  {
    name: field(net.targetName),
    ...optionalFields({
      baseline: yesNo,
      model: text('the name of a model', 'write it as the server lists it'),
    }),
    url: field(net.apiUrl),
    auth,
    tls,
    replicas: group.optional(),
    router: section({ url: field(net.pageUrl), auth, tls }, rules.tlsNeedsHttps).optional(),
    slo: section(optionalFields(SLO_SPECS)).optional(),
  },
  rules.tlsNeedsHttps,
);

const presetNames = Object.keys(PRESETS) as PresetName[];

/** The keys of the workload; most are options of `run` too (workload-flags.ts). */
export const WORKLOAD_SPECS = {
  preset: choice(...presetNames),
  seed: wholeNumber(0, 2 ** 32 - 1, 1),
  conversations: wholeNumber(1, 100_000, 60),
  turns: wholeNumber(1, 1000, 10),
  document_tokens: range(wholeNumber(1, 1_000_000, 6000), '6000 or 2000..6000'),
  documents_dir: net.folderPath,
  documents: choice('code', 'text', 'mixed'),
  shared_prefix_tokens: wholeNumber(0, 1_000_000, 500),
  max_tokens: wholeNumber(1, 100_000, 64),
  think_time: range(duration('0s', '1h', '2s'), '2s or 0.5s..2s'),
  concurrency: wholeNumber(1, 1024, 4),
  warmup: wholeNumber(0, 100_000, 2),
};

const probe = section(
  {
    ...optionalFields(WORKLOAD_SPECS),
    rate: nullable(rate).optional(),
    ...optionalFields({
      enabled: yesNo,
      timeout: duration('100ms', '1h', '2m'),
      idle_timeout: duration('100ms', '1h', '1m'),
      keep_alive: yesNo,
      interleave: choice('none', 'abba'),
      max_answer: size('1KiB', '1GiB', '16MiB'),
    }),
    extra_body: z
      .record(z.string(), z.unknown(), { error: () => 'is not a mapping; write `key: value` below it' })
      .optional(),
  },
  rules.requestIsSound,
);

const scrape = section(
  optionalFields({
    interval: duration('100ms', '10m', '5s'),
    timeout: duration('10ms', '10m', '4s'),
    max_body: size('1KiB', '1GiB', '64MiB'),
    max_line: size('1KiB', '64MiB', '1MiB'),
    max_series: wholeNumber(100, 10_000_000, DEFAULTS.scrape.max_series),
    concurrency: wholeNumber(1, 1000, DEFAULTS.scrape.concurrency),
  }),
  rules.scrapeEndsBeforeTheNext,
);

export const fileSchema = section(
  {
    ...optionalFields({ listen: net.listenAddress, window: duration('10s', '7d', '15m') }),
    data_dir: nullable(net.folderPath).optional(),
    ...optionalFields({ lifecycle_token_file: net.filePath }),
    targets: listOf(target, 'write one entry per deployment, each with name and url'),
    slo: section(optionalFields(SLO_SPECS)).optional(),
    gpus: listOf(group, 'write one entry per kind of GPU exporter').optional(),
    probe: probe.optional(),
    scrape: scrape.optional(),
    comparison: section(
      optionalFields({
        interval: duration('100ms', '1h', '5s'),
        min_effect: share(0, 1),
        resamples: wholeNumber(100, 100_000, 2000),
        same_model: yesNo,
        seed: wholeNumber(0, 2 ** 32 - 1, 1),
      }),
    ).optional(),
    log: section(
      optionalFields({ level: choice('debug', 'info', 'warn', 'error'), format: choice('logfmt', 'json') }),
    ).optional(),
  },
  (file, add) => {
    rules.targetsAreComparable(file, add);
    rules.objectivesAreWhole(file, add);
  },
);

/** A valid file, before defaults. */
export type FileConfig = z.output<typeof fileSchema>;
export type FileTarget = FileConfig['targets'][number];
export type FileGroup = NonNullable<FileConfig['gpus']>[number];
export type FileProbe = NonNullable<FileConfig['probe']>;
