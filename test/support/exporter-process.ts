import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import type { Comparison } from '../../exporter/src/model/comparison';
import { fetchMetricsPage, type ACCEPT, type MetricsPage } from './metrics-page';
import { until } from './until';

export const BUNDLE = join(__dirname, '../../dist/taillight.mjs');

export interface LogLine {
  level: string;
  event: string;
  [field: string]: unknown;
}

export interface ExporterProcess {
  url: string;
  pid: number;
  /** Everything that it wrote on standard error, line by line. */
  lines: string[];
  /** The log lines of an event. */
  events(event: string): LogLine[];
  page(format?: keyof typeof ACCEPT): Promise<MetricsPage>;
  comparison(): Promise<Comparison>;
  /** Writes another configuration; nothing is told of it. */
  write(config: unknown): void;
  signal(signal: NodeJS.Signals): void;
  /** Resolves to the exit code once it has ended; null: by a signal. */
  exit: Promise<number | null>;
}

export interface StartOptions {
  /** Further options of `serve`. */
  args?: string[];
  /** Words before `node`, e.g. of a shell that sets limits. */
  wrap?: string[];
}

/** Small and lively: conversations of three short turns, a scrape and a comparison every moment. */
export const LIVELY = {
  listen: '127.0.0.1:0',
  data_dir: null,
  window: '5m',
  probe: {
    preset: 'live',
    conversations: 50,
    turns: 3,
    document_tokens: '100..200',
    max_tokens: 4,
    think_time: '0.05s..0.1s',
    rate: null,
    concurrency: 2,
    timeout: '20s',
  },
  scrape: { interval: '1s', timeout: '900ms' },
  comparison: { interval: '500ms', resamples: 200 },
  log: { level: 'info', format: 'json' },
};

/** What is started here is ended by `stopAll`, whatever became of the test. */
export class ExporterBench {
  readonly #children: ChildProcess[] = [];
  readonly #folders: string[] = [];

  /** A new folder that is removed at the end. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'taillight-exporter-'));
    this.#folders.push(folder);
    return folder;
  }

  /** Runs `taillight serve` from the bundle with a configuration and waits until it listens. */
  async serve(
    config: unknown,
    { args = [], wrap = [] }: StartOptions = {},
    folder = this.folder(),
  ): Promise<ExporterProcess> {
    if (!existsSync(BUNDLE)) throw new Error('dist/taillight.mjs is missing; build it with `npm run build`');
    const path = join(folder, 'taillight.yaml');
    const write = (value: unknown) =>
      writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    write(config);
    const command = [...wrap, process.execPath, BUNDLE, 'serve', '--config', path, ...args];
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'inherit', 'pipe'] });
    this.#children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    let ended = false;
    void exit.then(() => (ended = true));
    const events = (event: string) => lines.flatMap(parseLine).filter((line) => line.event === event);
    const listening = await until('the exporter listens', () => events('listening')[0] ?? ended);
    if (listening === true || listening === false)
      throw new Error(`the exporter ended at once:\n${lines.join('\n')}`);
    const url = `http://127.0.0.1:${String(listening['port'])}`;
    return {
      url,
      pid: child.pid!,
      lines,
      events,
      page: (format) => fetchMetricsPage(`${url}/metrics`, format),
      comparison: () => getJson<Comparison>(`${url}/api/v1/comparison`),
      write,
      signal: (signal) => void child.kill(signal),
      exit,
    };
  }

  async stopAll(): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(
      running.map((child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return gone;
      }),
    );
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** Lines that are no JSON (a mistake in the configuration, a stack) are no events. */
function parseLine(line: string): LogLine[] {
  try {
    return [JSON.parse(line) as LogLine];
  } catch {
    return [];
  }
}

export async function getJson<Value>(url: string): Promise<Value> {
  const answer = await request(url);
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
  return (await answer.body.json()) as Value;
}
