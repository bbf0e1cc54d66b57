import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { WorkloadConfig } from '../model/config';
import { OUTCOMES, type ProbeRecord, type RunHeader, type TimedRecord } from '../model/record';
import { VERSION } from '../version';
import { makeFolder } from './make-folder';

/** What each time means; stands in the header of every results file. */
export const DEFINITIONS: Record<string, string> = {
  ttft_ms: 'first non-empty content, reasoning or tool-call delta - request handed to the socket',
  e2e_ms: 'last token - request handed to the socket',
  tpot_ms: "(last token - first token) / (completion tokens - 1), tokens from the server's usage",
  itl_ms: 'gaps between token-bearing events (inter-chunk: one event may hold several tokens)',
  clock: 'monotonic, milliseconds since `started`',
};

/** The first line of a results file. */
export function runHeader(
  run: string,
  started: Date,
  targets: readonly string[],
  workload: WorkloadConfig,
): RunHeader {
  return {
    schema: 'taillight.run/1',
    run,
    started: started.toISOString(),
    targets: [...targets],
    workload: { ...workload },
    definitions: DEFINITIONS,
    versions: { taillight: VERSION, node: process.versions.node },
  };
}

/** Lines kept while the disk refuses them; beyond that the oldest are given up (they stay in the statistics). */
const MAX_PENDING = 100_000;

/** Of a long backlog only so much is made ready for a write that may fail. */
const LINES_PER_WRITE = 1000;

export type WriteResult = { ok: true } | { ok: false; error: string };

/**
 * Appends records to a `run.jsonl`, one write per record and in order, so that the file is complete up to the last whole
 * line whenever the process dies. A write that fails is tried again with the next one: a full disk loses nothing that fits
 * into memory.
 */
export class RunWriter {
  private pending: string[];
  private file: FileHandle | null = null;
  private position = 0;
  private work: Promise<WriteResult> = Promise.resolve({ ok: true });

  constructor(
    readonly path: string,
    header: RunHeader,
  ) {
    this.pending = [`${JSON.stringify(header)}\n`];
  }

  /** Queues the record and resolves when it is written, or with the reason why not yet. */
  append(record: ProbeRecord): Promise<WriteResult> {
    this.pending.push(`${JSON.stringify(record)}\n`);
    if (this.pending.length > MAX_PENDING) this.pending.splice(1, this.pending.length - MAX_PENDING);
    return this.flush();
  }

  flush(): Promise<WriteResult> {
    this.work = this.work.then(() => this.writePending());
    return this.work;
  }

  private async writePending(): Promise<WriteResult> {
    while (this.pending.length > 0) {
      const lines = this.pending.splice(0, LINES_PER_WRITE);
      try {
        await this.write(Buffer.from(lines.join('')));
      } catch (error) {
        this.pending = [...lines, ...this.pending];
        return { ok: false, error: (error as Error).message };
      }
    }
    return { ok: true };
  }

  private async write(bytes: Buffer): Promise<void> {
    // The folder may come late, as a volume does.
    if (this.file === null) await makeFolder(dirname(this.path), 0o750);
    this.file ??= await open(this.path, 'w', 0o640);
    // Always at our own position: a write that stopped half-way on a full disk is overwritten, not continued after its torn end.
    let written = 0;
    while (written < bytes.length) {
      const result = await this.file.write(bytes, written, bytes.length - written, this.position + written);
      written += result.bytesWritten;
    }
    this.position += bytes.length;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.position;
  }

  /** Writes what is still pending and closes the file. */
  async close(): Promise<WriteResult> {
    const result = await this.flush();
    // Of a line that the disk took half of, nothing stays.
    if (!result.ok) await this.file?.truncate(this.position).catch(() => undefined);
    await this.file?.close().catch(() => undefined);
    this.file = null;
    return result;
  }
}

export type RunFile =
  | { ok: true; header: RunHeader; records: TimedRecord[]; skipped: { line: number; reason: string }[] }
  | { ok: false; error: string };

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isNumberOrNull = (value: unknown): boolean => value === null || isNumber(value);

/** The reason why a value is no record, or null when it is one. */
export function recordMistake(value: Record<string, unknown>): string | null {
  for (const key of ['request_id', 'run', 'target', 'conversation']) {
    if (typeof value[key] !== 'string') return `${key} is not a string`;
  }
  for (const key of ['turn', 'intended_ms', 'sent_ms']) {
    if (!isNumber(value[key])) return `${key} is not a number`;
  }
  for (const key of ['ttft_ms', 'e2e_ms', 'tpot_ms', 'prompt_tokens', 'cached_tokens', 'completion_tokens']) {
    if (!isNumberOrNull(value[key])) return `${key} is neither a number nor null`;
  }
  if (!(OUTCOMES as readonly unknown[]).includes(value['outcome']))
    return 'outcome is not one of the known ones';
  return null;
}

/**
 * Reads a results file. A torn last line (the process died while writing) and lines that are no records are skipped and
 * listed; only a file without a header cannot be used.
 */
export async function readRunFile(path: string): Promise<RunFile> {
  let header: RunHeader | null = null;
  let started = 0;
  const records: TimedRecord[] = [];
  const skipped: { line: number; reason: string }[] = [];
  let number = 0;
  const input = createReadStream(path, { encoding: 'utf8' });
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (line === '') continue;
      const value = parseLine(line);
      if (header === null) {
        started = Date.parse(String(value?.['started']));
        if (value?.['schema'] !== 'taillight.run/1' || Number.isNaN(started)) {
          return { ok: false, error: `${path}: line ${number}: not a taillight.run/1 header` };
        }
        header = value as unknown as RunHeader;
        continue;
      }
      const reason = value === null ? 'not a JSON object' : recordMistake(value);
      if (value === null || reason !== null) {
        skipped.push({ line: number, reason: reason ?? 'not a JSON object' });
        continue;
      }
      const record = value as unknown as ProbeRecord;
      records.push({ ...record, sent_at: (started + record.sent_ms) / 1000 });
    }
  } catch (error) {
    return { ok: false, error: `${path}: ${(error as Error).message}` };
  } finally {
    input.destroy();
  }
  if (header === null) return { ok: false, error: `${path}: the file is empty` };
  return { ok: true, header, records, skipped };
}
