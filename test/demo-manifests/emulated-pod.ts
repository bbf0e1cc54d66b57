import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesOf } from '../monitoring/code-pod';
import type { Container, KubeObject, PodSpec, Volume } from '../support/kustomize';

export interface Surroundings {
  /** All objects of the namespace. */
  objects: readonly KubeObject[];
  /** What the kubelet knows of the pod, by field path. */
  fields?: Record<string, string>;
  /** Variables that a user changes, or that Kubernetes adds. */
  env?: Record<string, string>;
  /** What cannot be the same here as in a cluster: texts of mounted files. */
  adapt?: (path: string, text: string) => string;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Some user id as OpenShift gives one to a namespace; only root can become another user. */
const STRANGER = process.getuid?.() === 0 ? { uid: 1_000_660_000, gid: 0 } : {};

/**
 * Runs containers of manifests as processes: the very command and arguments, variables expanded as Kubernetes does, and each
 * mounted path moved into a folder of its own. Claims keep their files from pod to pod; everything else is read-only.
 */
export class EmulatedNode {
  readonly #root = mkdtempSync(join(tmpdir(), 'taillight-node-'));
  readonly #children: ChildProcess[] = [];
  #count = 0;

  constructor() {
    chmodSync(this.#root, 0o755);
  }

  /** The folder of a claim. */
  claim(name: string): string {
    const folder = join(this.#root, 'claims', name);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    return folder;
  }

  async run(pod: PodSpec, container: Container, around: Surroundings): Promise<Ended> {
    const mounts = this.#mount(pod, container, around);
    const env = environment(container, around);
    const words = [...(container.command ?? []), ...(container.args ?? [])].map((word) => expand(word, env));
    const moved = (text: string) => move(text, mounts);
    const [program, ...args] = words.map(moved);
    const child = spawn(program === 'node' ? process.execPath : program!, args, {
      cwd: '/',
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, moved(value)])),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...STRANGER,
    });
    this.#children.push(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout, stderr };
  }

  /** Ends what still runs and removes all files. */
  async close(): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(
      running.map((child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return gone;
      }),
    );
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Folders for the mounted paths of a container. */
  #mount(pod: PodSpec, container: Container, around: Surroundings): Map<string, string> {
    this.#count += 1;
    const own = join(this.#root, `pod-${this.#count}`);
    return new Map(
      (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => {
        const volume = pod.volumes?.find((one) => one.name === name);
        if (volume === undefined) throw new Error(`no volume is called ${name}`);
        const claim = volume.persistentVolumeClaim?.claimName;
        if (claim !== undefined) return [mountPath, this.claim(claim)];
        const folder = join(own, name);
        mkdirSync(folder, { recursive: true });
        if (volume.emptyDir !== undefined) chmodSync(folder, 0o777);
        else fill(folder, volume, around);
        if (volume.emptyDir === undefined && readOnly !== true)
          throw new Error(`${mountPath} is of a ConfigMap and not mounted read-only`);
        return [mountPath, folder];
      }),
    );
  }
}

/** Parts of a projected volume that the kubelet makes. */
interface KubeletSource {
  serviceAccountToken?: { path: string };
  downwardAPI?: { items: { path: string; fieldRef: { fieldPath: string } }[] };
}

/** The token of every emulated pod. */
export const TOKEN = 'right-token';

function fill(folder: string, volume: Volume, around: Surroundings): void {
  const { objects, adapt } = around;
  for (const { serviceAccountToken, downwardAPI } of (volume.projected?.sources ?? []) as KubeletSource[]) {
    if (serviceAccountToken !== undefined) writeFileSync(join(folder, serviceAccountToken.path), TOKEN);
    for (const { path, fieldRef } of downwardAPI?.items ?? [])
      writeFileSync(join(folder, path), lookUp({ fieldRef }, around));
  }
  for (const [path, content] of filesOf(volume, objects)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      adapt === undefined || !path.endsWith('.yaml') ? content : adapt(path, content.toString()),
      {
        mode: 0o444,
      },
    );
  }
}

/** Variables of a container: those of whole ConfigMaps first, then one by one, each of which may use those before it. */
function environment(container: Container, around: Surroundings): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { configMapRef } of container.envFrom ?? [])
    if (configMapRef !== undefined) Object.assign(env, dataOf(around.objects, configMapRef.name));
  Object.assign(env, around.env);
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (around.env?.[name] !== undefined) continue;
    env[name] = valueFrom === undefined ? expand(value ?? '', env) : lookUp(valueFrom, around);
  }
  return env;
}

function lookUp(from: Record<string, unknown>, { objects, fields = {} }: Surroundings): string {
  const { fieldRef, configMapKeyRef } = from as {
    fieldRef?: { fieldPath: string };
    configMapKeyRef?: { name: string; key: string };
  };
  const value =
    fieldRef === undefined
      ? dataOf(objects, configMapKeyRef?.name ?? '')[configMapKeyRef?.key ?? '']
      : fields[fieldRef.fieldPath];
  if (value === undefined)
    throw new Error(`a variable comes from what is not there: ${JSON.stringify(from)}`);
  return value;
}

function dataOf(objects: readonly KubeObject[], name: string): Record<string, string> {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  if (found === undefined) throw new Error(`there is no ConfigMap ${name}`);
  return found['data'] as Record<string, string>;
}

/** `$(NAME)`, as Kubernetes expands it in commands, arguments and values. It leaves unknown names; a test does not. */
function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\((\w+)\)/g, (all, name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`${all} in "${text}" is not set when it is used`);
    return value;
  });
}

/** Absolute paths below a mount, where they are in the emulation. */
function move(text: string, mounts: ReadonlyMap<string, string>): string {
  for (const [path, folder] of mounts) {
    const at = text.startsWith(path) ? 0 : text.indexOf(`=${path}`) + 1;
    const after = text[at + path.length];
    if ((at > 0 || text.startsWith(path)) && (after === undefined || after === '/'))
      return text.slice(0, at) + folder + text.slice(at + path.length);
  }
  return text;
}

/** The lines of a JSONL file. */
export const jsonLines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
