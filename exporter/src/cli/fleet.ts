import { parseArgs } from 'node:util';
import { runFleet, type FleetOptions } from '../../../demo/fleet/main';
import { untilSignal, type Command } from './command';

/** What the parent process is told over IPC when the fleets answer. */
export interface FleetReady {
  type: 'ready';
  fleet: Omit<Awaited<ReturnType<typeof runFleet>>, 'stop'>;
}

/** The simulated fleets in a process of their own; ends with its parent. */
export const fleet: Command = async (argv, io) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      scenario: { type: 'string', default: 'multi-turn' },
      replicas: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      only: { type: 'string' },
    },
  });
  const running = await runFleet({
    scenario: values.scenario as FleetOptions['scenario'],
    replicas: Number(values.replicas),
    seed: Number(values.seed),
    host: values.host,
    base_port: Number(values.port),
    ...(values.only !== undefined && { only: values.only as NonNullable<FleetOptions['only']> }),
  });
  const { stop, ...addresses } = running;
  const ready: FleetReady = { type: 'ready', fleet: addresses };
  if (process.send) process.send(ready);
  else io.stdout(`${JSON.stringify(addresses, null, 2)}\n`);
  const parentGone = new Promise<void>((resolve) => process.once('disconnect', () => resolve()));
  await Promise.race([untilSignal(['SIGINT', 'SIGTERM']), parentGone]);
  await stop();
  // The channel to the parent would keep this process alive.
  if (process.connected) process.disconnect();
  return 0;
};
