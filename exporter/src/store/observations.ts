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

  /**
   * The observation itself while the target is up or one of its servers is (a static list names them all the same when they
   * are gone), else the last one of when they were, marked as down.
   */
  recall(current: TargetObservation): TargetObservation {
    const { name } = current;
    const told = current.replicas.some((replica) => replica.up);
    if (current.up && told) this.last.set(name, current);
    const remembered = this.last.get(name);
    if (remembered === undefined || current.up || told) return current;
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
      for (const target of saved.targets.filter(isObservation)) this.last.set(target.name, target);
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

/** The parts that must be there; the rest is as the program that wrote the schema's name left it. */
function isObservation(value: Partial<TargetObservation> | null): value is TargetObservation {
  return (
    typeof value?.name === 'string' &&
    Array.isArray(value.replicas) &&
    typeof value.engine === 'object' &&
    typeof value.balance === 'object'
  );
}
