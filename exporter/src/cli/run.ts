import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { evaluateGates } from '../gates/evaluate-gates';
import type { Gate } from '../gates/gate';
import { createLogger } from '../log';
import type { Comparison } from '../model/comparison';
import { ProbeThread } from '../probe/probe-thread';
import { createApp } from '../publish/app';
import { listen, type Listening } from '../publish/listen';
import { BoundedRun, countedRecords } from '../run/bounded-run';
import { openOutFolder, SUMMARY_FILE } from '../run/out-folder';
import { progressLine } from '../run/progress';
import { referenceOf } from '../run/reference-of';
import { runTextReport } from '../run/run-report';
import type { RunResult } from '../run/run-result';
import { writeResults } from '../run/write-results';
import { saveReference } from '../store/reference';
import { untilSignal, type Command } from './command';
import type { Io } from './io';
import { loadPlots } from './load-plots';
import { readRunOptions, RUN_HELP, type RunOptions } from './run-options';
import { appDeps } from './serve';

/** `taillight run`: one benchmark with an end. Exit code 0, 2 (options, disk, a silent target) or 3 (a gate failed). */
export const run: Command = async (argv, io, { entry }) => {
  const read = readRunOptions(argv, process.env);
  if (read === 'help') {
    io.stdout(RUN_HELP);
    return 0;
  }
  if (!read.ok) {
    for (const mistake of read.mistakes) io.stderr(`${mistake}\n`);
    return 2;
  }
  const { options } = read;
  const folder = await openOutFolder(options.out);
  if (folder.kind === 'unusable') {
    io.stderr(`taillight run: ${folder.reason}\n`);
    return 2;
  }
  if (folder.kind === 'complete') {
    io.stdout(
      `Run ${folder.marker.run} in ${options.out} ended at ${folder.marker.ended}; it is not repeated.\n`,
    );
    return judgeAgain(options, io);
  }
  return measure(options, io, entry);
};

async function measure(options: RunOptions, io: Io, entry: string): Promise<number> {
  const terminal = process.stderr.isTTY === true;
  const { config } = options;
  // A line of the log must not be drawn into the bar.
  const clear = terminal ? '\r\u001b[K' : '';
  const logger = createLogger(config.log, (line) => io.stderr(`${clear}${line}\n`));
  for (const detail of options.warnings) logger.warn('configuration_warning', { detail });
  const bounded = new BoundedRun(options, {
    logger,
    createProbes: (plan, events) => new ProbeThread(plan, events, { entryPath: entry }),
  });
  const listening = await startListening(bounded, options, io, entry);
  if (listening instanceof Error) {
    io.stderr(`taillight run: ${listening.message}\n`);
    return 2;
  }
  void untilSignal(['SIGINT', 'SIGTERM']).then(() => bounded.stop());
  const over = new AbortController();
  const shown = showProgress(bounded, io, terminal, over.signal);
  const end = await bounded.play();
  over.abort();
  await shown;
  if (end.kind === 'refused') {
    io.stderr(`taillight run: ${end.text}\n`);
    await bounded.close();
    await listening?.close();
    return 2;
  }
  const result = await bounded.result();
  const code = await tell(result, options, io, entry);
  await bounded.close();
  await listening?.close();
  return code;
}

async function startListening(
  bounded: BoundedRun,
  { listen: address, config }: RunOptions,
  io: Io,
  entry: string,
): Promise<Listening | null | Error> {
  if (address === null) return null;
  const logger = createLogger(config.log);
  const face = createApp(appDeps(bounded.exporter, logger, null, () => Promise.resolve({ ok: true }), entry));
  const listening = await listen(face, address.host, address.port).catch((error: Error) => error);
  if (!(listening instanceof Error)) {
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    io.stderr(`Metrics while it runs: http://${host}:${listening.port}/metrics\n`);
  }
  return listening;
}

/** Redraws a bar on a terminal every half second; elsewhere one line every ten seconds. */
async function showProgress(
  bounded: BoundedRun,
  io: Io,
  terminal: boolean,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  while (!signal.aborted) {
    await sleep(terminal ? 500 : 10_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const elapsed_seconds = (performance.now() - began) / 1000;
    const { progress: targets, level, failed } = bounded;
    const line = progressLine({ targets, level, elapsed_seconds, failed }, terminal);
    const columns = process.stderr.columns ?? 120;
    io.stderr(terminal ? `\r\u001b[K${line.slice(0, columns - 1)}` : `${line}\n`);
  }
  if (terminal) io.stderr('\r\u001b[K');
}

/** Prints and writes everything; the exit code. */
async function tell(result: RunResult, options: RunOptions, io: Io, entry: string): Promise<number> {
  io.stdout(`${runTextReport(result)}\n`);
  const silent = result.comparison.targets.filter(({ samples }) => samples.all === 0).map(({ name }) => name);
  const whole = silent.length === 0;
  const plots = await loadPlots(entry);
  const written = await writeResults(options.out, result, whole, { exports: options.exports, plots });
  if (written.undrawn !== null) io.stdout(`Without report.html and plots: ${written.undrawn}\n`);
  io.stdout(`Results in ${options.out}: ${filesText(['run.jsonl', ...written.files])}\n`);
  const problems = [
    ...(result.end.kind === 'disk'
      ? [`the run ended early, as its results could not be written: ${result.end.text}`]
      : []),
    ...(written.problem === null ? [] : [written.problem]),
    ...(whole || result.end.kind !== 'finished'
      ? []
      : [
          `no request was answered by ${silent.join(', ')}; the run is not complete and may be started again`,
        ]),
    ...(await keepReference(result, options)),
  ];
  for (const problem of problems) io.stderr(`taillight run: ${problem}\n`);
  const failed = judge(options.gates, result.comparison, io);
  if (problems.length > 0) return 2;
  return failed ? 3 : 0;
}

/** There are many plots, and their names tell little here. */
function filesText(files: readonly string[]): string {
  const isPlot = (name: string) => name.startsWith('plots/');
  const plots = files.filter(isPlot).length;
  const first = files.findIndex(isPlot);
  return files
    .flatMap((name, index) => (!isPlot(name) ? name : index === first ? `plots/ (${plots})` : []))
    .join(', ');
}

/** A run that was broken off is no reference. */
async function keepReference(result: RunResult, { reference_dir }: RunOptions): Promise<string[]> {
  if (reference_dir === null) return [];
  if (result.end.kind !== 'finished') return ['the run was broken off; it is not saved as the reference'];
  if (countedRecords(result).length === 0) return [];
  const problem = await saveReference(reference_dir, referenceOf(result));
  return problem === null ? [] : [problem];
}

/** True if a gate failed. */
function judge(gates: readonly Gate[], comparison: Comparison, io: Io): boolean {
  const results = evaluateGates(gates, comparison);
  if (results.length > 0) io.stdout(`\nGates:\n${results.map(({ text }) => `  ${text}\n`).join('')}`);
  return results.some(({ passed }) => !passed);
}

/** The gates of a run that is complete already. */
async function judgeAgain(options: RunOptions, io: Io): Promise<number> {
  if (options.gates.length === 0) return 0;
  const path = join(options.out, SUMMARY_FILE);
  try {
    return judge(options.gates, JSON.parse(await readFile(path, 'utf8')) as Comparison, io) ? 3 : 0;
  } catch (error) {
    io.stderr(
      `taillight run: ${path}: cannot be read (${(error as Error).message}); run it into another folder\n`,
    );
    return 2;
  }
}
