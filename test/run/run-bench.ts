import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningFleet } from '../../demo/fleet/main';
import type { Comparison } from '../../exporter/src/model/comparison';
import type { TimedRecord } from '../../exporter/src/model/record';
import { readRunFile } from '../../exporter/src/store/run-file';
import { BUNDLE, getJson } from '../support/exporter-process';
import { fleetTargets } from '../support/fleets';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  printed(): { out: string; err: string };
}

/** What a server of the fleets knows of a request. */
export interface Logged {
  request_id: string | null;
  replica: string;
  received_ms: number;
  first_token_ms: number | null;
  prompt_tokens: number | null;
  cached_tokens: number | null;
}

export const loggedRequests = (fleet: RunningFleet): Promise<Logged[]> =>
  getJson<Logged[]>(`${fleet.control_url}/requests`);

/** Small, quick, and without anything left to chance but the machine. */
export const QUICK = {
  conversations: 6,
  turns: 3,
  document_tokens: '200..400',
  max_tokens: 4,
  think_time: '0.02s..0.05s',
  rate: null,
  concurrency: 3,
};

export interface RunOptions {
  env?: Record<string, string>;
  /** Command line before Node's. */
  wrap?: string[];
  /** Another file than `dist/taillight.mjs`. */
  bundle?: string;
}

/** Runs `taillight run` from the bundle; all that it starts and writes is gone after `stopAll`. */
export class RunBench {
  readonly #children: ChildProcess[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'taillight-run-'));

  path = (...names: string[]): string => join(this.folder, ...names);

  /** Writes a configuration of the fleets and gives its path. */
  config(
    fleet: RunningFleet,
    more: Record<string, unknown> = {},
    probe: Record<string, unknown> = {},
  ): string {
    const path = this.path('taillight.yaml');
    const config = {
      data_dir: './data',
      targets: fleetTargets(fleet),
      probe: { preset: 'multi-turn', ...QUICK, ...probe },
      scrape: { interval: '500ms', timeout: '450ms' },
      comparison: { resamples: 200 },
      log: { level: 'warn' },
      ...more,
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  start(args: string[], options: RunOptions = {}): Running {
    if (!existsSync(BUNDLE)) throw new Error('dist/taillight.mjs is missing; build it with `npm run build`');
    const command = [...(options.wrap ?? []), process.execPath, options.bundle ?? BUNDLE, 'run', ...args];
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      cwd: this.folder,
    });
    this.#children.push(child);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal, out, err })),
    );
    return { child, ended, printed: () => ({ out, err }) };
  }

  run(args: string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  async stopAll(): Promise<void> {
    const running = this.#children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    await Promise.all(
      running.map((child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return gone;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const summaryOf = (folder: string): Comparison =>
  JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Comparison;

export async function recordsOf(folder: string): Promise<TimedRecord[]> {
  const file = await readRunFile(join(folder, 'run.jsonl'));
  if (!file.ok) throw new Error(file.error);
  return file.records;
}
