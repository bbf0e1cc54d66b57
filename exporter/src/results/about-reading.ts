/** What is to be said about the reading of two results, as caveats. */
import type { Caveat } from '../model/comparison';
import { plural } from '../report/format';
import { levelName } from './level';
import type { MatchedLevels, Side } from './sides';

/** What is to be said about the reading itself: levels left out, files not read, duplicates, notes of readers. */
export function aboutReading(baseline: Side, candidate: Side, { pairs, unmatched }: MatchedLevels): Caveat[] {
  const sides = [
    { side: baseline, levels: pairs.map((pair) => pair.baseline), role: 'baseline' },
    { side: candidate, levels: pairs.map((pair) => pair.candidate), role: 'candidate' },
  ] as const;
  return sides.flatMap(({ side, levels, role }): Caveat[] => {
    const target = side.name;
    const alone = unmatched
      .filter((one) => one.side === role)
      .map(({ level }) => levelName(level.level, level.workload));
    const duplicates = levels.reduce((sum, one) => sum + one.duplicates, 0);
    const notes = new Set(
      levels.flatMap(({ raw, summaries }) => [
        ...(raw?.notes ?? []),
        ...summaries.flatMap((part) => part.notes),
      ]),
    );
    const said = (reason: Caveat['reason'], holds: boolean, text: string): Caveat[] =>
      holds ? [{ reason, target, text }] : [];
    return [
      ...said('levels_unmatched', alone.length > 0, `Only ${target} has ${alone.join('; ')}: left out`),
      ...said(
        'not_all_read',
        side.unread.length > 0,
        `${target}: ${plural(side.unread.length, 'file or line', 'files or lines')} could not be read`,
      ),
      ...said(
        'duplicates',
        duplicates > 0,
        `${target}: ${plural(duplicates, 'request')} stood in it twice and counted once`,
      ),
      ...[...notes].flatMap((text) => said('noted', true, `${target}: ${text}`)),
    ];
  });
}
