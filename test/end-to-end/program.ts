import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { request } from 'undici';
import { until } from '../support/until';

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** Writes files, by path below a folder. */
function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

interface Start {
  /** Files beside the program's data, by path; the port is for what a program says of itself. */
  files: (port: number) => Record<string, string>;
  /** Options, given the folder of the files and `host:port`. */
  args: (folder: string, address: string) => string[];
}

/** A program of the monitoring stack on a free port, in a folder of its own. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  /** Resolves once it is ready; rejects with its log when it ends instead. */
  static async start(command: string, { files, args }: Start): Promise<Program> {
    const folder = mkdtempSync(join(tmpdir(), `taillight-${command}-`));
    const port = await freePort();
    writeFiles(folder, files(port));
    const address = `127.0.0.1:${port}`;
    const child = spawn(command, args(folder, address), { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (log += part));
    child.once('error', (error) => (log += error.message));
    const program = new Program(child, folder, `http://${address}`);
    const ready = async () => {
      if (child.pid === undefined || child.exitCode !== null) return 'ended';
      return (await request(`${program.url}/-/ready`)).statusCode === 200 ? 'ready' : null;
    };
    if ((await until(`${command} is ready`, ready)) === 'ready') return program;
    await program.stop();
    throw new Error(`${command} did not start:\n${log}`);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
