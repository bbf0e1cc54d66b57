/** Where the labels of a distribution's percentiles stand, so that they meet neither the curves nor each other. */
import type { QuantileName } from '../model/comparison';
import { pixelsDown, type LogAxis } from './spec';
import { textWidth } from './text-width';

/** The percentiles that are marked. */
export const MARKED: readonly [QuantileName, number][] = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
];

export interface Mark {
  q: number;
  seconds: number;
  low: number;
  high: number;
  answered: number;
  waiting: number;
  color: string;
  text: string;
  says: string;
  hollow: boolean;
}

export interface Label extends Mark {
  align: 'left' | 'right';
  dx: number;
  dy: number;
}

/** Of each panel. */
export const HEIGHT = 190;
export const LABEL_SIZE = 11;
/** Between labels that stand one over another. */
const LINE = 14;

/**
 * Labels stand where no curve passes: before the soonest mark of a percentile; those of the others one over another behind the
 * latest.
 */
export function placeLabels(
  marks: readonly Mark[],
  axis: LogAxis,
  width: number,
  curve: 'rising' | 'falling',
): Label[] {
  const up = curve === 'rising' ? 1 : -1;
  return MARKED.flatMap(([, q]) => {
    const own = marks.filter((mark) => mark.q === q).sort((left, right) => left.seconds - right.seconds);
    const latest = own.at(-1)?.seconds ?? 0;
    const [soonest] = own;
    const room = soonest === undefined ? 0 : width - pixelsDown(axis, soonest.seconds, width);
    const before = own.length > 1 && room > textWidth(soonest?.text ?? '', LABEL_SIZE, 600) + 10;
    return own.map((mark, rank): Label =>
      rank === 0 && before
        ? { ...mark, align: 'right', dx: -8, dy: -9 * up }
        : {
            ...mark,
            seconds: latest,
            align: 'left',
            dx: 8,
            dy: up * (9 + LINE * (before ? rank - 1 : rank)),
          },
    );
  });
}

/**
 * Where many requests are lost, the percentiles of the answered ones lie close together in the tail: labels before the curve then
 * move down, those behind it up, until none stands on another.
 */
export function apart(labels: readonly Label[], floor: number): Label[] {
  const heightOf = ({ waiting, dy }: Label) => (HEIGHT * Math.log(waiting)) / Math.log(floor) + dy;
  const moved = (list: Label[], down: 1 | -1): Label[] => {
    let last = -Infinity;
    return list
      .sort((one, other) => (heightOf(one) - heightOf(other)) * down)
      .map((label) => {
        const at = heightOf(label) * down;
        const by = Math.max(0, last + LINE - at);
        last = at + by;
        return { ...label, dy: label.dy + by * down };
      });
  };
  const aligned = (align: Label['align']) => labels.filter((label) => label.align === align);
  return [...moved(aligned('right'), 1), ...moved(aligned('left'), -1)];
}
