import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'undici';
import type { Comparison } from '../../exporter/src/model/comparison';
import { BUNDLE, getJson } from '../support/exporter-process';
import { until } from '../support/until';

/** A demo of the bundle, as `npm run demo` starts it. */
export class DemoProcess {
  /** Of `Date.now()`. */
  readonly started = Date.now();
  private readonly child: ChildProcess;
  private printed = '';
  private url = '';

  constructor() {
    this.child = spawn(process.execPath, [BUNDLE, 'demo', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (part: string) => (this.printed += part));
  }

  /** The address of the live page, as printed. */
  async page(): Promise<string> {
    this.url ||= await until('the demo tells its address', () => /http:\S+\/(?=\s)/.exec(this.printed)?.[0]);
    return this.url;
  }

  comparison(): Promise<Comparison> {
    return getJson<Comparison>(`${this.url}api/v1/comparison`);
  }

  async fault(command: Record<string, unknown>): Promise<void> {
    const control = await until(
      'the demo tells its control',
      () => /http:\S+\/fault/.exec(this.printed)?.[0],
    );
    const answer = await request(control, { method: 'POST', body: JSON.stringify(command) });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`the fault was refused: ${text}`);
  }

  /** Its fleets end with it. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}
