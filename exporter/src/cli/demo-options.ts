import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config, HttpSettings, ScrapeGroup, Slo, WorkloadConfig } from '../model/config';
import type { FleetReady } from './fleet';
import { parseCompanions, type CompanionName } from './companions/programs';
import { firstLine, type Io } from './io';

const HELP = `usage: taillight demo [--once] [--json FILE] [--scenario NAME] [--seconds N] …

Starts two simulated fleets, probes and scrapes both, and shows the comparison until Ctrl-C.

  --once               one run of fixed size, then the report
  --json FILE          writes the comparison at the end
  --scenario NAME      multi-turn (default), hot-prefix, kv-pressure, overload
  --seconds N          ends after N seconds
  --conversations N    conversations per target in one run (default 48)
  --port N             port of the exporter (default: a free one)
  --seed N             another seed, other conversations
  --verbose            the log as well
  --walkthrough        the demo's steps one after the other: vLLM alone is measured and taken down, then llm-d with the same
                       conversations; ends with the table of both (about two minutes), the page stays until Ctrl-C.
                       With --once it ends by itself; --seconds N ends each run after N seconds
  --out DIR            folder of the walkthrough's results (default: taillight-results/walkthrough-<id>)
  --with LIST          starts prometheus, alertmanager, grafana (a list with commas) of this machine as well, with the
                       shipped dashboards and rules, and tells where they are
  --grafana-home DIR   an unpacked Grafana, where none is on PATH
`;

/** Per scenario: what differs from the default workload. */
const SCENARIOS: Record<string, Partial<WorkloadConfig>> = {
  'multi-turn': {},
  'hot-prefix': {
    shared_prefix_tokens: 6000,
    document_tokens: { min: 600, max: 1000 },
    concurrency: 16,
    think_time: { min_seconds: 0.1, max_seconds: 0.3 },
  },
  'kv-pressure': {},
  overload: { concurrency: 24, think_time: { min_seconds: 0.05, max_seconds: 0.2 } },
};

/** First turns of these fleets take about as long, and are a tenth of all: an objective that either side may miss. */
const SLO: Slo = { ttft_seconds: 1, objective_ratio: 0.95 };

/** Like the recording that the fleets are calibrated on: documents of some 7 000 tokens, ten turns, short answers. */
const WORKLOAD: WorkloadConfig = {
  preset: 'demo',
  seed: 1,
  conversations: 48,
  turns: 10,
  document_tokens: { min: 6000, max: 8000 },
  documents_dir: null,
  documents: 'mixed',
  shared_prefix_tokens: 0,
  max_tokens: 32,
  think_time: { min_seconds: 0.2, max_seconds: 0.6 },
  rate: null,
  concurrency: 10,
  warmup: 0,
};

export interface WalkthroughOptions {
  /** Folder of the results of both runs; null: a new one below the present folder. */
  out: string | null;
}

export interface DemoOptions {
  once: boolean;
  json: string | null;
  scenario: string;
  seconds: number | null;
  conversations: number;
  port: number;
  seed: number;
  verbose: boolean;
  /** Programs to start beside the demo. */
  companions: CompanionName[];
  grafana_home: string | null;
  /** The fleets one after the other; null: both at once. */
  walkthrough: WalkthroughOptions | null;
  workload: WorkloadConfig;
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${name}: "${text}" is not a whole number from ${min} to ${max}`);
}

/** The options, or the exit code when there is nothing to run. */
export function demoOptions(argv: string[], io: Io): DemoOptions | number {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'string' },
        scenario: { type: 'string', default: 'multi-turn' },
        seconds: { type: 'string' },
        conversations: { type: 'string' },
        port: { type: 'string' },
        seed: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        with: { type: 'string', multiple: true, default: [] },
        'grafana-home': { type: 'string' },
        walkthrough: { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      io.stdout(HELP);
      return 0;
    }
    const scenario = SCENARIOS[values.scenario];
    if (scenario === undefined) {
      throw new Error(
        `--scenario: "${values.scenario}" is not known; known are ${Object.keys(SCENARIOS).join(', ')}`,
      );
    }
    if (values.out !== undefined && !values.walkthrough)
      throw new Error('--out: only a walkthrough keeps results; give --walkthrough too');
    const conversations =
      wholeNumber('conversations', values.conversations, 1, 10_000) ?? WORKLOAD.conversations;
    const seed = wholeNumber('seed', values.seed, 0, 2 ** 31) ?? WORKLOAD.seed;
    return {
      once: values.once,
      json: values.json ?? null,
      scenario: values.scenario,
      seconds: wholeNumber('seconds', values.seconds, 1, 86_400),
      conversations,
      port: wholeNumber('port', values.port, 0, 65_535) ?? 0,
      seed,
      verbose: values.verbose,
      companions: parseCompanions(values.with),
      grafana_home: values['grafana-home'] === undefined ? null : resolve(values['grafana-home']),
      walkthrough: values.walkthrough ? { out: values.out === undefined ? null : resolve(values.out) } : null,
      workload: { ...WORKLOAD, ...scenario, conversations, seed },
    };
  } catch (error) {
    io.stderr(`taillight demo: ${firstLine(error)}; see taillight demo --help\n`);
    return 2;
  }
}

/** The configuration that a user of these fleets would write. */
export function demoConfig(base: Config, fleet: FleetReady['fleet'], options: DemoOptions): Config {
  const http = base.targets[0]?.http as HttpSettings;
  const pages = (endpoints: { name: string; url: string }[]): ScrapeGroup => ({
    discovery: { kind: 'static', endpoints },
    http,
  });
  const replicas = (list: { name: string; url: string }[]) =>
    pages(list.map(({ name, url }) => ({ name, url: `${url}/metrics` })));
  const [baseline, candidate] = base.targets;
  if (baseline === undefined || candidate === undefined) throw new Error('two targets were asked for');
  return {
    ...base,
    listen: { host: '127.0.0.1', port: options.port },
    // Short enough that a fault shows soon, long enough for the support of a P99.
    window_seconds: 300,
    data_dir: null,
    targets: [
      { ...baseline, slo: SLO, replicas: replicas(fleet.baseline.replicas) },
      {
        ...candidate,
        slo: SLO,
        replicas: replicas(fleet.candidate.replicas),
        router: { url: fleet.candidate.router_metrics_url, http },
      },
    ],
    gpus: [pages([{ name: 'dcgm', url: fleet.gpu_metrics_url }])],
    probe: { ...base.probe, workload: options.workload },
    scrape: { ...base.scrape, interval_seconds: 2, timeout_seconds: 1.5 },
    comparison: { ...base.comparison, interval_seconds: 2 },
    log: { level: options.verbose ? 'info' : 'error', format: 'logfmt' },
  };
}
