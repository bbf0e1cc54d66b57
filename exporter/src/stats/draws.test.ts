import { Draws } from './draws';
import { createRandom } from './random';

const WANTED = { seed: 3, stream: 0, clusters: 20, resamples: 50 };
const list = (draws: Iterable<Uint32Array>) => Array.from(draws, (one) => [...one]);

test('draws are those of the random source, one resample after the other', () => {
  const random = createRandom(3, 0);
  const expected = Array.from({ length: 50 }, () => {
    const counts = new Uint32Array(20);
    random.drawInto(counts);
    return [...counts];
  });
  expect(list(new Draws().of(WANTED))).toEqual(expected);
});

test('asked for again, they are the same arrays; of another stream, others', () => {
  const draws = new Draws();
  const [first, again] = [[...draws.of(WANTED)], [...draws.of(WANTED)]];
  expect(again).toHaveLength(50);
  again.forEach((one, resample) => expect(one).toBe(first[resample]));
  expect(list(draws.of({ ...WANTED, stream: 1 }))).not.toEqual(list(first));
});

test('beyond what may be kept they are drawn anew, and are the same', () => {
  const expected = list(new Draws().of(WANTED));
  const draws = new Draws(20 * 50 - 1);
  expect(list(draws.of(WANTED))).toEqual(expected);
  expect(list(draws.of(WANTED))).toEqual(expected);
});

test('two who draw in turn do not disturb each other', () => {
  const draws = new Draws();
  const expected = list(new Draws().of(WANTED));
  const [left, right] = [draws.of(WANTED), draws.of(WANTED)];
  for (const one of expected) {
    expect([...(left.next().value as Uint32Array)]).toEqual(one);
    expect([...(right.next().value as Uint32Array)]).toEqual(one);
  }
});
