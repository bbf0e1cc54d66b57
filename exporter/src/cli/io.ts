/** Where a command writes to: a parameter, so that tests can read along. */
export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

/** What is wrong, in one line: Node explains a mistake in the options in several. */
export const firstLine = (error: unknown): string => (error as Error).message.split('\n')[0] ?? '';
