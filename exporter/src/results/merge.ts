/** Parts of one target put together: several files of one level, shards of one run, repeats. */
import type { TimedRecord } from '../model/record';
import type { ResultPart } from '../model/result';
import { sameLevel } from './level';

/** Parts at the same level of the same workload, in their order. */
export function groupParts(parts: readonly ResultPart[]): [ResultPart, ...ResultPart[]][] {
  const groups: [ResultPart, ...ResultPart[]][] = [];
  for (const part of parts) {
    const same = groups.find(([one]) => sameLevel(one.level, part.level) && one.workload === part.workload);
    if (same === undefined) groups.push([part]);
    else same.push(part);
  }
  return groups;
}

const identity = (record: TimedRecord) =>
  [
    record.conversation,
    record.turn,
    record.round,
    record.prompt_tokens,
    record.ttft_ms,
    record.e2e_ms,
    record.outcome,
  ].join(' ');

/** Requests by the time at which they were sent: hardly two have it in common, and only these are looked at closely. */
class Seen {
  private readonly byTime = new Map<number, TimedRecord | Set<string>>();

  /** Whether the request was there already; from now on it is. */
  had(record: TimedRecord): boolean {
    const before = this.byTime.get(record.sent_at);
    if (before === undefined) {
      this.byTime.set(record.sent_at, record);
      return false;
    }
    const same = before instanceof Set ? before : new Set([identity(before)]);
    this.byTime.set(record.sent_at, same);
    const known = same.size;
    return same.add(identity(record)).size === known;
  }
}

/** From the first request to the last answer, on the clock of the records; of the requests that count. */
export function spanOf(records: readonly TimedRecord[]): [start: number, end: number] | null {
  let [start, end] = [Infinity, -Infinity];
  for (const record of records) {
    if (record.warmup === true) continue;
    start = Math.min(start, record.sent_at);
    end = Math.max(end, record.sent_at + (record.e2e_ms ?? 0) / 1000);
  }
  return end > start ? [start, end] : null;
}

/**
 * Seconds in which any of the parts was being measured: shards of one run overlap and count once, pauses between repeats do
 * not count. Null where a part does not tell.
 */
export function measuredSeconds(parts: readonly ResultPart[]): number | null {
  if (parts.some((part) => part.clock !== 'wall')) {
    return parts.reduce<number | null>((sum, part) => {
      const span = part.clock === 'relative' ? spanOf(part.records ?? []) : null;
      const own = part.wall_seconds ?? (span === null ? null : span[1] - span[0]);
      return sum === null || own === null ? null : sum + own;
    }, 0);
  }
  const only = parts[0];
  if (parts.length === 1 && only !== undefined && only.wall_seconds !== null) return only.wall_seconds;
  const spans = parts.flatMap((part) => [spanOf(part.records ?? [])].filter((span) => span !== null));
  let [total, reached] = [0, -Infinity];
  for (const [start, end] of spans.sort(([left], [right]) => left - right)) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total > 0 ? total : null;
}

export interface Merged {
  part: ResultPart;
  duplicates: number;
}

/**
 * Raw parts as one. A request that stands in two files counts once; without a clock equal lines may be different requests, so
 * there all count. Repeats of a level are told apart by their round (a Taillight run knows its rounds itself).
 */
export function merge(parts: readonly [ResultPart, ...ResultPart[]]): Merged {
  const [{ first_turns, ...first }] = parts;
  const seen = new Seen();
  const records: TimedRecord[] = [];
  let duplicates = 0;
  parts.forEach((part, index) => {
    const renumber = parts.length > 1 && part.format !== 'taillight-run';
    for (const record of part.records ?? []) {
      if (part.clock !== 'order' && seen.had(record)) {
        duplicates += 1;
        continue;
      }
      records.push(renumber ? { ...record, round: record.round * parts.length + index } : record);
    }
  });
  return {
    part: {
      ...first,
      // Of several files each numbers for itself.
      ...(parts.length === 1 && first_turns !== undefined ? { first_turns } : {}),
      records,
      wall_seconds: measuredSeconds(parts),
      requests_missing: parts.reduce((sum, part) => sum + part.requests_missing, 0),
      notes: [...new Set(parts.flatMap((part) => part.notes))],
    },
    duplicates,
  };
}
