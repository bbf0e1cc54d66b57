import { parseArgs } from 'node:util';
import { invalidFleetOption, runFleet, type FleetOptions } from '../../../demo/fleet/main';
import { SCENARIOS } from '../../../demo/fleet/scenario';
import { untilSignal, type Command } from './command';
import { firstLine } from './io';

export const FLEET_USAGE = `Usage: taillight fleet [options]
  The two simulated fleets of the demo by themselves, until Ctrl-C; their addresses are printed as JSON.
  --scenario NAME   ${SCENARIOS.join(', ')} (multi-turn)
  --replicas N      of each fleet (4)
  --only SIDE       baseline or candidate alone
  --host HOST       address to listen on (127.0.0.1)
  --port PORT       first of a range of 64 ports; 0: any free ones (0)
  --seed N          of everything that is drawn at random (1)
`;

/** What the parent process is told over IPC when the fleets answer. */
export interface FleetReady {
  type: 'ready';
  fleet: Omit<Awaited<ReturnType<typeof runFleet>>, 'stop'>;
}

const SIDES = ['baseline', 'candidate'] as const;

/** Throws one line about what cannot be; null: the usage is asked for. */
function fleetOptions(argv: string[]): FleetOptions | null {
  const { values } = parseArgs({
    args: argv,
    options: {
      help: { type: 'boolean', short: 'h' },
      scenario: { type: 'string', default: 'multi-turn' },
      replicas: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      only: { type: 'string' },
    },
  });
  if (values.help === true) return null;
  const only = SIDES.find((side) => side === values.only);
  if (values.only !== undefined && only === undefined)
    throw new Error(`--only takes ${SIDES.join(' or ')}, not ${values.only}`);
  const whole = (name: 'replicas' | 'seed' | 'port') => {
    if (!/^\d+$/.test(values[name])) throw new Error(`--${name} takes a whole number, not ${values[name]}`);
    return Number(values[name]);
  };
  const options: FleetOptions = {
    scenario: values.scenario as FleetOptions['scenario'],
    replicas: whole('replicas'),
    seed: whole('seed'),
    host: values.host,
    base_port: whole('port'),
    ...(only !== undefined && { only }),
  };
  const invalid = invalidFleetOption(options);
  if (invalid !== null) throw new Error(invalid);
  return options;
}

/** The simulated fleets in a process of their own; ends with its parent. */
export const fleet: Command = async (argv, io) => {
  let running;
  try {
    const options = fleetOptions(argv);
    if (options === null) {
      io.stdout(FLEET_USAGE);
      return 0;
    }
    running = await runFleet(options);
  } catch (error) {
    io.stderr(`taillight fleet: ${firstLine(error)}; see taillight fleet --help\n`);
    return 2;
  }
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
