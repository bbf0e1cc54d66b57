import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { parse, stringify } from 'yaml';
import type { FleetReady } from '../../exporter/src/cli/fleet';
import { saveReference } from '../../exporter/src/store/reference';
import type { ReferenceTarget } from '../../exporter/src/model/reference';
import { BUNDLE, ExporterBench, getJson } from '../support/exporter-process';
import { PrometheusApi } from '../support/prometheus';
import { Program } from './program';
import { scaledRules, type RuleFile } from './scaled-rules';

const root = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** How much faster than in production time passes for the rules: 15 minutes are 22.5 seconds. */
export const FACTOR = 40;

/** The shipped rules, by name of their file. */
export const SHIPPED_RULES: Record<string, RuleFile> = Object.fromEntries(
  readdirSync(join(root, 'monitoring/rules'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, parse(read(`monitoring/rules/${name}`)) as RuleFile]),
);

/** As Alertmanager's API tells it. */
export interface ReceivedAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  receivers: { name: string }[];
}

type Fleet = FleetReady['fleet'];

/** A saved run whose P99 was this many seconds, in every class of turns. */
function referenceRun(p99: number): ReferenceTarget {
  const ttft = { n: 400, quantiles: { p50: p99 / 4, p90: p99 / 2, p95: p99 / 2, p99 } };
  return {
    run: 'long-ago',
    ended: '2026-01-01T00:00:00.000Z',
    model: null,
    workload: null,
    ttft_seconds: { first: ttft, later: ttft, all: ttft },
  };
}

/**
 * What each target is held against. The candidate's P99 is some 0.3 s when all is well (more while the machine is busy), and
 * above 2 s when it is six times slower. Nobody breaks the baseline, whatever the machine does.
 */
const REFERENCE = { vllm: referenceRun(60), 'llm-d': referenceRun(0.8) };

/** `fleets:PORT` of the shipped files, and where that server is here. */
function places(fleet: Fleet): Record<string, string> {
  const host = (url: string) => new URL(url).host;
  const replicas = (first: number, list: Fleet['baseline']['replicas']) =>
    list.map(({ url }, i): [string, string] => [`fleets:${first + i}`, host(url)]);
  return Object.fromEntries([
    ['fleets:9200', host(fleet.baseline.url)],
    ['fleets:9201', host(fleet.candidate.url)],
    ['fleets:9202', host(fleet.candidate.router_metrics_url)],
    ['fleets:9203', host(fleet.gpu_metrics_url)],
    ...replicas(9210, fleet.baseline.replicas),
    ...replicas(9230, fleet.candidate.replicas),
  ]);
}

/** The text with every address of compose's network replaced. Throws on one that is not known. */
function relocated(text: string, known: Record<string, string>): string {
  return text.replace(/\b(fleets|taillight|alertmanager|grafana|localhost):\d+/g, (address) => {
    const place = known[address];
    if (place === undefined) throw new Error(`${address} is nowhere`);
    return place;
  });
}

/** Two seconds for what is read and evaluated every 5 or 15; else the shipped file. */
function quickened(text: string): string {
  return text.replace(/(scrape_interval|evaluation_interval): \d+s/g, '$1: 2s');
}

/**
 * The shipped set-up in quick motion: fleets, exporter, Prometheus and Alertmanager, each a process of its own, with the files
 * of provisioning/ and monitoring/rules. What differs from them is here: addresses, intervals, the durations of the rules
 * (`scaledRules`), a shorter window of the exporter, and an objective so wide that nobody misses it, as the budgets of
 * hours and days cannot be told apart in three minutes.
 */
export class Stack {
  readonly #exporters = new ExporterBench();
  readonly #programs: Program[] = [];
  #fleetProcess: ChildProcess | null = null;
  fleet!: Fleet;
  prometheus!: PrometheusApi;
  #alertmanager!: string;

