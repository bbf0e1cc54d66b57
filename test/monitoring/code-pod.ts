import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KubeObject, Volume } from '../support/kustomize';

/** The files that a volume of ConfigMaps shows in a pod, by path. */
export function filesOf(
  { configMap, projected }: Volume,
  objects: readonly KubeObject[],
): Map<string, Buffer> {
  const sources = configMap ? [configMap] : (projected?.sources ?? []).flatMap((one) => one.configMap ?? []);
  return new Map(
    sources.flatMap(({ name, items }) => {
      const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
      if (found === undefined) throw new Error(`there is no ConfigMap ${name}, which a pod mounts`);
      const all = contentsOf(found);
      return items === undefined ? all : items.map(({ key, path }) => [path, contentOf(all, key)] as const);
    }),
  );
}

function contentsOf({ data = {}, binaryData = {} }: KubeObject): [string, Buffer][] {
  const decoded = (contents: unknown, encoding: BufferEncoding) =>
    Object.entries(contents as Record<string, string>).map(([key, text]): [string, Buffer] => [
      key,
      Buffer.from(text, encoding),
    ]);
  return [...decoded(data, 'utf8'), ...decoded(binaryData, 'base64')];
}

function contentOf(all: [string, Buffer][], key: string): Buffer {
  const found = all.find(([name]) => name === key);
  if (found === undefined) throw new Error(`a pod mounts the key ${key}, which its ConfigMap does not have`);
  return found[1];
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
