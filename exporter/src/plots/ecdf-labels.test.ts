import { HEIGHT, placeLabels, type Ground, type Label, type Mark } from './ecdf-labels';
import { acrossPixels, type LogAxis } from './spec';
import { textWidth } from './text-width';

const AXIS: LogAxis = { domain: [0.1, 10], ticks: [] };
const WIDTH = 400;
const FLOOR = 0.001;
const down = ({ waiting }: Mark) => (HEIGHT * Math.log(waiting)) / Math.log(FLOOR);

const mark = (q: number, seconds: number, waiting = 1 - q): Mark => ({
  q,
  seconds,
  low: seconds,
  high: seconds,
  answered: 1 - waiting,
  waiting,
  color: '',
  text: `P${q * 100} of answered ${seconds * 1000} ms`,
  says: '',
  hollow: false,
});

const ground = (curves: Ground['curves'] = []): Ground => ({
  axis: AXIS,
  width: WIDTH,
  curve: 'falling',
  curves,
  down,
});

const across = (seconds: number) => acrossPixels(AXIS, seconds, WIDTH);
const middle = (label: Label) => down(label) + label.dy;
const left = ({ align, dx, seconds, text }: Label) =>
  across(seconds) + dx - (align === 'left' ? 0 : textWidth(text, 11, 600));

test('percentiles that lie close together have labels a line apart, each near its own dot', () => {
  const marks = [mark(0.95, 0.296, 0.2875), mark(0.99, 0.299, 0.2575), mark(0.95, 2.24), mark(0.99, 2.25)];
  const labels = placeLabels(marks, ground());
  expect(labels.length).toBeGreaterThan(1);
  for (const one of labels) {
    const own = marks.find(({ text }) => text === one.text)!;
    expect(Math.abs(one.dy)).toBeLessThanOrEqual(24);
    expect(Math.abs(across(one.seconds) - across(own.seconds))).toBeLessThanOrEqual(60);
    expect(left(one)).toBeGreaterThanOrEqual(0);
    for (const other of labels)
      if (other !== one && Math.abs(left(one) - left(other)) < 100)
        expect(Math.abs(middle(one) - middle(other))).toBeGreaterThanOrEqual(12);
  }
});

test('a label does not stand behind the latest dot where that is far from its own', () => {
  const [early] = placeLabels([mark(0.95, 0.2), mark(0.95, 1)], ground());
  expect(early!.seconds).toBe(0.2);
});

test('a label that a curve would cross moves to the other side, and is left out where no place is free', () => {
  const own = mark(0.95, 1);
  const [x, y] = [across(1), down(own)];
  const above = [0, 4, 8, 12, 16, 20].map((by): [number, number][] => [
    [x + 10, y - 5 - by],
    [WIDTH, y - 5 - by],
  ]);
  expect(placeLabels([own], ground())[0]).toMatchObject({ align: 'left', dy: -9 });
  expect(placeLabels([own], ground(above))[0]).toMatchObject({ align: 'right', dy: 9 });
  const everywhere = Array.from({ length: 50 }, (_, row): [number, number][] => [
    [0, row * 4],
    [WIDTH, row * 4],
  ]);
  expect(placeLabels([own], ground(everywhere))).toEqual([]);
});

test('no label leaves the panel', () => {
  for (const one of placeLabels([mark(0.5, 9.5), mark(0.5, 0.11)], ground())) {
    expect(left(one)).toBeGreaterThanOrEqual(0);
    expect(left(one) + textWidth(one.text, 11, 600)).toBeLessThanOrEqual(WIDTH + 1);
  }
});
