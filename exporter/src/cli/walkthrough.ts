import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fleetAddresses } from '../../../demo/fleet/main';
import { configFromTargets, withTargets } from '../config/load-config';
import { Exporter } from '../exporter';
import { createLogger, type Logger } from '../log';
import type { Comparison } from '../model/comparison';
import type { Config } from '../model/config';
import { ProbeThread } from '../probe/probe-thread';
import { createApp } from '../publish/app';
import { listen, type Listening } from '../publish/listen';
import { resultsComparison } from '../report/results-comparison';
import { verdictSentence } from '../report/verdict-sentence';
import { compareResults } from '../results/compare-results';
import { readResults } from '../results/read-results';
import { sidesOf } from '../results/select-sides';
import { BoundedRun } from '../run/bounded-run';
import { openOutFolder } from '../run/out-folder';
import { progressLine } from '../run/progress';
import { RelayedProbes } from '../run/relayed-probes';
import { planStages } from '../run/stage';
import { writeResults } from '../run/write-results';
import { untilSignal, type CommandContext } from './command';
import { Companions, type Cast } from './companions/companions';
import { companionsReady } from './companions/ready';
import { demoConfig, type DemoOptions, type WalkthroughOptions } from './demo-options';
import { startFleet } from './fleet-process';
import type { Io } from './io';
import { writeJson } from './json-file';
import { appDeps } from './serve';

type Fleet = ReturnType<typeof fleetAddresses>;
type Side = 'baseline' | 'candidate';

const HOST = '127.0.0.1';
const REPLICAS = 4;
/** Below the ports that systems give to outgoing connections, so that none of those takes one of ours meanwhile. */
const PORTS = { from: 20_000, to: 32_000, range: 64 };
const ATTEMPTS = 20;
/** Long enough that both runs stay on the page while somebody looks at it. */
const WINDOW_SECONDS = 1800;

const NAMES: Record<Side, string> = { baseline: 'vllm', candidate: 'llm-d' };

/** What the steps have in common. */
interface Stage {
  options: DemoOptions;
  fleet: Fleet;
  base_port: number;
  config: Config;
  exporter: Exporter;
  relay: () => RelayedProbes;
  logger: Logger;
  out: string;
  /** Resolves with the first signal. */
  asked: Promise<unknown>;
  io: Io;
  context: CommandContext;
}

/**
 * The document's steps with the fleets one after the other: vLLM is started, measured and taken down, then llm-d. One exporter
 * watches all the time and forgets nothing. Ends with the comparison of the two results. Exit code 0, 1 or 2.
 */
export async function walkthrough(
  options: DemoOptions,
  { out: chosen }: WalkthroughOptions,
  cast: Cast | null,
  io: Io,
  context: CommandContext,
): Promise<number> {
  const refuse = (why: string, code = 2) => {
    io.stderr(`taillight demo: ${why}\n`);
    return code;
  };
  const out = chosen ?? resolve('taillight-results', `walkthrough-${randomBytes(4).toString('hex')}`);
  for (const name of Object.values(NAMES)) {
    const folder = await openOutFolder(join(out, name));
    if (folder.kind === 'unusable') return refuse(folder.reason);
    if (folder.kind === 'complete')
      return refuse(`${join(out, name)}: holds a finished run; name another folder with --out`);
  }
  const base_port = await freeRange();
  if (base_port === null)
    return refuse('no range of free ports was found; end what listens on ports 20000 to 32000');
  const fleet = fleetAddresses(HOST, base_port, REPLICAS);
  const base = configFromTargets([`vllm=${fleet.baseline.url}`, `llm-d=${fleet.candidate.url}`]);
  if (!base.ok) throw new Error(base.mistakes.join('; '));
  const config = { ...demoConfig(base.config, fleet, options), window_seconds: WINDOW_SECONDS };
  const logger = createLogger(config.log);
  const { exporter, relay } = watchingExporter(config, logger);
  const face = createApp(appDeps(exporter, logger, null, () => Promise.resolve({ ok: true }), context.entry));
  const listening = await listen(face, HOST, config.listen.port).catch((error: Error) => error);
  if (listening instanceof Error) return refuse(listening.message);
  const asked = untilSignal(['SIGINT', 'SIGTERM']);
  const stage = { options, fleet, base_port, config, exporter, relay, logger, out, asked, io, context };
  return play(stage, listening, cast);
}

