/** Two results held against each other: level by level, and pooled over the levels that both have. */
import type { ComparisonOptions } from '../compare/input';
import type { Comparison, LevelComparison } from '../model/comparison';
import type { RecordSeries, Unread } from '../model/result';
import { Draws } from '../stats/draws';
import { aboutReading } from './about-reading';
import { compareLevel, type Context, type LevelResult } from './compare-level';
import { levelName } from './level';
import { poolLevels } from './pool-levels';
import { matchLevels, type MatchedLevels, type Side } from './sides';

export interface ComparedResults {
  comparison: Comparison;
  /** Targets and levels of which only summaries are known have none. */
  series: RecordSeries[];
  /** Files and lines of both results that could not be used. */
  unread: Unread[];
}

export type CompareOutcome =
  ({ ok: true } & ComparedResults) | { ok: false; reason: string; unread: Unread[] };

/**
 * More conversations than `max_clusters` are drawn in groups of equal size. The width of an interval then errs by about
 * 1 / sqrt(2 x 256) = 4 %, as much as that of 2000 resamples itself, and large files are compared in seconds.
 */
export const DEFAULTS: ComparisonOptions = { min_effect: 0.05, resamples: 2000, seed: 1, max_clusters: 256 };

/**
 * Compares two results that `sideOf` has put together.
 *
 * @returns the comparison (`taillight.comparison/1`; `levels` where more than one load level was compared, and then the
 * top level pools them), or why nothing can be compared: nothing was read, or no load level is common.
 */
export function compareResults(
  baseline: Side,
  candidate: Side,
  options: Partial<ComparisonOptions> = {},
  generated = new Date(),
): CompareOutcome {
  const unread = [...baseline.unread, ...candidate.unread];
  const empty = [baseline, candidate].find(({ levels }) => levels.length === 0);
  if (empty !== undefined) return { ok: false, reason: whyEmpty(empty), unread };
  const matched = matchLevels(baseline, candidate);
  if (matched.pairs.length === 0) return { ok: false, reason: nothingCommon(baseline, candidate), unread };
  const context: Context = {
    names: [baseline.name, candidate.name],
    options: { ...DEFAULTS, ...options },
    generated,
    many: matched.pairs.length > 1,
    draws: new Draws(),
  };
  const levels = matched.pairs.map((pair, index) =>
    compareLevel(pair.baseline, pair.candidate, context, index),
  );
  const comparison = wholeComparison(levels, matched, context);
  const said = aboutReading(baseline, candidate, matched);
  for (const pair of comparison.comparisons) pair.caveats.push(...said);
  return { ok: true, comparison, series: levels.flatMap(seriesOf), unread };
}

function whyEmpty({ name, unread }: Side): string {
  const [first] = unread;
  if (first === undefined) return `${name}: nothing to compare`;
  const place = first.line === null ? first.file : `${first.file}:${first.line}`;
  return `${name}: no result could be read (${place}: ${first.reason})`;
}

function nothingCommon(baseline: Side, candidate: Side): string {
  const said = [baseline, candidate].map(
    ({ name, levels }) => `${name} has ${levels.map((one) => levelName(one.level, one.workload)).join('; ')}`,
  );
  return `the results have no load level in common: ${said.join(', ')}`;
}

function wholeComparison(
  levels: readonly LevelResult[],
  matched: MatchedLevels,
  context: Context,
): Comparison {
  const top = poolLevels(levels, context);
  const told = levels.flatMap((one): LevelComparison[] =>
    one.level === null
      ? []
      : [
          {
            level: one.level.value,
            unit: one.level.unit,
            ...(one.workload === null ? {} : { workload: one.workload }),
            targets: one.targets,
            comparisons: [one.pair],
          },
        ],
  );
  return {
    schema: 'taillight.comparison/1',
    generated: context.generated.toISOString(),
    baseline: context.names[0],
    targets: top.targets,
    comparisons: [top.pair],
    ...(told.length > 0 ? { levels: told } : {}),
    ...(matched.unmatched.length === 0
      ? {}
      : {
          unmatched_levels: matched.unmatched.map(({ side, level }) => ({
            target: context.names[side === 'baseline' ? 0 : 1],
            level: level.level?.value ?? null,
            unit: level.level?.unit ?? null,
            workload: level.workload,
          })),
        }),
  };
}

const seriesOf = ({ level, workload, inputs }: LevelResult): RecordSeries[] =>
  (inputs ?? []).map(({ observation, records }) => ({
    target: observation.name,
    level: level?.value ?? null,
    workload,
    records,
  }));
