import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
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
import type { Command, CommandContext } from './command';
import { untilSignal } from './command';
import { demoConfig, demoOptions, type DemoOptions } from './demo-options';
import type { FleetReady } from './fleet';
import type { Io } from './io';
import { appDeps } from './serve';

type Fleet = FleetReady['fleet'];

/** The fleets need a moment; a machine that takes longer than this is in trouble. */
const FLEET_START_MS = 20_000;

/** The whole product on one machine: two simulated fleets, the exporter that measures them, and a live summary. */
export const demo: Command = async (argv, io, context) => {
  const options = demoOptions(argv, io);
  if (typeof options === 'number') return options;
  io.stdout(`Starting two simulated fleets of 4 replicas each (scenario ${options.scenario}) …\n`);
  const fleet = await startFleet(options, context);
  if (fleet instanceof Error) {
    io.stderr(`taillight demo: the fleets did not start: ${fleet.message}\n`);
    return 1;
  }
  try {
    return await watch(options, fleet.addresses, io, context);
  } finally {
    fleet.process.kill('SIGTERM');
  }
};

async function watch(options: DemoOptions, fleet: Fleet, io: Io, { entry }: CommandContext): Promise<number> {
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
  await exporter.start();
  const over = new AbortController();
  const screen = showSummary(exporter, options, io, over.signal);
  const bounded = options.once || options.seconds !== null;
  const ended = await Promise.race([
    untilSignal(['SIGINT', 'SIGTERM']),
    ...(bounded ? [exporter.done.then(() => 'done' as const)] : []),
  ]);
  over.abort();
  await screen;
  const comparison = await finalComparison(exporter, config, ended === 'done');
  io.stdout(`\n${report(comparison, exporter, options)}\n`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(comparison, null, 2)}\n`);
  if (options.json !== null) io.stdout(`Comparison written to ${options.json}\n`);
  await exporter.stop();
  await listening.close();
  return 0;
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
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const interactive = process.stdout.isTTY === true;
  let lines = 0;
  while (!signal.aborted) {
    await sleep(interactive ? 1000 : 10_000, undefined, { signal }).catch(() => undefined);
    const comparison = exporter.comparison();
    if (comparison === null || signal.aborted) continue;
    const block = liveSummary(comparison, { progress: progressLine(exporter, options) });
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

async function startFleet(
  options: DemoOptions,
  { entry }: CommandContext,
): Promise<{ process: ChildProcess; addresses: Fleet } | Error> {
  const child = fork(entry, ['fleet', '--scenario', options.scenario, '--seed', String(options.seed)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C reaches the whole group: the fleets must outlive the last answers, and end with us.
    detached: true,
  });
  const ready = new Promise<Fleet>((resolve, reject) => {
    child.once('message', (message: FleetReady) => resolve(message.fleet));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`exit code ${code}`)));
  });
  const late = sleep(FLEET_START_MS, null, { ref: false });
  const addresses = await Promise.race([ready, late]).catch((error: Error) => error);
  if (addresses instanceof Error) return addresses;
  if (addresses === null) {
    child.kill('SIGKILL');
    return new Error(`not ready after ${FLEET_START_MS / 1000} s`);
  }
  return { process: child, addresses };
}