/** The exporter of the whole walk. What it shows of requests comes from the runs. */
function watchingExporter(config: Config, logger: Logger): Pick<Stage, 'exporter' | 'relay'> {
  let relayed: RelayedProbes | null = null;
  const exporter = new Exporter({
    config,
    run: `walkthrough-${randomBytes(4).toString('hex')}`,
    logger,
    limits: { conversations: null, seconds: null, requests: null },
    createProbes: (plan, events) => (relayed = new RelayedProbes(plan, events)),
  });
  const relay = () => {
    if (relayed === null) throw new Error('the exporter is not started');
    return relayed;
  };
  return { exporter, relay };
}

async function play(stage: Stage, listening: Listening, cast: Cast | null): Promise<number> {
  const { exporter, fleet, asked, io, context } = stage;
  let companions: Companions | null = null;
  let llmd: { stop(): Promise<void> } | null = null;
  try {
    if (cast !== null)
      companions = await Companions.start(cast, `${HOST}:${listening.port}`, fleet, context.entry);
    await exporter.start();
    io.stdout(stepZero(`http://${HOST}:${listening.port}`));
    if (companions !== null && !(await companionsReady(companions, asked, io))) return 1;
    const first = await measure(stage, 'baseline');
    if (typeof first === 'number') return first;
    await first.stop();
    io.stdout('  The vLLM fleet is taken down. Its results and what the exporter knows of it stay.\n\n');
    const second = await measure(stage, 'candidate');
    if (typeof second === 'number') return second;
    llmd = second;
    const code = await conclude(stage);
    if (code !== 0 || stage.options.once) return code;
    io.stdout(`The live page shows both until Ctrl-C: http://${HOST}:${listening.port}/\n`);
    await asked;
    return 0;
  } finally {
    await llmd?.stop();
    await exporter.stop();
    await listening.close();
    await companions?.stop();
  }
}

const stepZero = (base: string) =>
  [
    'Step 0: the exporter runs; it watches both targets, neither of which is deployed yet.',
    `  live page    ${base}/`,
    `  comparison   ${base}/api/v1/comparison`,
    `  metrics      ${base}/metrics`,
    '  (simulated fleets on this machine: the numbers are not those of any GPU)',
    '',
    '',
  ].join('\n');

const STEPS: Record<Side, string> = {
  baseline: 'Steps 1 and 2: plain vLLM, round robin over 4 replicas',
  candidate: 'Step 3: llm-d, prefix-aware router over 4 replicas',
};

/** Deploys one side and runs the benchmark against it. @returns the fleet, which still runs; a number: the exit code. */
async function measure(stage: Stage, side: Side): Promise<{ stop(): Promise<void> } | number> {
  const { options, fleet, base_port, exporter, out, io, context } = stage;
  const { scenario, seed, workload } = options;
  io.stdout(`${STEPS[side]}\n  endpoint     ${fleet[side].url}\n`);
  const started = await startFleet(
    ['--scenario', scenario, '--seed', String(seed), '--port', String(base_port), '--only', side],
    context,
  );
  if (started instanceof Error) {
    io.stderr(`taillight demo: the fleet ${NAMES[side]} did not start: ${started.message}\n`);
    return 1;
  }
  const size = `${workload.conversations} conversations x ${workload.turns} turns, ${workload.concurrency} at a time`;
  io.stdout(`  benchmark    ${size}, seed ${seed}\n`);
  let ended: Ended | null = null;
  try {
    // The first reading is what the counters' growth is counted from.
    await exporter.scrapeNow();
    ended = await benchmark(stage, side);
    // The counters as of the end of the run are what is remembered of the fleet.
    await exporter.scrapeNow();
    await exporter.compareNow();
  } catch (error) {
    await started.stop();
    throw error;
  }
  if (ended !== null) {
    await started.stop();
    io.stderr(`taillight demo: ${ended.text}\n`);
    return ended.code;
  }
  io.stdout(`  results      ${join(out, NAMES[side])}\n`);
  return started;
}

/** Why the walk ends with this run, and the exit code. */
interface Ended {
  text: string;
  code: number;
}