  async start(): Promise<void> {
    this.fleet = await this.#startFleets();
    const known = places(this.fleet);
    const exporter = await this.#startExporter(known);
    const alertmanager = await this.#start('prometheus-alertmanager', {
      files: () => ({ 'alertmanager.yml': read('provisioning/alertmanager/alertmanager.yml') }),
      args: (folder, address) => [
        `--config.file=${folder}/alertmanager.yml`,
        `--storage.path=${folder}/data`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=',
      ],
    });
    this.#alertmanager = alertmanager.url;
    const prometheus = await this.#start('prometheus', {
      files: (port) =>
        prometheusFiles({
          ...known,
          'taillight:9108': new URL(exporter).host,
          'alertmanager:9093': new URL(alertmanager.url).host,
          'localhost:9090': `127.0.0.1:${port}`,
          // Nobody: Grafana is not part of this set-up.
          'grafana:3000': '127.0.0.1:9',
        }),
      args: (folder, address) => [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
      ],
    });
    this.prometheus = new PrometheusApi(prometheus.url);
  }

  async #startFleets(): Promise<Fleet> {
    const child = fork(BUNDLE, ['fleet'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#fleetProcess = child;
    const [message] = (await once(child, 'message')) as [FleetReady];
    return message.fleet;
  }

  async #startExporter(known: Record<string, string>): Promise<string> {
    const shipped = parse(relocated(read('provisioning/taillight/taillight.yaml'), known)) as Record<
      string,
      Record<string, unknown>
    >;
    const folder = this.#exporters.folder();
    const failure = await saveReference(join(folder, 'data'), REFERENCE);
    if (failure !== null) throw new Error(failure);
    const config = {
      ...shipped,
      listen: '127.0.0.1:0',
      data_dir: './data',
      window: '30s',
      probe: { ...shipped['probe'], turns: 5, document_tokens: '2000..3000', max_tokens: 8, rate: 3 },
      slo: { ttft: '30s', objective: '95%' },
      scrape: { interval: '2s', timeout: '1500ms' },
      comparison: { interval: '2s', resamples: 200 },
      log: { level: 'info', format: 'json' },
    };
    return (await this.#exporters.serve(config, {}, folder)).url;
  }

  async #start(...args: Parameters<typeof Program.start>): Promise<Program> {
    const program = await Program.start(...args);
    this.#programs.push(program);
    return program;
  }

  /** Orders a fault of the fleets. */
  async fault(command: Record<string, unknown>): Promise<void> {
    const answer = await request(`${this.fleet.control_url}/fault`, {
      method: 'POST',
      body: JSON.stringify(command),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`the fault was refused: ${text}`);
  }

  /** What fires according to Prometheus: `alertname target`, each once. */
  async firing(): Promise<string[]> {
    const found = await this.prometheus.instant('count by (alertname, target) (ALERTS{alertstate="firing"})');
    return found.map(({ labels }) => `${labels['alertname']} ${labels['target'] ?? ''}`.trim()).sort();
  }

  /** What Alertmanager holds as active. */
  received(): Promise<ReceivedAlert[]> {
    return getJson<ReceivedAlert[]>(`${this.#alertmanager}/api/v2/alerts?active=true`);
  }

  async stop(): Promise<void> {
    for (const program of this.#programs.reverse()) await program.stop();
    await this.#exporters.stopAll();
    const child = this.#fleetProcess;
    if (child === null || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/** prometheus.yml with its targets and rules. */
function prometheusFiles(known: Record<string, string>): Record<string, string> {
  const targets = readdirSync(join(root, 'provisioning/prometheus/targets')).map((name) => [
    `targets/${name}`,
    relocated(read(`provisioning/prometheus/targets/${name}`), known),
  ]);
  const rules = Object.entries(SHIPPED_RULES).map(([name, file]) => [
    `rules/${name}`,
    stringify(scaledRules(file, FACTOR)),
  ]);
  return {
    'prometheus.yml': quickened(read('provisioning/prometheus/prometheus.yml')),
    ...(Object.fromEntries([...targets, ...rules]) as Record<string, string>),
  };
}
