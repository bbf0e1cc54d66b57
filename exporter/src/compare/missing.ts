/**
 * Requests that one side lacks although the other side shows that they belonged to the workload. A window cuts conversations
 * at both ends, and the quicker side is further on: neither may be taken for a loss.
 */
import type { TimedRecord } from '../model/record';
import { byKey } from './pairing';

/** A conversation that is absent counts only where at least this many common ones began before and after it. */
const NEIGHBOURS = 3;

const roundKey = (record: TimedRecord) => `${record.round} ${record.conversation}`;

/**
 * How many requests of `others` have no counterpart in `mine` and should have one. At each load level of a run the
 * conversations begin anew and each target ends by itself: what it had not come to by then is no loss at the next level.
 */
export function missingRequests(mine: readonly TimedRecord[], others: readonly TimedRecord[]): number {
  const [ofMine, ofOthers] = [byKey(mine, stageKey), byKey(others, stageKey)];
  let missing = 0;
  for (const [stage, theirs] of ofOthers) missing += missingOfStage(ofMine.get(stage) ?? [], theirs);
  return missing;
}

const stageKey = ({ stage }: TimedRecord) => String(stage ?? '');

function missingOfStage(mine: readonly TimedRecord[], others: readonly TimedRecord[]): number {
  const ofMine = byKey(mine, roundKey);
  const edges = runEdges(mine, ofMine);
  const ofOthers = byKey(others, roundKey);
  let missing = absentConversations(ofMine, ofOthers);
  for (const [key, theirs] of ofOthers) {
    const group = ofMine.get(key);
    if (group !== undefined) missing += missingTurns(group, theirs, edges);
  }
  return missing;
}

interface RunEdges {
  /** First and last send of each run, Unix seconds. */
  first: Map<string, number>;
  last: Map<string, number>;
  /** The longest pause between two turns of one conversation. */
  longestPause: number;
}

function runEdges(
  records: readonly TimedRecord[],
  groups: ReadonlyMap<string, readonly TimedRecord[]>,
): RunEdges {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { run, sent_at: at } of records) {
    first.set(run, Math.min(first.get(run) ?? Infinity, at));
    last.set(run, Math.max(last.get(run) ?? -Infinity, at));
  }
  let longestPause = 0;
  for (const group of groups.values()) {
    const times = group.map((record) => record.sent_at).sort((left, right) => left - right);
    times.forEach((time, index) => {
      longestPause = Math.max(longestPause, time - (times[index - 1] ?? time));
    });
  }
  return { first, last, longestPause };
}

/**
 * Turns that a conversation lacks: holes, and an end (a beginning) cut off while the run went on (had long begun). What follows
 * a recorded failure is not counted: the failure is.
 */
function missingTurns(mine: readonly TimedRecord[], theirs: readonly TimedRecord[], edges: RunEdges): number {
  if (mine.some((record) => record.outcome !== 'ok')) return 0;
  const turns = new Set(mine.map((record) => record.turn));
  const times = mine.map((record) => record.sent_at);
  const [firstTurn, lastTurn] = [Math.min(...turns), Math.max(...turns)];
  const run = mine[0]?.run ?? '';
  const stopped = (edges.last.get(run) ?? 0) - Math.max(...times) > edges.longestPause;
  const begunLate = Math.min(...times) - (edges.first.get(run) ?? 0) > edges.longestPause;
  const lacks = ({ turn }: TimedRecord) =>
    !turns.has(turn) && (turn > lastTurn ? stopped : turn < firstTurn ? begunLate : true);
  return theirs.filter(lacks).length;
}

/**
 * Requests of conversations that are absent on one side though it went through those before and after. Where one side lags behind
 * the other, its window has other conversations at its edges: an absence counts only where, by the lags of the common
 * conversations, its place lies inside of what the side has measured.
 */
function absentConversations(
  mine: ReadonlyMap<string, readonly TimedRecord[]>,
  theirs: ReadonlyMap<string, readonly TimedRecord[]>,
): number {
  const ordered = [...theirs]
    .map(([key, group]) => ({ key, size: group.length, start: startOf(group), common: mine.has(key) }))
    .sort((left, right) => left.start - right.start || (left.key < right.key ? -1 : 1));
  const common = ordered.filter((group) => group.common).length;
  const span = spanIn(mine, theirs);
  let before = 0;
  let missing = 0;
  for (const { common: isCommon, size, start } of ordered) {
    if (isCommon) before += 1;
    else if (before >= NEIGHBOURS && common - before >= NEIGHBOURS && start >= span.from && start <= span.to)
      missing += size;
  }
  return missing;
}

const startOf = (group: readonly TimedRecord[]) => Math.min(...group.map((record) => record.sent_at));

/** What my records cover, on their clock: narrowed by the least and the greatest lag with which I began the same conversations. */
function spanIn(
  mine: ReadonlyMap<string, readonly TimedRecord[]>,
  theirs: ReadonlyMap<string, readonly TimedRecord[]>,
): { from: number; to: number } {
  const begins = (group: readonly TimedRecord[] | undefined) =>
    group?.some(({ turn }) => turn === 1) ?? false;
  let [least, greatest] = [Infinity, -Infinity];
  let [first, last] = [Infinity, -Infinity];
  for (const [key, group] of mine) {
    for (const { sent_at } of group) [first, last] = [Math.min(first, sent_at), Math.max(last, sent_at)];
    const other = theirs.get(key);
    if (other === undefined || !begins(group) || !begins(other)) continue;
    const lag = startOf(group) - startOf(other);
    [least, greatest] = [Math.min(least, lag), Math.max(greatest, lag)];
  }
  return least > greatest ? { from: -Infinity, to: Infinity } : { from: first - least, to: last - greatest };
}
