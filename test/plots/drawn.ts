import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlotInput } from '../../exporter/src/plots/input';

const ROOT = join(__dirname, '../..');

/** Plots and reports as the built bundle makes them, in a process of its own: what a command's user gets. */
export class Drawn {
  readonly folder = mkdtempSync(join(tmpdir(), 'taillight-plots-'));
  private readonly bundle = join(this.folder, 'bundle');

  constructor() {
    this.node(join(ROOT, 'scripts/build-plots.mjs'), this.bundle);
  }

  /** Draws inputs into folders of `out`, by name. */
  draw(inputs: Record<string, PlotInput>, out: string): void {
    const file = join(this.folder, `${out}.json`);
    writeFileSync(file, JSON.stringify(inputs));
    this.node(join(__dirname, 'draw.mjs'), this.bundle, file, join(this.folder, out));
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  text(...parts: string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  bytes(...parts: string[]): Buffer {
    return readFileSync(this.path(...parts));
  }

  files(...parts: string[]): string[] {
    return readdirSync(this.path(...parts), { recursive: true })
      .map(String)
      .sort();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private node(...args: string[]): void {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  }
}
