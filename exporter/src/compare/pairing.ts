/**
 * Which requests of two targets are held against each other.
 *
 * Paired: the cluster is a conversation, and within it only turns that both targets answered count, equally often. Without
 * this a target that is further on (a window that has just begun, a result that broke off) has another mixture of short and
 * long prompts, and a target that sheds its slowest requests would be rewarded for it.
 */
import type { TimedRecord } from '../model/record';
import type { Steps } from '../stats/bootstrap';

export interface Matched {
  method: 'paired' | 'unpaired';
  /** Cluster ids, sorted; the same list twice when paired. */
  clusters: { baseline: string[]; candidate: string[] };
  baseline: TimedRecord[];
  candidate: TimedRecord[];
}

export const answered = (records: readonly TimedRecord[]) =>
  records.filter((record) => record.outcome === 'ok');

export const distinct = (values: Iterable<string>) => [...new Set(values)].sort();

export function* matchRecords(
  baseline: readonly TimedRecord[],
  candidate: readonly TimedRecord[],
): Steps<Matched> {
  const ofBaseline = byKey(answered(baseline), turnKey);
  yield;
  const ofCandidate = byKey(answered(candidate), turnKey);
  yield;
  const kept: { baseline: TimedRecord[]; candidate: TimedRecord[] } = { baseline: [], candidate: [] };
  for (const [key, left] of ofBaseline) {
    const right = ofCandidate.get(key);
    if (right === undefined) continue;
    kept.baseline.push(...equallyMany(left, right));
    kept.candidate.push(...equallyMany(right, left));
  }
  const common = distinct(kept.baseline.map((record) => record.conversation));
  if (common.length >= 2)
    return { method: 'paired', clusters: { baseline: common, candidate: common }, ...kept };
  const all = { baseline: answered(baseline), candidate: answered(candidate) };
  return {
    method: 'unpaired',
    clusters: {
      baseline: distinct(all.baseline.map((record) => record.conversation)),
      candidate: distinct(all.candidate.map((record) => record.conversation)),
    },
    ...all,
  };
}

const turnKey = (record: TimedRecord) => `${record.turn} ${record.conversation}`;

export function byKey(
  records: readonly TimedRecord[],
  keyOf: (record: TimedRecord) => string,
): Map<string, TimedRecord[]> {
  const groups = new Map<string, TimedRecord[]>();
  for (const record of records) {
    const key = keyOf(record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return groups;
}

/** As many of `mine` as there are of `theirs`: those of common rounds first, then the latest. */
function equallyMany(mine: readonly TimedRecord[], theirs: readonly TimedRecord[]): TimedRecord[] {
  if (mine.length <= theirs.length) return [...mine];
  const rounds = new Set(theirs.map((record) => record.round));
  return [...mine]
    .sort(
      (left, right) =>
        Number(rounds.has(right.round)) - Number(rounds.has(left.round)) ||
        right.round - left.round ||
        right.sent_at - left.sent_at,
    )
    .slice(0, theirs.length);
}