/** What `taillight run` does, in this process, so that the exporter's page shows it as well. */
async function benchmark(stage: Stage, side: Side): Promise<Ended | null> {
  const { options, config, logger, relay, asked, io, context } = stage;
  const name = NAMES[side];
  const own = withTargets(config, [name]);
  if (!own.ok) throw new Error(own.mistake);
  const run = `${name}-${randomBytes(4).toString('hex')}`;
  const out = join(stage.out, name);
  const bounded = new BoundedRun(
    {
      run,
      nonce: run,
      config: own.config,
      stages: planStages(options.workload, [], { seconds: options.seconds, requests: null }),
      levels: [],
      shard: null,
      source: null,
      out,
      live: false,
    },
    {
      logger,
      createProbes: (plan, events) =>
        new ProbeThread(plan, relay().alsoTo(plan, events), { entryPath: context.entry }),
    },
  );
  void asked.then(() => bounded.stop());
  const over = new AbortController();
  const shown = showProgress(bounded, stage, over.signal);
  const end = await bounded.play();
  over.abort();
  await shown;
  const result = await bounded.result();
  const answered = result.comparison.targets.every(({ samples }) => samples.all > 0);
  const { problem } = await writeResults(out, result, answered);
  await bounded.close();
  io.stdout(`  answered     ${answeredText(result.comparison)}\n`);
  if (end.kind === 'disk' || end.kind === 'refused') return { text: end.text, code: 2 };
  if (problem !== null) return { text: problem, code: 2 };
  if (end.kind === 'interrupted')
    return { text: `ended early while ${name} was measured; what was measured is in ${out}`, code: 0 };
  return answered ? null : { text: `${name} answered no request`, code: 1 };
}

function answeredText({ targets }: Comparison): string {
  const [target] = targets;
  if (target === undefined) return 'nothing';
  const all = Object.values(target.outcomes).reduce((sum, n) => sum + n, 0);
  return `${target.samples.all} of ${all} requests`;
}

/** A line that is redrawn on a terminal; one every ten seconds elsewhere. */
async function showProgress(bounded: BoundedRun, { io }: Stage, signal: AbortSignal): Promise<void> {
  const terminal = process.stdout.isTTY === true;
  const began = performance.now();
  while (!signal.aborted) {
    await sleep(terminal ? 500 : 10_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const elapsed_seconds = (performance.now() - began) / 1000;
    const { progress: targets, level, failed } = bounded;
    const line = `  ${progressLine({ targets, level, elapsed_seconds, failed }, terminal)}`;
    io.stdout(terminal ? `\r\u001b[K${line.slice(0, (process.stdout.columns ?? 120) - 1)}` : `${line}\n`);
  }
  if (terminal) io.stdout('\r\u001b[K');
}

/** Compares the two results as `taillight compare` does, and says what came of it. */
async function conclude({ options, config, exporter, out, io, context }: Stage): Promise<number> {
  const folders = [join(out, NAMES.baseline), join(out, NAMES.candidate)] as const;
  const [baseline, candidate] = await Promise.all(
    folders.map(async (folder) => ({ set: await readResults(folder), target: null, name: null })),
  );
  if (baseline === undefined || candidate === undefined) throw new Error('two results were written');
  const sides = sidesOf(baseline, candidate);
  const { min_effect, resamples, seed } = config.comparison;
  const compared = sides.ok
    ? compareResults(sides.baseline, sides.candidate, { min_effect, resamples, seed })
    : sides;
  if (!compared.ok) {
    io.stderr(`taillight demo: ${compared.reason}\n`);
    return 1;
  }
  const { comparison, series } = compared;
  const records = new Map(series.map((one) => [one.target, one.records]));
  const table = resultsComparison({ comparison, records, options: { min_effect, resamples, seed } });
  const live = await exporter.compareNow();
  const seen = live.comparisons
    .map((pair) => `The live page says: ${verdictSentence(live, pair)}.\n`)
    .join('');
  const paths = folders.map((folder) => relative(process.cwd(), folder) || folder);
  io.stdout(
    `\n${table}\n\n${seen}Results in ${out}; again, or with --out for plots:\n  node ${context.entry} compare ${paths.join(' ')}\n`,
  );
  return options.json === null ? 0 : writeJson('taillight demo', options.json, comparison, io);
}

/** The first port of a range of which every port that the fleets use is free now; null: none was found. */
async function freeRange(): Promise<number | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const ranges = Math.floor((PORTS.to - PORTS.from) / PORTS.range);
    const base = PORTS.from + PORTS.range * Math.floor(Math.random() * ranges);
    const { baseline, candidate, gpu_metrics_url, control_url } = fleetAddresses(HOST, base, REPLICAS);
    const urls = [
      baseline.url,
      candidate.url,
      candidate.router_metrics_url,
      gpu_metrics_url,
      control_url,
      ...[...baseline.replicas, ...candidate.replicas].map(({ url }) => url),
    ];
    const free = await Promise.all(urls.map((url) => isFree(Number(new URL(url).port))));
    if (free.every(Boolean)) return base;
  }
  return null;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, HOST), 'listening');
    await once(server.close(), 'close');
    return true;
  } catch {
    return false;
  }
}
