import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetObservation } from '../model/observation';

const FILE = 'observations.json';
const SCHEMA = 'taillight.observations/1';

/**
 * What was last known about the servers of each target while it was up. A deployment that was taken down to make room for
 * the next one stays comparable: its records are in the window, and its replica count, block size and hit rate are here.
 */
export class ObservationMemory {
  private readonly last = new Map<string, TargetObservation>();

  /** The observation itself while the target is up and its servers tell something, else the last such one, marked as down. */
  recall(current: TargetObservation): TargetObservation {
    const { name } = current;
    if (current.up && current.replicas.length > 0) {
      this.last.set(name, current);
      return current;
    }
    const remembered = this.last.get(name);
    if (remembered === undefined || current.up || current.replicas.length > 0) return current;
    return {
      ...remembered,
      up: false,
      replicas: remembered.replicas.map((replica) => ({ ...replica, up: false })),
    };
  }

  /** Reads what an earlier process saved; a missing or broken file is an empty memory. */
  async load(data_dir: string): Promise<void> {
    try {
      const saved = JSON.parse(await readFile(join(data_dir, FILE), 'utf8')) as {
        schema?: string;
        targets?: TargetObservation[];
      };
      if (saved.schema !== SCHEMA || !Array.isArray(saved.targets)) return;
      for (const target of saved.targets) this.last.set(target.name, target);
    } catch {
      return;
    }
  }

  /** Replaces the file in one step, so that a crash leaves the old or the new one. */
  async save(data_dir: string): Promise<void> {
    const path = join(data_dir, FILE);
    const text = JSON.stringify({ schema: SCHEMA, targets: [...this.last.values()] });
    await writeFile(`${path}.new`, text, { mode: 0o640 });
    await rename(`${path}.new`, path);
  }
}
