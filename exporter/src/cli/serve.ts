import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { configFromTargets, loadConfig, type ConfigResult } from '../config/load-config';
import { Exporter } from '../exporter';
import { createLogger, type Logger } from '../log';
import type { Config } from '../model/config';
import { ProbeThread } from '../probe/probe-thread';
import { createApp, type AppDeps, type ReloadResult } from '../publish/app';
import { readLivePage } from '../publish/live-page';
import { listen } from '../publish/listen';
import { untilSignal, type Command } from './command';
import { firstLine, type Io } from './io';

const HELP = `usage: taillight serve --config taillight.yaml | --target NAME=URL --target NAME=URL … [--enable-lifecycle]

Probes every target with the same conversations, scrapes their replicas, compares them, and publishes
/metrics, /api/v1/comparison, /healthz and /readyz until SIGTERM. SIGHUP reads the configuration again.

  --config F           the configuration (docs/CONFIGURATION.md)
  --target NAME=URL    instead of a configuration; the first is the baseline
  --enable-lifecycle   POST /-/reload reads the configuration again (needs lifecycle_token_file)
`;

/** Short, sortable by eye, and different in every process. */
export const newRunId = () => `live-${randomBytes(4).toString('hex')}`;

export const serve: Command = async (argv, io, { entry }) => {
  const options = serveOptions(argv, io);
  if (typeof options === 'number') return options;
  const loaded = options.load();
  if (!loaded.ok) return refused(loaded.mistakes, io);
  const { config } = loaded;
  const logger = createLogger(config.log);
  for (const detail of loaded.warnings) logger.warn('configuration_warning', { detail });
  if (options.lifecycle && config.lifecycle_token_file === null) {
    io.stderr('taillight: --enable-lifecycle needs lifecycle_token_file in the configuration\n');
    return 2;
  }
  const exporter = new Exporter({
    config,
    run: newRunId(),
    logger,
    limits: { conversations: null, seconds: null, requests: null },
    createProbes: (plan, events) => new ProbeThread(plan, events, { entryPath: entry }),
  });
  // From here on a signal is not lost, however long the start takes.
  const ended = untilSignal(['SIGTERM', 'SIGINT']);
  const reload = serialised(async () => {
    await starting;
    return reloadConfig(options.load, config, exporter, logger);
  });
  const face = createApp(appDeps(exporter, logger, options.lifecycle ? config : null, reload, entry));
  const listening = await listen(face, config.listen.host, config.listen.port).catch((error: Error) => error);
  if (listening instanceof Error) {
    io.stderr(`taillight: ${listening.message}\n`);
    return 2;
  }
  logger.info('listening', {
    host: config.listen.host,
    port: listening.port,
    targets: config.targets.length,
  });
  const starting = exporter.start();
  const failed = (error: unknown) => logger.error('reload_failed', { detail: (error as Error).message });
  process.on('SIGHUP', () => void reload().catch(failed));
  await starting;
  const signal = await ended;
  logger.info('stopping', { signal });
  await exporter.stop();
  await listening.close();
  logger.info('stopped');
  return 0;
};

function serveOptions(argv: string[], io: Io): { load: () => ConfigResult; lifecycle: boolean } | number {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        config: { type: 'string' },
        target: { type: 'string', multiple: true },
        'enable-lifecycle': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      io.stdout(HELP);
      return 0;
    }
    const { config: path, target } = values;
    const lifecycle = values['enable-lifecycle'];
    if (path !== undefined && target === undefined) {
      return { load: () => loadConfig(path, process.env), lifecycle };
    }
    if (target !== undefined && path === undefined)
      return { load: () => configFromTargets(target), lifecycle };
    io.stderr('taillight serve: give either --config FILE or --target NAME=URL (twice or more)\n');
    return 2;
  } catch (error) {
    io.stderr(`taillight serve: ${firstLine(error)}; see taillight serve --help\n`);
    return 2;
  }
}

export function refused(mistakes: string[], io: Io): number {
  for (const mistake of mistakes) io.stderr(`${mistake}\n`);
  return 2;
}

export function appDeps(
  exporter: Exporter,
  logger: Logger,
  lifecycle: Config | null,
  reload: () => Promise<ReloadResult>,
  entry: string,
): AppDeps {
  const file = lifecycle?.lifecycle_token_file ?? null;
  return {
    page: (format) => exporter.page(format),
    comparison: () => exporter.comparison(),
    runs: () => exporter.runs(),
    live: (query) => exporter.liveState(query),
    // Built beside the bundle; a bundle that runs alone does without.
    livePage: readLivePage(join(dirname(entry), 'live')),
    notReady: () => exporter.notReady(),
    reload: file === null ? null : { token: () => readToken(file), run: reload },
    onError: (error) => logger.error('request_failed', { detail: (error as Error).message }),
  };
}

/** Read at each use, so that it may rotate; null lets nobody in. */
function readToken(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** What a running process cannot change. */
const FIXED = ['listen', 'data_dir', 'lifecycle_token_file', 'log'] as const;

async function reloadConfig(
  load: () => ConfigResult,
  first: Config,
  exporter: Exporter,
  logger: Logger,
): Promise<ReloadResult> {
  const loaded = load();
  if (!loaded.ok) {
    exporter.configRefused();
    logger.error('configuration_refused', { mistakes: loaded.mistakes.length, first: loaded.mistakes[0] });
    return { ok: false, mistakes: loaded.mistakes };
  }
  for (const detail of loaded.warnings) logger.warn('configuration_warning', { detail });
  for (const key of FIXED) {
    if (isDeepStrictEqual(loaded.config[key], first[key])) continue;
    logger.warn('configuration_warning', {
      detail: `${key}: is read at the start only; restart to change it`,
    });
  }
  await exporter.reconfigure(loaded.config);
  logger.info('configuration_reloaded', { targets: loaded.config.targets.length });
  return { ok: true };
}

/** One reload at a time: a second one waits for the first. */
function serialised<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
