import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { untilSignal, type Command } from '../command';
import type { Launch } from './launch';

/** What the guard tells its parent. */
export interface ProgramEnded {
  name: Launch['name'];
  /** How it ended, in words. */
  how: string;
}

/** A program that does not end by itself within this after SIGTERM is killed. */
const GRACE_MS = 10_000;

/** Settings of some other Grafana on this machine must not reach ours. */
const foreign = (name: string) => name.startsWith('GF_');

function start({ command, args, env, log }: Launch): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !foreign(name));
  const file = openSync(log, 'a');
  try {
    return spawn(command, args, {
      stdio: ['ignore', file, file],
      env: { ...Object.fromEntries(inherited), ...env },
    });
  } finally {
    closeSync(file);
  }
}

/** Resolves to how the program ended; also when it could not be started at all. */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`),
    );
  });
}

/**
 * Inner process: runs the programs that its parent sends, and ends them when it is told to or when its parent is gone, however
 * that went: programs that know nothing of us would otherwise stay behind when the demo is killed.
 */
export const companionGuard: Command = async () => {
  const running = new Map<ChildProcess, Promise<unknown>>();
  process.on('message', (launches: Launch[]) => {
    for (const launch of launches) {
      const child = start(launch);
      const over = ended(child).then((how) => {
        running.delete(child);
        if (process.connected) process.send?.({ name: launch.name, how } satisfies ProgramEnded);
      });
      running.set(child, over);
    }
  });
  const parentGone = new Promise<void>((resolve) => process.once('disconnect', () => resolve()));
  await Promise.race([untilSignal(['SIGINT', 'SIGTERM']), parentGone]);
  for (const child of running.keys()) child.kill('SIGTERM');
  const impatient = setTimeout(() => {
    for (const child of running.keys()) child.kill('SIGKILL');
  }, GRACE_MS);
  await Promise.all(running.values());
  clearTimeout(impatient);
  if (process.connected) process.disconnect();
  return 0;
};
