/** Where the labels of a distribution's percentiles stand, so that they meet neither the curves nor each other, nor leave their dots. */
import type { QuantileName } from '../model/comparison';
import { acrossPixels, type LogAxis } from './spec';
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
/** By how much a label moves away where its place is taken: half a line. */
const STEP = 7;
/** From a dot to its label. */
const ASIDE = 8;
const BESIDE = 9;
/** Half the height of a label, and of a dot. */
const HALF_LINE = 6;
const HALF_DOT = 5;
/** A label further from its dot than this would be taken for another's. */
const FURTHEST = 60;

/** A panel in pixels: the curves as their corners, and where a mark's dot is. */
export interface Ground {
  axis: LogAxis;
  width: number;
  curve: 'rising' | 'falling';
  curves: readonly (readonly (readonly [x: number, y: number])[])[];
  down: (mark: Mark) => number;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Labels stand where no curve passes: before the soonest mark of a percentile, those of the others behind the latest where it is
 * near, each at the first place that is free. A mark without a free place has none; its dot says the same to pointers.
 */
export function placeLabels(marks: readonly Mark[], ground: Ground): Label[] {
  const dots = marks.flatMap((mark) => dotBoxes(mark, ground));
  const lines = ground.curves.flatMap(segments);
  const placed: Box[] = [];
  return MARKED.flatMap(([, q]) => {
    const own = marks.filter((mark) => mark.q === q).sort((left, right) => left.seconds - right.seconds);
    return own.flatMap((mark, rank): Label[] => {
      const label = candidates(mark, own, rank === 0 && own.length > 1, ground).find((one) => {
        const box = labelBox(one, ground);
        return (
          isInside(box, ground.width) && ![...dots, ...lines, ...placed].some((other) => meet(box, other))
        );
      });
      if (label === undefined) return [];
      placed.push(labelBox(label, ground));
      return [label];
    });
  });
}

/** Places of a label, best first: on the side that its curve leaves free, then a little further, then on the other side. */
function candidates(mark: Mark, own: readonly Mark[], before: boolean, ground: Ground): Label[] {
  const up = ground.curve === 'rising' ? 1 : -1;
  const lines = [0, 1, 2].map((step) => BESIDE + STEP * step);
  const left = (dy: number): Label => ({ ...mark, align: 'right', dx: -ASIDE, dy });
  const right = (dy: number, seconds = mark.seconds): Label => ({
    ...mark,
    seconds,
    align: 'left',
    dx: ASIDE,
    dy,
  });
  const latest = own.at(-1)?.seconds ?? mark.seconds;
  const x = (seconds: number) => acrossPixels(ground.axis, seconds, ground.width);
  const behind = x(latest) - x(mark.seconds) <= FURTHEST ? [latest, mark.seconds] : [mark.seconds];
  const lefts = lines.map((dy) => left(-dy * up));
  const rights = behind.flatMap((seconds) => lines.map((dy) => right(dy * up, seconds)));
  const others = [
    ...behind.flatMap((seconds) => lines.map((dy) => right(-dy * up, seconds))),
    ...lines.map((dy) => left(dy * up)),
  ];
  return before ? [...lefts, ...rights, ...others] : [...rights, ...lefts, ...others];
}

function labelBox(label: Label, { axis, width, down }: Ground): Box {
  const at = acrossPixels(axis, label.seconds, width) + label.dx;
  const wide = textWidth(label.text, LABEL_SIZE, 600);
  const left = label.align === 'left' ? at : at - wide;
  const middle = down(label) + label.dy;
  return { left, right: left + wide, top: middle - HALF_LINE, bottom: middle + HALF_LINE };
}

/** The dot and the bar of its interval. */
function dotBoxes(mark: Mark, { axis, width, down }: Ground): Box[] {
  const [x, y] = [acrossPixels(axis, mark.seconds, width), down(mark)];
  const [low, high] = [mark.low, mark.high].map((end) => acrossPixels(axis, end, width));
  return [
    { left: x - HALF_DOT, right: x + HALF_DOT, top: y - HALF_DOT, bottom: y + HALF_DOT },
    { left: low ?? x, right: high ?? x, top: y - 2, bottom: y + 2 },
  ];
}

/** Steps: to the next corner's place at this height, then to its height. */
const segments = (corners: Ground['curves'][number]): Box[] =>
  corners.slice(1).flatMap(([x, y], index): Box[] => {
    const [fromX, fromY] = corners[index] ?? [x, y];
    return [
      { left: fromX, right: x, top: fromY - 1, bottom: fromY + 1 },
      { left: x - 1, right: x + 1, top: Math.min(fromY, y), bottom: Math.max(fromY, y) },
    ];
  });

const meet = (one: Box, other: Box) =>
  one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

const isInside = ({ left, right, top, bottom }: Box, width: number) =>
  left >= 0 && right <= width + 1 && top >= 0 && bottom <= HEIGHT;
