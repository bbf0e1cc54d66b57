/** What a candidate is worse in, in words. */
import type { Comparison, PairComparison } from '../model/comparison';
import { count, plural } from './format';
import { TURN_WORDS } from './verdict-sentence';

/** Metrics of imported results, which have no short name of their own. */
const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['generation', 'generation time'],
  ['token_rate', 'tokens per second of one answer'],
]);

/** `TTFT later turns P95` */
export const worseName = ({ metric, turn, quantile }: PairComparison['worse'][number]) =>
  turn === null || quantile === null
    ? metric.replaceAll('_', ' ')
    : `${LONG_NAMES.get(metric) ?? metric.toUpperCase()} ${TURN_WORDS[turn]} ${quantile.toUpperCase()}`;

/** So many losses of single load levels are named, those of most levels first. */
const MOST_OF_LEVELS = 8;

/**
 * All losses of a pair. Of a pair over all load levels also those that only single levels have: pooled, a loss at one load may
 * be outweighed by others, and whoever runs at that load has it all the same.
 */
export function worseNames({ comparisons, levels = [] }: Comparison, pair: PairComparison): string[] {
  const own = pair.worse.map(worseName);
  if (levels.length < 2 || !comparisons.includes(pair)) return own;
  const found = new Map<string, number>();
  for (const level of levels) {
    const same = level.comparisons.find(({ candidate }) => candidate === pair.candidate);
    for (const name of new Set(same?.worse.map(worseName)))
      if (!own.includes(name)) found.set(name, (found.get(name) ?? 0) + 1);
  }
  const most = [...found].sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1));
  const told = most.slice(0, MOST_OF_LEVELS);
  const rest = most.length - told.length;
  return [
    ...own,
    ...told.map(([name, n]) => `${name}, at ${count(n)} of ${count(levels.length)} load levels`),
    ...(rest > 0 ? [`${plural(rest, 'further figure')} at single load levels`] : []),
  ];
}
