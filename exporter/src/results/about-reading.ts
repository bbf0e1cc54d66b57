/** What is to be said about the reading of two results, as caveats. */
import type { Caveat } from '../model/comparison';
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
    return [
      ...(alone.length > 0
        ? [
            {
              reason: 'levels_unmatched' as const,
              target,
              text: `Only ${target} has ${alone.join('; ')}: left out`,
            },
          ]
        : []),
      ...(side.unread.length > 0
        ? [
            {
              reason: 'not_all_read' as const,
              target,
              text: `${target}: ${side.unread.length} files or lines could not be read`,
            },
          ]
        : []),
      ...(duplicates > 0
        ? [
            {
              reason: 'duplicates' as const,
              target,
              text: `${target}: ${duplicates} requests stood in it twice and were counted once`,
            },
          ]
        : []),
      ...[...notes].map((text) => ({ reason: 'noted' as const, target, text: `${target}: ${text}` })),
    ];
  });
}
