import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetReady } from '../fleet';
import type { ProgramEnded } from './guard';
import { launchOf, type Launch } from './launch';
import { findPrograms, type CompanionName, type Program, type Search } from './programs';
import { findClone, RunFolder, scrapeTargets } from './run-folder';

/** Grafana needs some 12 s for a fresh database; a machine that takes longer than this is in trouble. */
const HEALTHY_WITHIN_MS = 120_000;
const ANSWER_WITHIN_MS = 2000;
const ASK_AGAIN_MS = 250;
const LINES_OF_LOG = 3;

/** What is asked for, found and ready to be started. */
export interface Cast {
  clone: string;
  programs: Program[];
}

/** Looks for everything that `--with` needs. @returns lines that say what is missing and how to get it, if anything is. */
export async function castCompanions(
  wanted: readonly CompanionName[],
  search: Search,
  entry: string,
): Promise<Cast | string[]> {
  const clone = findClone(entry);
  if (clone === null) {
    return [
      `--with needs the files of Taillight's repository (provisioning/, monitoring/rules/, dashboards/), which are not beside ${entry}; use "npm run demo -- --with …" in a clone`,
    ];
  }
  const { programs, missing } = findPrograms(wanted, search);
  if (missing.length > 0) return missing;
  if (programs.some(({ name }) => name === 'grafana')) {
    const failure = await buildPlugin(clone);
    if (failure !== null) return [failure];
  }
  return { clone, programs };
}

/** Builds the panel where it is not built yet. @returns why that failed, in one line. */
async function buildPlugin(clone: string): Promise<string | null> {
  if (existsSync(join(clone, 'plugin', 'dist', 'module.js'))) return null;
  const script = join(clone, 'scripts', 'build-plugin.mjs');
  const child = spawn(process.execPath, [script], { cwd: clone, stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  return code === 0
    ? null
    : '--with grafana: the panel is not built and could not be; run "npm run build:plugin" to see why';
}

/** Ports that are free on this machine now. A program that takes one before ours does makes ours end, with a line in its log. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

function isHealthy({ url, health_path }: Launch): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(`${url}${health_path}`, { timeout: ANSWER_WITHIN_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.once('close', () => resolve(false));
  });
}

function lastLines(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LINES_OF_LOG).join('\n');
  } catch {
    return '';
  }
}

/** Prometheus, Alertmanager and Grafana with the shipped files, for as long as the demo lasts. */
export class Companions {
  /** Resolves to the first program that ended though nobody asked it to. */
  readonly broken: Promise<ProgramEnded>;

  private constructor(
    private readonly folder: RunFolder,
    private readonly launches: Launch[],
    private readonly guard: ChildProcess,
  ) {
    this.broken = new Promise((resolve) => {
      guard.on('message', resolve);
      const lost = () => resolve({ name: 'prometheus', how: 'is lost: the process that runs it has ended' });
      guard.once('error', lost);
      guard.once('exit', lost);
    });
  }

  /** For a sentence. */
  get names(): string {
    return this.launches.map(({ name }) => name).join(', ');
  }

  /** Starts them all; they work once `ready` says so. @param exporter `host:port` of /metrics. */
  static async start(
    { clone, programs }: Cast,
    exporter: string,
    fleet: FleetReady['fleet'],
    entry: string,
  ): Promise<Companions> {
    const free = await freePorts(programs.length);
    const ports: Partial<Record<CompanionName, number>> = Object.fromEntries(
      programs.map(({ name }, index) => [name, free[index]]),
    );
    const folder = new RunFolder(clone);
    const targets = scrapeTargets(exporter, fleet, ports);
    const launches = programs.map((program) => launchOf(program, { folder, ports, targets }));
    const guard = fork(entry, ['companion-guard'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Ctrl-C reaches the whole group: they end when we tell them to.
      detached: true,
    });
    const companions = new Companions(folder, launches, guard);
    guard.send(launches);
    return companions;
  }

  /** @returns null once all of them answer, or what is wrong with one, with the end of its log. */
  async ready(signal: AbortSignal): Promise<string | null> {
    const waiting = new AbortController();
    const over = AbortSignal.any([signal, waiting.signal]);
    const healthy = Promise.all(this.launches.map((launch) => this.untilHealthy(launch, over)));
    const failed = this.broken.then(({ name, how }) => this.complaint(name, how));
    try {
      return await Promise.race([
        healthy.then((lines) => lines.find((line) => line !== null) ?? null),
        failed,
      ]);
    } finally {
      waiting.abort();
    }
  }

  /** Where to look, for people. */
  addresses(): string {
    const lines = this.launches.map(({ name, url }) => `  ${name.padEnd(12)} ${url}/`);
    const grafana = this.launches.find(({ name }) => name === 'grafana');
    if (grafana !== undefined) {
      lines.unshift(
        `  dashboard    ${grafana.url}/d/llm-performance   (anybody may look; admin / admin may change)`,
      );
    }
    return [...lines, `  logs         ${this.folder.logs}`, '', ''].join('\n');
  }

  /** Ends them all and waits until they are gone; logs stay. */
  async stop(): Promise<void> {
    const { guard } = this;
    if (guard.exitCode === null && guard.signalCode === null) {
      const gone = new Promise((resolve) => guard.once('exit', resolve));
      guard.kill('SIGTERM');
      await gone;
    }
    this.folder.removeData();
  }

  private complaint(name: CompanionName, how: string): string {
    const log = this.folder.log(name);
    return `${name} ${how}; its log, ${log}, ends with:\n${lastLines(log)}`;
  }

  private async untilHealthy(launch: Launch, signal: AbortSignal): Promise<string | null> {
    for (const deadline = Date.now() + HEALTHY_WITHIN_MS; !signal.aborted;) {
      if (await isHealthy(launch)) return null;
      if (Date.now() > deadline)
        return this.complaint(launch.name, `does not answer after ${HEALTHY_WITHIN_MS / 1000} s`);
      await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
    return null;
  }
}
