import type { Logger } from '../log';
import type { ProbeRecord, RunHeader } from '../model/record';
import { liveFile, prepareDataDir, removeOldLiveFiles } from './data-dir';
import { RunWriter } from './run-file';

/** A new live file is begun beyond this size, so that old ones can be removed. */
const ROTATE_BYTES = 64 * 1024 * 1024;

/**
 * Keeps live records on disk. A disk that is full or read-only is said once, counted, and tried again with every record;
 * measuring goes on.
 */
export class Recorder {
  private writer: RunWriter | null = null;
  private part = 0;
  private failing = false;

  constructor(
    private readonly data_dir: string,
    private readonly header: RunHeader,
    private readonly log: Logger,
    private readonly onError: () => void,
    private readonly rotate_bytes = ROTATE_BYTES,
  ) {}

  async start(): Promise<void> {
    const problem = await prepareDataDir(this.data_dir);
    if (problem !== null) this.told({ ok: false, error: problem });
    await removeOldLiveFiles(this.data_dir, Date.now() / 1000).catch(() => 0);
    this.open();
  }

  private open(): void {
    const name = this.part === 0 ? this.header.run : `${this.header.run}-${this.part}`;
    this.writer = new RunWriter(liveFile(this.data_dir, new Date(this.header.started), name), this.header);
  }

  async record(record: ProbeRecord): Promise<void> {
    if (this.writer === null) return;
    // Not while the disk refuses: what is pending belongs to the old file.
    if (this.writer.size > this.rotate_bytes && !this.failing) {
      const full = this.writer;
      this.part += 1;
      this.open();
      this.told(await full.close());
    }
    this.told(await this.writer.append(record));
  }

  private told(result: { ok: true } | { ok: false; error: string }): void {
    if (!result.ok) this.onError();
    if (!result.ok && !this.failing) {
      this.log.error('results_not_written', { data_dir: this.data_dir, reason: result.error });
    }
    if (result.ok && this.failing) this.log.info('results_written_again', { data_dir: this.data_dir });
    this.failing = !result.ok;
  }

  /** Writes what is pending; the records in memory are not touched. */
  async close(): Promise<void> {
    if (this.writer === null) return;
    const result = await this.writer.close();
    if (!result.ok) {
      this.log.error('results_lost', { data_dir: this.data_dir, reason: result.error });
    }
  }
}
