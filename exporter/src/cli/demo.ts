import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { configFromTargets } from '../config/load-config';
import { Exporter } from '../exporter';
import { createLogger } from '../log';
import type { Comparison } from '../model/comparison';
import type { Config } from '../model/config';
import { ProbeThread } from '../probe/probe-thread';
import { createApp } from '../publish/app';
import { listen } from '../publish/listen';
import { targetFacts } from '../report/facts';
import { liveSummary } from '../report/live-summary';
import { textReport } from '../report/text-report';
import { untilSignal, type Command, type CommandContext } from './command';
import { castCompanions, Companions, type Cast } from './companions/companions';
import { companionsReady } from './companions/ready';
import { demoConfig, demoOptions, type DemoOptions } from './demo-options';
import type { FleetReady } from './fleet';
import { startFleet } from './fleet-process';
import type { Io } from './io';
import { unwritable, writeJson } from './json-file';
import { appDeps } from './serve';
import { walkthrough } from './walkthrough';

type Fleet = FleetReady['fleet'];

/** The whole product on one machine: two simulated fleets, the exporter that measures them, and a live summary. */
export const demo: Command = async (argv, io, context) => {
  const options = demoOptions(argv, io);
  if (typeof options === 'number') return options;
  const cast = await companionsFor(options, context);
  if (Array.isArray(cast)) {
    for (const line of cast) io.stderr(`taillight demo: ${line}\n`);
    return 2;
  }
  const closed = options.json === null ? null : unwritable(options.json);
  if (closed !== null) {
    io.stderr(`taillight demo: ${closed}\n`);
    return 2;
  }
  if (options.walkthrough !== null) return walkthrough(options, options.walkthrough, cast, io, context);
  io.stdout(`Starting two simulated fleets of 4 replicas each (scenario ${options.scenario}) …\n`);
  const fleet = await startFleet(['--scenario', options.scenario, '--seed', String(options.seed)], context);
  if (fleet instanceof Error) {
    io.stderr(`taillight demo: the fleets did not start: ${fleet.message}\n`);
    return 1;
  }
  try {
    return await watch(options, cast, fleet.addresses, io, context);
  } finally {
    await fleet.stop();
  }
};

/** null: none asked for. A list of lines: what is missing for those that are. */
async function companionsFor(
  options: DemoOptions,
  { entry }: CommandContext,
): Promise<Cast | string[] | null> {
  if (options.companions.length === 0) return null;
  const search = { path: process.env['PATH'] ?? '', grafana_home: options.grafana_home };
  return castCompanions(options.companions, search, entry);
}

async function watch(
  options: DemoOptions,
  cast: Cast | null,
  fleet: Fleet,
  io: Io,
  { entry }: CommandContext,
): Promise<number> {
  const base = configFromTargets([`vllm=${fleet.baseline.url}`, `llm-d=${fleet.candidate.url}`]);
  if (!base.ok) throw new Error(base.mistakes.join('; '));
  const config = demoConfig(base.config, fleet, options);
  const logger = createLogger(config.log);
  const exporter = new Exporter({
    config,
    run: `demo-${randomBytes(4).toString('hex')}`,
    logger,
    limits: {
      conversations: options.once ? options.conversations : null,
      seconds: options.seconds,
      requests: null,
    },
    createProbes: (plan, events) => new ProbeThread(plan, events, { entryPath: entry }),
  });
  const face = createApp(appDeps(exporter, logger, null, () => Promise.resolve({ ok: true }), entry));
  const listening = await listen(face, config.listen.host, config.listen.port).catch((error: Error) => error);
  if (listening instanceof Error) {
    io.stderr(`taillight demo: ${listening.message}\n`);
    return 2;
  }
  io.stdout(addresses(`http://${config.listen.host}:${listening.port}`, fleet));
  // From here on a signal is not lost, however long the start takes.
  const asked = untilSignal(['SIGINT', 'SIGTERM']);
  let companions: Companions | null = null;
  try {
    if (cast !== null)
      companions = await Companions.start(cast, `${config.listen.host}:${listening.port}`, fleet, entry);
    await exporter.start();
    if (companions !== null && !(await companionsReady(companions, asked, io))) return 1;
    const complete = await showUntilOver(exporter, companions, options, asked, io);
    const comparison = await finalComparison(exporter, config, complete);
    io.stdout(`\n${report(comparison, exporter, options)}\n`);
    return options.json === null ? 0 : writeJson('taillight demo', options.json, comparison, io);
  } finally {
    await exporter.stop();
    await listening.close();
    await companions?.stop();
  }
}

