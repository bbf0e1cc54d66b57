/** From what the user named to the two sides of a comparison. */
import { basename, dirname, resolve } from 'node:path';
import type { ResultFormat, ResultPart, ResultSet } from '../model/result';
import { sideOf, type Side } from './sides';

export interface Chosen {
  set: ResultSet;
  /** The target that the user asked for (`run.jsonl#vllm`); null: the only one. */
  target: string | null;
  /** The name that the user gave it; null: from the target or the path. */
  name: string | null;
}

export type Sides = { ok: true; baseline: Side; candidate: Side } | { ok: false; reason: string };

export const targetsOf = (parts: readonly ResultPart[]): string[] => [
  ...new Set(parts.flatMap((part) => part.target ?? [])),
];

/** The parts of one target; the reason where it is not clear which one is meant. */
function partsOf({ set, target }: Chosen): ResultPart[] | string {
  const targets = targetsOf(set.parts);
  if (target !== null) {
    if (targets.includes(target)) return set.parts.filter((part) => part.target === target);
    const there = targets.length === 0 ? 'it names no target' : `there are ${targets.join(', ')}`;
    return `${set.path} has no target "${target}": ${there}`;
  }
  if (targets.length > 1)
    return `${set.path} holds ${targets.join(', ')}: name one of them, as in ${set.path}#${targets[0] ?? ''}`;
  const tools = toolsOf(set.parts);
  return tools.length > 1
    ? `${set.path} holds results of ${tools.join(', ')}, which measured by themselves: name the folder of one`
    : set.parts;
}

/** Tools that make requests of their own; reports are made from another's. */
const TOOLS: Partial<Record<ResultFormat, string>> = {
  'taillight-run': 'Taillight',
  lmbench: 'LMBenchmark',
  guidellm: 'GuideLLM',
  'aiperf-records': 'AIPerf',
  'aiperf-summary': 'AIPerf',
  'inference-perf-requests': 'inference-perf',
  'inference-perf-summary': 'inference-perf',
  'vllm-bench': 'vllm bench serve',
  'multi-turn-log': 'the multi-turn benchmark',
};

const toolsOf = (parts: readonly ResultPart[]): string[] => [
  ...new Set(parts.flatMap(({ format }) => TOOLS[format] ?? [])),
];

/** Two results. Their names are those of their targets, or of their paths, whichever tells them apart. */
export function sidesOf(baseline: Chosen, candidate: Chosen): Sides {
  const parts = [partsOf(baseline), partsOf(candidate)] as const;
  const [left, right] = parts;
  if (typeof left === 'string') return { ok: false, reason: left };
  if (typeof right === 'string') return { ok: false, reason: right };
  const [first, second] = namesOf(baseline, candidate, [left, right]);
  if (first === second)
    return { ok: false, reason: `both results are called ${first}: give them names of their own, NAME=PATH` };
  return {
    ok: true,
    baseline: sideOf(first, { parts: left, unread: baseline.set.unread }),
    candidate: sideOf(second, { parts: right, unread: candidate.set.unread }),
  };
}

/** The two targets of one result, the first of them the baseline. */
export function sidesOfOne(set: ResultSet): Sides {
  const targets = targetsOf(set.parts);
  const [first, second] = targets;
  if (first === undefined || second === undefined) {
    const why = set.parts.length === 0 ? '' : ' and holds a single target';
    return { ok: false, reason: `${set.path} is one result${why}: name two results to compare` };
  }
  if (targets.length > 2)
    return {
      ok: false,
      reason: `${set.path} holds ${targets.join(', ')}: name two of them, as in ${set.path}#${first} ${set.path}#${second}`,
    };
  // Only a file that holds both tells which is the baseline; the order of folders' names does not.
  const together = new Set(set.parts.filter((part) => part.target === first).map(({ file }) => file));
  if (!set.parts.some((part) => part.target === second && together.has(part.file)))
    return {
      ok: false,
      reason: `${set.path} holds ${first} and ${second} apart, and does not tell which is the baseline: name it first, as in ${set.path}#${second} ${set.path}#${first}`,
    };
  const chosen = (target: string): Chosen => ({ set, target, name: null });
  const sides = sidesOf(chosen(first), chosen(second));
  // What could not be read of the one result is told once.
  return sides.ok ? { ...sides, candidate: { ...sides.candidate, unread: [] } } : sides;
}

function namesOf(
  baseline: Chosen,
  candidate: Chosen,
  parts: readonly [ResultPart[], ResultPart[]],
): [string, string] {
  const told = parts.map((side) => targetsOf(side)[0] ?? null);
  const paths = [baseline, candidate].map(({ set }) => pathNames(set.path));
  const options: [string | null | undefined, string | null | undefined][] = [
    [told[0], told[1]],
    ...[0, 1, 2].map((depth): [string | undefined, string | undefined] => [
      paths[0]?.[depth],
      paths[1]?.[depth],
    ]),
    ['baseline', 'candidate'],
  ];
  const apart = options.find(([one, other]) => one && other && one !== other) ?? [];
  return [baseline.name ?? apart[0] ?? 'baseline', candidate.name ?? apart[1] ?? 'candidate'];
}

/** Name of the file or folder without its ending, then those of the folders above it. */
function pathNames(path: string): string[] {
  const whole = resolve(path);
  const above = dirname(whole);
  return [
    basename(whole).replace(/(\.(csv|jsonl?|ya?ml|txt|log))?(\.gz)?$/i, ''),
    basename(above),
    basename(dirname(above)),
  ];
}
