/** What the conversations are to be read from cannot be used; `message` is one line: what, where, how to mend. */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
}
