import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandContext } from './command';
import type { FleetReady } from './fleet';

/** The fleets need a moment; a machine that takes longer than this is in trouble. */
const FLEET_START_MS = 20_000;

export interface FleetProcess {
  addresses: FleetReady['fleet'];
  /** Resolves when the process is gone, and with it every server. */
  stop(): Promise<void>;
}

/** Starts `taillight fleet` with the given options in a process of its own, and waits until the fleets answer. */
export async function startFleet(
  args: readonly string[],
  { entry }: CommandContext,
): Promise<FleetProcess | Error> {
  const child = fork(entry, ['fleet', ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C reaches the whole group: the fleets must outlive the last answers, and end with us.
    detached: true,
  });
  const ready = new Promise<FleetReady['fleet']>((resolve, reject) => {
    child.once('message', (message: FleetReady) => resolve(message.fleet));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`exit code ${code}`)));
  });
  const late = sleep(FLEET_START_MS, null, { ref: false });
  const addresses = await Promise.race([ready, late]).catch((error: Error) => error);
  if (addresses instanceof Error) return addresses;
  if (addresses === null) {
    child.kill('SIGKILL');
    return new Error(`not ready after ${FLEET_START_MS / 1000} s`);
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  return { addresses, stop };
}