/** @returns true when the run has come to its own end, false when a signal ended it. */
async function showUntilOver(
  exporter: Exporter,
  companions: Companions | null,
  options: DemoOptions,
  asked: Promise<unknown>,
  io: Io,
): Promise<boolean> {
  const over = new AbortController();
  const notes: string[] = [];
  void companions?.broken.then(({ name, how }) => notes.push(`${name} ${how}`));
  const screen = showSummary(exporter, options, notes, io, over.signal);
  const bounded = options.once || options.seconds !== null;
  const complete = await Promise.race([
    asked.then(() => false),
    ...(bounded ? [exporter.done.then(() => true)] : []),
  ]);
  over.abort();
  await screen;
  return complete;
}

/** After the last request the engines' counters need one more scrape to have told all. */
async function finalComparison(exporter: Exporter, config: Config, complete: boolean): Promise<Comparison> {
  if (complete) await sleep(config.scrape.interval_seconds * 1000 + 200);
  return exporter.compareNow();
}

function addresses(base: string, fleet: Fleet): string {
  return [
    '',
    `  live page    ${base}/`,
    `  comparison   ${base}/api/v1/comparison`,
    `  metrics      ${base}/metrics`,
    `  baseline     ${fleet.baseline.url}   (round robin over ${fleet.baseline.replicas.length} replicas)`,
    `  candidate    ${fleet.candidate.url}   (prefix-aware router over ${fleet.candidate.replicas.length} replicas)`,
    `  break it     curl -X POST ${fleet.control_url}/fault -d '{"fleet":"candidate","replica":"all","fault":"lose-cache"}'`,
    '',
    '',
  ].join('\n');
}

function report(comparison: Comparison, exporter: Exporter, options: DemoOptions): string {
  const facts = Object.fromEntries(
    comparison.targets.map(({ name }) => [name, targetFacts(exporter.records(name))]),
  );
  const { workload } = options;
  const settings = [
    [
      'Scenario',
      `${options.scenario} (simulated fleets on this machine: the numbers are not those of any GPU)`,
    ],
    [
      'Workload',
      `${workload.conversations} conversations x ${workload.turns} turns, ${workload.concurrency} at a time`,
    ],
    ['Connections', 'a new one for each request, as load balancers spread by connection'],
  ] as const;
  return textReport(comparison, { facts, settings });
}

/** Redraws on a terminal every second; one block every ten seconds elsewhere. */
async function showSummary(
  exporter: Exporter,
  options: DemoOptions,
  notes: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const interactive = process.stdout.isTTY === true;
  let lines = 0;
  while (!signal.aborted) {
    await sleep(interactive ? 1000 : 10_000, undefined, { signal }).catch(() => undefined);
    const comparison = exporter.comparison();
    if (comparison === null || signal.aborted) continue;
    const block = [...liveSummary(comparison, { progress: progressLine(exporter, options) }), ...notes];
    // Up over the last block, then each line cleared to its end: no flicker, nothing of the old one left.
    const up = interactive && lines > 0 ? `\u001b[${lines}A` : '';
    const clear = interactive ? '\u001b[K' : '';
    const rest = interactive ? '\u001b[J' : '';
    io.stdout(`${up}${block.map((line) => `${line}${clear}\n`).join('')}${rest}${interactive ? '' : '\n'}`);
    lines = block.length;
  }
}

function progressLine(exporter: Exporter, options: DemoOptions): string {
  const { workload } = options;
  const parts = exporter.probeProgress().map(({ target, finished, requests }) => {
    const of = options.once ? ` of ${options.conversations}` : '';
    return `${target}: ${requests} requests, ${finished}${of} conversations`;
  });
  const end = options.once ? '' : ' (Ctrl-C ends)';
  return `${parts.join(' | ') || `starting ${workload.concurrency} conversations per target`}${end}`;
}
