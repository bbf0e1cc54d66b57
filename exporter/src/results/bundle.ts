/**
 * What the files of one folder say together: several tools write the raw requests, their summary and a report of one run side
 * by side, and it must not count twice.
 */
import { relative, sep } from 'node:path';
import type { ResultFormat, ResultPart } from '../model/result';

/** Summaries that a tool writes of its own raw file. */
const SUMMARY_OF: Partial<Record<ResultFormat, ResultFormat>> = {
  'aiperf-records': 'aiperf-summary',
  'inference-perf-requests': 'inference-perf-summary',
};

/** What Taillight writes of its own `run.jsonl` in other tools' formats. */
const EXPORTS: readonly ResultFormat[] = ['lmbench', 'aiperf-records', 'benchmark-report'];

/**
 * Parts by folder, without those that only repeat a `run.jsonl` beside or above them.
 *
 * @param byFolder the folders' paths, and what was read in each.
 */
export function withoutExports<T extends { parts: ResultPart[] }>(byFolder: ReadonlyMap<string, T>): T[] {
  const runs = [...byFolder].flatMap(([folder, { parts }]) =>
    parts.some(({ format }) => format === 'taillight-run') ? folder : [],
  );
  return [...byFolder].map(([folder, found]) =>
    runs.some((run) => relative(run, folder).split(sep)[0] !== '..')
      ? { ...found, parts: found.parts.filter(({ format }) => !EXPORTS.includes(format)) }
      : found,
  );
}

/** The parts of one folder, without those that only repeat others. */
export function bundle(parts: readonly ResultPart[]): ResultPart[] {
  const raw = parts.filter((part) => part.records !== null);
  const told = parts.filter((part) => part.records === null);
  const covered = raw.map((part) => SUMMARY_OF[part.format]);
  const further = withoutRepeats(told.filter((part) => !covered.includes(part.format)));
  const completedRaw = raw.flatMap((part) => {
    const summaries = told.filter((one) => one.format === SUMMARY_OF[part.format]);
    if (part.format === 'inference-perf-requests') return byStage(part, withoutRepeats(summaries));
    return [summaries.length === 1 && summaries[0] !== undefined ? completed(part, summaries[0]) : part];
  });
  // A Benchmark Report beside raw results was made from them.
  return [...completedRaw, ...further.filter((one) => raw.length === 0 || one.format !== 'benchmark-report')];
}

/**
 * inference-perf writes a summary over all stages beside those of the stages, and a Benchmark Report of each: the stages are
 * kept, or the only summary there is, and reports with other numbers.
 */
function withoutRepeats(told: readonly ResultPart[]): ResultPart[] {
  const own = told.filter((part) => part.format === 'inference-perf-summary');
  const stages = own.filter((part) => /stage/i.test(part.file));
  const kept = stages.length > 0 ? stages : own;
  const mean = (part: ResultPart) => part.summary?.latencies.ttft.all?.mean ?? null;
  const repeats = (part: ResultPart) => mean(part) !== null && own.some((one) => mean(one) === mean(part));
  return told.filter((part) => {
    if (part.format === 'inference-perf-summary') return kept.includes(part);
    return part.format !== 'benchmark-report' || !repeats(part);
  });
}

/** A raw part with what only the tool's summary tells: level, model, wall time, and how many requests there were. */
function completed(part: ResultPart, summary: ResultPart): ResultPart {
  const told = summary.summary;
  const made = told === null || told.ok === null ? null : told.ok + (told.failed ?? 0);
  const recorded = part.records?.length ?? 0;
  return {
    ...part,
    level: summary.level ?? part.level,
    model: summary.model ?? part.model,
    wall_seconds: summary.wall_seconds ?? part.wall_seconds,
    requests_missing: made === null ? part.requests_missing : Math.max(0, made - recorded),
  };
}

/** Requests cut into the stages by the number of requests that each stage tells, in the order in which they were sent. */
function byStage(part: ResultPart, stages: readonly ResultPart[]): ResultPart[] {
  const records = [...(part.records ?? [])].sort((left, right) => left.sent_at - right.sent_at);
  const sizes = stages.map(({ summary }) => (summary?.ok ?? 0) + (summary?.failed ?? 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (stages.length === 0) return [part];
  if (total !== records.length) {
    return [
      { ...part, notes: [...part.notes, 'Its stages could not be told apart: the counts do not add up'] },
    ];
  }
  let from = 0;
  return stages.map((stage, index) => {
    const own = records.slice(from, (from += sizes[index] ?? 0));
    return { ...completed(part, stage), records: own, file: `${part.file} (${stage.file})` };
  });
}
