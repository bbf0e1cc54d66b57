import type { Io } from '../io';
import type { Companions } from './companions';

/** Waits until Prometheus and the others work, or a signal says that nobody wants them any more. @returns false: they do not work. */
export async function companionsReady(
  companions: Companions,
  asked: Promise<unknown>,
  io: Io,
): Promise<boolean> {
  io.stdout(`Starting ${companions.names} …\n`);
  const unwanted = new AbortController();
  void asked.then(() => unwanted.abort());
  const complaint = await companions.ready(unwanted.signal);
  if (complaint !== null) io.stderr(`taillight demo: ${complaint}\n`);
  else if (!unwanted.signal.aborted) io.stdout(companions.addresses());
  return complaint === null;
}
