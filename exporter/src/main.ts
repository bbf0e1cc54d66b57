import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';
import { check } from './cli/check';
import type { Command } from './cli/command';
import { compare } from './cli/compare';
import { companionGuard } from './cli/companions/guard';
import { demo } from './cli/demo';
import { fleet } from './cli/fleet';
import { inspect } from './cli/inspect';
import { run } from './cli/run';
import { selftest, selftestArm, stampServer } from './cli/selftest';
import { serve } from './cli/serve';
import { isProbeThreadData } from './probe/probe-thread-protocol';
import { runProbeThread } from './probe/probe-worker';
import { VERSION } from './version';

const COMMANDS: Record<string, { run: Command; summary: string }> = {
  serve: { run: serve, summary: 'the exporter: live probes, scrapes, /metrics, /api/v1/comparison' },
  run: { run, summary: 'one benchmark with an end: report, results, gates' },
  compare: {
    run: (argv, io, { entry }) => compare(argv, io, entry),
    summary: 'two results of any tool: levels, percentiles, verdicts',
  },
  demo: { run: demo, summary: 'the whole product against two simulated fleets on this machine' },
  inspect: { run: inspect, summary: 'what Taillight reads from a /metrics page (URL or file)' },
  check: {
    run: (argv, io) => check(argv, io),
    summary: 'validates the configuration and reaches every endpoint',
  },
  selftest: { run: selftest, summary: 'measures the error of its own TTFT' },
  fleet: { run: fleet, summary: 'the simulated fleets of the demo by themselves' },
};

/** Processes that the commands above start for themselves. */
const INNER: Record<string, Command> = {
  'companion-guard': companionGuard,
  'stamp-server': stampServer,
  'selftest-arm': selftestArm,
};

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `taillight ${VERSION}: see what your most frustrated users see\n\nusage: taillight <command> [options]\n\n${lines.join('\n')}\n\ntaillight <command> --help tells more.\n`;
}

async function main(argv: string[]): Promise<number> {
  const io = {
    stdout: (text: string) => void process.stdout.write(text),
    stderr: (text: string) => void process.stderr.write(text),
  };
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout(usage());
    return 0;
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    io.stdout(`${VERSION}\n`);
    return 0;
  }
  const command = COMMANDS[name]?.run ?? INNER[name];
  if (command === undefined) {
    io.stderr(`taillight: unknown command "${name}"; known are ${Object.keys(COMMANDS).join(', ')}\n`);
    return 2;
  }
  return command(rest, io, { entry: fileURLToPath(import.meta.url) });
}

// A reader that has seen enough (`| head`) closes the pipe: that is no mistake, and what is measured goes on.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

if (!isMainThread && isProbeThreadData(workerData)) {
  await runProbeThread();
} else {
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`taillight: a mistake of Taillight's own: ${(error as Error).stack}\n`);
      process.exitCode = 1;
    },
  );
}
