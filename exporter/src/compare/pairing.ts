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
  baseline: readonly TimedRecord[];
  candidate: readonly TimedRecord[];
  /** Requests that both answered: same conversation, turn and round. None when unpaired. */
  common: (readonly [TimedRecord, TimedRecord])[];
}

/** The answered requests of a target, and the ids of their conversations, sorted. */
export interface Answered {
  answers: readonly TimedRecord[];
  conversations: readonly string[];
}

export const answered = (records: readonly TimedRecord[]) =>
  records.filter((record) => record.outcome === 'ok');

export const distinct = (values: Iterable<string>) => [...new Set(values)].sort();

export function* matchRecords(baseline: Answered, candidate: Answered): Steps<Matched> {
  const ofBaseline = byKey(baseline.answers, turnKey);
  yield;
  const ofCandidate = byKey(candidate.answers, turnKey);
  yield;
  const kept = {
    baseline: [] as TimedRecord[],
    candidate: [] as TimedRecord[],
    common: [] as (readonly [TimedRecord, TimedRecord])[],
  };
  const conversations = new Set<string>();
  for (const [key, left] of ofBaseline) {
    const right = ofCandidate.get(key);
    if (right === undefined) continue;
    const [mine, theirs] = [equallyMany(left, right), equallyMany(right, left)];
    kept.baseline.push(...mine);
    kept.candidate.push(...theirs);
    kept.common.push(...sameRounds(mine, theirs));
    if (mine[0] !== undefined) conversations.add(mine[0].conversation);
  }
  if (conversations.size >= 2) {
    const ids = baseline.conversations.filter((id) => conversations.has(id));
    return { method: 'paired', clusters: { baseline: ids, candidate: ids }, ...kept };
  }
  return {
    method: 'unpaired',
    clusters: { baseline: [...baseline.conversations], candidate: [...candidate.conversations] },
    baseline: baseline.answers,
    candidate: candidate.answers,
    common: [],
  };
}

/** Requests of one turn of one conversation by their rounds; of those that are alike in everything, the n-th with the n-th. */
function sameRounds(
  mine: readonly TimedRecord[],
  theirs: readonly TimedRecord[],
): (readonly [TimedRecord, TimedRecord])[] {
  const [one, other] = [mine[0], theirs[0]];
  if (mine.length === 1 && one !== undefined && other !== undefined && one.round === other.round)
    return [[one, other]];
  const rest = [...theirs];
  return mine.flatMap((record) => {
    const at = rest.findIndex(({ round }) => round === record.round);
    return rest.splice(at, at < 0 ? 0 : 1).map((found) => [record, found] as const);
  });
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
function equallyMany(mine: readonly TimedRecord[], theirs: readonly TimedRecord[]): readonly TimedRecord[] {
  if (mine.length <= theirs.length) return mine;
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
