import type { LogConfig } from './model/config';

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** One line per event. Fields never hold a secret or prompt text: callers pass names, numbers and reasons only. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

function logfmtValue(value: string | number | boolean | null): string {
  const text = String(value);
  return /^[\w.:/@%+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Formats one event as logfmt or JSON, with an ISO time; fields that are undefined are left out. */
export function formatEvent(
  format: LogConfig['format'],
  time: Date,
  level: Level,
  event: string,
  fields: LogFields = {},
): string {
  const known = Object.entries(fields).filter(
    (entry): entry is [string, string | number | boolean | null] => entry[1] !== undefined,
  );
  if (format === 'json') {
    return JSON.stringify({ time: time.toISOString(), level, event, ...Object.fromEntries(known) });
  }
  const pairs: [string, string | number | boolean | null][] = [
    ['time', time.toISOString()],
    ['level', level],
    ['event', event],
    ...known,
  ];
  return pairs.map(([name, value]) => `${name}=${logfmtValue(value)}`).join(' ');
}

/** Writes to standard error, so that standard output stays free for results. */
export function createLogger(
  config: LogConfig,
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Logger {
  const threshold = LEVELS.indexOf(config.level);
  const at = (level: Level) => (event: string, fields?: LogFields) => {
    if (LEVELS.indexOf(level) >= threshold)
      write(formatEvent(config.format, new Date(), level, event, fields));
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
