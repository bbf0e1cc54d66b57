/** Why a file cannot be used, thrown inside readers and caught where the file was opened; everything else is a bug. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    /** 1-based line of the file, where known. */
    readonly line: number | null = null,
  ) {
    super(reason);
  }
}

const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'a symbolic link that leads in a circle',
  EISDIR: 'a folder, not a file',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
  Z_DATA_ERROR: 'the gzip data are damaged',
  Z_BUF_ERROR: 'the gzip data are cut off',
  Z_MEM_ERROR: 'the gzip data need too much memory',
};

/** The refusal that an error of the file system or of gzip amounts to; null for any other error. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return null;
  const known = SYSTEM[code];
  if (known !== undefined) return new Refusal(known);
  return /^(E[A-Z0-9]+|Z_[A-Z_]+|ERR_FS_[A-Z_]+)$/.test(code)
    ? new Refusal(`cannot be read (${code})`)
    : null;
}
