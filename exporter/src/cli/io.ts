/** Where a command writes to: a parameter, so that tests can read along. */
export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

/** What is wrong, in one line and without Node's advice on odd positional arguments, which hides it. */
export const firstLine = (error: unknown): string =>
  ((error as Error).message.split('\n')[0] ?? '').replace(/\. To specify a positional argument .*$/, '');
