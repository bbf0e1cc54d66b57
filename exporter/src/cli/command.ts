import type { Io } from './io';

export interface CommandContext {
  /** Path of the running bundle: what threads and inner processes are started from. */
  entry: string;
}

/** Resolves to the exit code: 0 fine, 1 bug, 2 bad input or configuration, 3 a gate failed. */
export type Command = (argv: string[], io: Io, context: CommandContext) => Promise<number>;

/** Resolves with the first of the signals; a second one ends the process at once. */
export function untilSignal(signals: NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of signals) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve(signal);
      });
    }
  });
}
