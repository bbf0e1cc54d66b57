/** Where a command writes to: a parameter, so that tests can read along. */
export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}
