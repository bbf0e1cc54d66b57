import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLE } from '../support/exporter-process';
import { processesWith } from '../support/processes';

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Demos that are started with `--with`, each in a temporary folder of its own; ended by `stopAll` whatever happened. */
export class DemoBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'taillight-with-'));
  readonly #running: Demo[] = [];

  /** An unpacked Grafana, as far as the demo looks at it, with the fake as its program. */
  grafanaHome(): string {
    const home = join(this.folder, 'grafana-12.4.0');
    mkdirSync(join(home, 'bin'), { recursive: true });
    mkdirSync(join(home, 'conf'));
    writeFileSync(join(home, 'conf', 'defaults.ini'), '');
    const program = join(home, 'bin', 'grafana');
    const fake = join(__dirname, 'fake-grafana.cjs');
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${fake}" "$@"\n`);
    chmodSync(program, 0o755);
    return home;
  }

  /** A folder for PATH with only these programs in it. */
  pathWith(programs: Record<string, string>): string {
    const folder = mkdtempSync(join(this.folder, 'path-'));
    for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(folder, name));
    return folder;
  }

  demo(args: string[], env: Record<string, string> = {}, bundle = BUNDLE): Demo {
    // Run folders are made here, so that they go with the rest.
    const demo = new Demo(args, { TMPDIR: this.folder, ...env }, bundle);
    this.#running.push(demo);
    return demo;
  }

  async stopAll(): Promise<void> {
    for (const demo of this.#running) await demo.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let count = 0;

export class Demo {
  out = '';
  err = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #mark = `TAILLIGHT_TEST=with-${process.pid}-${(count += 1)}`;

  constructor(args: string[], env: Record<string, string>, bundle: string) {
    const [name = '', value = ''] = this.#mark.split('=');
    this.#child = spawn(process.execPath, [bundle, 'demo', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, [name]: value },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (part: string) => (this.out += part));
    this.#child.stderr?.setEncoding('utf8').on('data', (part: string) => (this.err += part));
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) => resolve({ code, out: this.out, err: this.err })),
    );
  }

  /** What it printed behind a word at the beginning of a line, e.g. an address. */
  printed(word: string): string | undefined {
    return new RegExp(`^  ${word} +(\\S+)`, 'm').exec(this.out)?.[1];
  }

  /** Its own process and everything that was started by it. */
  processes(): number[] {
    return processesWith(this.#mark);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and what it left behind. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
  }
}
