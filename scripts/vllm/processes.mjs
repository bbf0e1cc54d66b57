// Child processes that never outlive this one: each leads a process group, and the group is ended as a whole.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const groups = new Set();

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Whatever happens, nothing that was started stays behind: neither after an error nor after Ctrl-C. */
process.on('exit', () => {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => process.exit(code));
}

export class Child {
  /** Resolves to the exit code, or to the name of the signal that ended it. */
  exited;

  constructor(name, command, args, { log, env = {}, cwd }) {
    this.name = name;
    this.log = log;
    const file = openSync(log, 'w');
    const options = { cwd, env: { ...process.env, ...env }, stdio: ['ignore', file, file], detached: true };
    this.process = spawn(command, args, options);
    closeSync(file);
    this.ended = null;
    if (this.process.pid !== undefined) groups.add(this.process.pid);
    this.exited = new Promise((resolve) => {
      const end = (result) => resolve((this.ended ??= result));
      this.process.once('error', (error) => end(error.message));
      this.process.once('exit', (code, signal) => end(code ?? signal));
    });
  }

  output() {
    return readFileSync(this.log, 'utf8');
  }

  lastLines(count) {
    return this.output().trim().split('\n').slice(-count).join('\n');
  }

  /** The process alone: what a supervisor would do. */
  signal(signal) {
    this.process.kill(signal);
  }

  /** Ends the whole group, children of children too; gently first. */
  async end(grace_ms = 15_000) {
    const { pid } = this.process;
    if (pid === undefined) return;
    if (this.ended === null) signalGroup(pid, 'SIGTERM');
    const deadline = Date.now() + grace_ms;
    while (signalGroup(pid, 0) && Date.now() < deadline) await sleep(100);
    signalGroup(pid, 'SIGKILL');
    groups.delete(pid);
  }
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
