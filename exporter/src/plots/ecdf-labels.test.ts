import { apart, HEIGHT, type Label } from './ecdf-labels';

const label = (waiting: number, align: Label['align'], dy: number): Label => ({
  q: 0.95,
  seconds: 1,
  low: 1,
  high: 1,
  answered: 1 - waiting,
  waiting,
  color: '',
  text: '',
  says: '',
  hollow: false,
  align,
  dx: 0,
  dy,
});

/** Pixels from the top of a panel that reaches down to `floor`. */
const heights = (labels: readonly Label[], floor: number) =>
  labels.map(({ waiting, dy }) => (HEIGHT * Math.log(waiting)) / Math.log(floor) + dy).sort((a, b) => a - b);

test('labels of percentiles that lie close together are moved until they are a line apart', () => {
  for (const align of ['left', 'right'] as const) {
    const [first, second] = heights(apart([label(0.15, align, 9), label(0.117, align, 9)], 0.001), 0.001);
    expect(second! - first!).toBeCloseTo(14);
  }
});

test('labels with room, and those on different sides, stay where they are', () => {
  const apartAnyway = [label(0.1, 'right', 9), label(0.01, 'right', 9)];
  expect(apart(apartAnyway, 0.001)).toEqual(apartAnyway);
  const sides = [label(0.1, 'right', 9), label(0.1, 'left', 9)];
  expect(apart(sides, 0.001)).toEqual(sides);
});
