import { parseArgs } from 'node:util';
import { ARMS, runArm } from '../selftest/arms';
import { armResult, judge, type LevelResult } from '../selftest/judge';
import { firstMessage, measureArm, startBundle, type Start } from '../selftest/measure';
import { startStampServer } from '../selftest/stamp-server';
import { untilSignal, type Command } from './command';
import { firstLine, type Io } from './io';

const HELP = `usage: taillight selftest [--streams 16,64,128] [--seconds N] [--json]

Measures the error of Taillight's own TTFT (reported - true) against a stamping server in a process of its own, beside a bare
node:http client in the same minutes. Exit 3 when the error is more than 1.5 times the bare client's.

  --streams LIST   concurrent streams of 50 tokens/s (default 16,64,128)
  --seconds N      per client and turn; each has two turns (default 12)
  --json           the figures as JSON
`;

/** Ours, bare, bare, ours: a machine that grows slower or faster meanwhile favours nobody. */
const ORDER = ['ours', 'bare', 'bare', 'ours'] as const;

async function measureLevel(
  start: Start,
  port: number,
  streams: number,
  seconds: number,
): Promise<LevelResult> {
  const errors: Record<(typeof ORDER)[number], number[]> = { ours: [], bare: [] };
  for (const arm of ORDER) errors[arm].push(...(await measureArm(start, arm, port, streams, seconds)));
  return { streams, ours: armResult(errors.ours), bare: armResult(errors.bare) };
}

const figures = ({ p50_ms, p99_ms, n }: LevelResult['ours']) =>
  `${p50_ms.toFixed(2).padStart(7)} ${p99_ms.toFixed(2).padStart(8)} ${String(n).padStart(6)}`;

function print(levels: LevelResult[], io: Io): void {
  io.stdout('TTFT error (reported - true) in ms; the server stamps in a process of its own\n\n');
  io.stdout('          Taillight                bare node:http\n');
  io.stdout('streams      P50      P99      n      P50      P99      n   judgement\n');
  for (const level of levels) {
    const { streams, ours, bare } = level;
    io.stdout(`${String(streams).padStart(7)}  ${figures(ours)}  ${figures(bare)}   ${judge(level)}\n`);
  }
}

export const selftest: Command = async (argv, io, { entry }) => {
  let options;
  try {
    options = parseArgs({
      args: argv,
      options: {
        streams: { type: 'string', default: '16,64,128' },
        seconds: { type: 'string', default: '12' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    io.stderr(`taillight selftest: ${firstLine(error)}; see taillight selftest --help\n`);
    return 2;
  }
  if (options.help) {
    io.stdout(HELP);
    return 0;
  }
  const seconds = Number(options.seconds);
  const streams = options.streams.split(',').map(Number);
  const wrong = [
    ...(seconds >= 4 && seconds <= 600 ? [] : [`--seconds is 4 to 600, not ${options.seconds}`]),
    ...(streams.every((n) => Number.isInteger(n) && n >= 1 && n <= 1024)
      ? []
      : [`--streams is a list of whole numbers from 1 to 1024, not ${options.streams}`]),
  ];
  if (wrong.length > 0) {
    io.stderr(`taillight selftest: ${wrong.join('; ')}\n`);
    return 2;
  }
  const start = startBundle(entry);
  const server = start(['stamp-server']);
  try {
    const { port } = await firstMessage<{ port: number }>(server);
    const levels: LevelResult[] = [];
    for (const n of streams) levels.push(await measureLevel(start, port, n, seconds));
    if (options.json)
      io.stdout(`${JSON.stringify(levels.map((level) => ({ ...level, judgement: judge(level) })))}\n`);
    else print(levels, io);
    return levels.some((level) => judge(level) === 'too slow') ? 3 : 0;
  } finally {
    server.kill('SIGTERM');
  }
};

/** Inner process: the stamping server. */
export const stampServer: Command = async () => {
  const port = await startStampServer();
  process.send?.({ port });
  const parentGone = new Promise<void>((resolve) => process.once('disconnect', () => resolve()));
  await Promise.race([untilSignal(['SIGTERM', 'SIGINT']), parentGone]);
  process.exit(0);
};

/** Inner process: one client for a while; tells what it reported. */
export const selftestArm: Command = async ([arm = '', port, streams, seconds]) => {
  const create = ARMS[arm];
  if (create === undefined || process.send === undefined) return 1;
  const label = `${arm}-${process.pid}`;
  const reported = await runArm(create, Number(port), Number(streams), Number(seconds), label);
  await new Promise((resolve) => process.send?.(reported, resolve));
  process.disconnect();
  return 0;
};
