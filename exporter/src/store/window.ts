import type { TimedRecord } from '../model/record';

/** More records than this per target are not held by a process without an end; at one request a second that is a day. */
const MAX_RECORDS = 100_000;

/**
 * The latest records of each target, in memory. A target's window is the last `seconds` in which it answered: it ends at
 * its newest record, so that a deployment that was taken down stays comparable with the one that replaced it.
 */
export class RecordWindow {
  private readonly byTarget = new Map<string, TimedRecord[]>();

  constructor(
    private readonly seconds: number,
    private readonly max_records = MAX_RECORDS,
  ) {}

  add(record: TimedRecord): void {
    const records = this.byTarget.get(record.target) ?? [];
    if (!this.byTarget.has(record.target)) this.byTarget.set(record.target, records);
    records.push(record);
    // Requests end out of order, so the array is ordered by end; a little slack costs nothing, and the cut is amortised.
    if (records.length > 1000 && records.length % 500 === 0) this.trim(record.target, records);
    if (records.length > this.max_records) records.splice(0, records.length - this.max_records);
  }

  private trim(target: string, records: TimedRecord[]): void {
    const end = lastAnswer(records);
    if (end === null) return;
    this.byTarget.set(
      target,
      records.filter((record) => record.sent_at >= end - this.seconds),
    );
  }

  /** The records of the target's window, in the order in which they were sent. */
  records(target: string): TimedRecord[] {
    const records = this.byTarget.get(target) ?? [];
    const end = lastAnswer(records);
    if (end === null) return [...records];
    return records
      .filter((record) => record.sent_at >= end - this.seconds)
      .sort((a, b) => a.sent_at - b.sent_at);
  }

  /** Forgets targets that are no longer configured. */
  keepTargets(targets: ReadonlySet<string>): void {
    for (const target of this.byTarget.keys()) if (!targets.has(target)) this.byTarget.delete(target);
  }
}

/** When the target last answered: the newest `ok`, or the newest record of all where none was ok. */
export function lastAnswer(records: readonly TimedRecord[]): number | null {
  let ok: number | null = null;
  let any: number | null = null;
  for (const record of records) {
    any = Math.max(any ?? -Infinity, record.sent_at);
    if (record.outcome === 'ok') ok = Math.max(ok ?? -Infinity, record.sent_at);
  }
  return ok ?? any;
}
