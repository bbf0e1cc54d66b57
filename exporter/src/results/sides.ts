/** What was read for one side of a comparison, put together by load level. */
import type { Level, ResultPart, ResultSet, Unread } from '../model/result';
import { sameLevel } from './level';
import { groupParts, merge } from './merge';

/** One level of one workload of one side: raw records, or the summaries of its runs. */
export interface SideLevel {
  level: Level | null;
  workload: string | null;
  /** The records of all files of the level; null where it has summaries only. */
  raw: ResultPart | null;
  summaries: ResultPart[];
  duplicates: number;
}

export interface Side {
  name: string;
  levels: SideLevel[];
  unread: Unread[];
}

export function sideOf(name: string, { parts, unread }: Pick<ResultSet, 'parts' | 'unread'>): Side {
  const levels = groupParts(parts).map((group): SideLevel => {
    const [first] = group;
    const raw = group.filter((part) => part.records !== null);
    const [head, ...tail] = raw;
    const merged = head === undefined ? null : merge([head, ...tail]);
    return {
      level: first.level,
      workload: first.workload,
      raw: merged?.part ?? null,
      summaries: merged === null ? group : [],
      duplicates: merged?.duplicates ?? 0,
    };
  });
  return { name, levels: levels.sort(byLevel), unread };
}

const byLevel = (left: SideLevel, right: SideLevel) =>
  compareText(left.workload ?? '', right.workload ?? '') ||
  compareText(left.level?.unit ?? '', right.level?.unit ?? '') ||
  (left.level?.value ?? 0) - (right.level?.value ?? 0);

const compareText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);

export interface MatchedLevels {
  pairs: { baseline: SideLevel; candidate: SideLevel }[];
  unmatched: { side: 'baseline' | 'candidate'; level: SideLevel }[];
}

/**
 * Levels that both sides have. Where each side has a single level and one of them does not tell its load, these two are held
 * against each other.
 */
export function matchLevels(baseline: Side, candidate: Side): MatchedLevels {
  const [onlyLeft, onlyRight] = [baseline.levels, candidate.levels].map((levels) =>
    levels.length === 1 ? levels[0] : undefined,
  );
  if (onlyLeft !== undefined && onlyRight !== undefined && compatible(onlyLeft, onlyRight))
    return { pairs: [{ baseline: onlyLeft, candidate: onlyRight }], unmatched: [] };
  const pairs = baseline.levels.flatMap((one) => {
    const other = candidate.levels.find((two) => same(one, two));
    return other === undefined ? [] : [{ baseline: one, candidate: other }];
  });
  const left = baseline.levels.filter((one) => !pairs.some((pair) => pair.baseline === one));
  const right = candidate.levels.filter((one) => !pairs.some((pair) => pair.candidate === one));
  return {
    pairs,
    unmatched: [
      ...left.map((level) => ({ side: 'baseline' as const, level })),
      ...right.map((level) => ({ side: 'candidate' as const, level })),
    ],
  };
}

const same = (left: SideLevel, right: SideLevel) =>
  sameLevel(left.level, right.level) && left.workload === right.workload;

/** Single levels that do not contradict each other. */
const compatible = (left: SideLevel, right: SideLevel) =>
  (left.level === null || right.level === null || sameLevel(left.level, right.level)) &&
  (left.workload === null || right.workload === null || left.workload === right.workload);
