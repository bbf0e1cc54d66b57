/**
 * Does a 95 % interval hold the truth in 95 % of experiments? TTFT log-normal, an effect per document that both targets share
 * (sd 0.3), one of each target on each conversation (0.15), noise (0.15), a quarter of later turns slower by three, and no true
 * difference: the ratio is 1. With 40 conversations the paired interval was found to cover .97/.97/.95 (P50/P95/P99).
 */
import { arm, SERIES_KEYS } from '../../exporter/src/compare/latency';
import { bootstrapRatios, finish, type Interval } from '../../exporter/src/stats/bootstrap';
import { createRandom } from '../../exporter/src/stats/random';
import { normal, record } from './workload';

const EXPERIMENTS = 300;
const RESAMPLES = 300;
const LATER = SERIES_KEYS.findIndex(({ metric, turn }) => metric === 'ttft' && turn === 'later');

/** Independent random streams throughout: unlike the shapes of other tests, experiments must not share anything. */
function experiment(
  seed: number,
  conversations: number,
  trueRatio: number,
  paired: boolean,
): (Interval | null)[] {
  const random = createRandom(seed, 17);
  const ids = Array.from({ length: conversations }, (_, index) => `c${index}`);
  const documents = ids.map(() => 0.3 * normal(random));
  const side = (name: string, factor: number) =>
    ids.flatMap((id, index) => {
      const level = documents[index]! + 0.15 * normal(random);
      return Array.from({ length: 9 }, (_, turn) => {
        const miss = random.unit() < 0.25 ? 3 : 1;
        const ttft_ms = 100 * factor * miss * Math.exp(level + 0.15 * normal(random));
        return record(name, id, turn + 2, { ttft_ms });
      });
    });
  const [below, above] = [side('a', 1), side('b', trueRatio)].map((list) => {
    const { clusters, series } = finish(arm(list, ids));
    return { clusters, series: [series[LATER]!] };
  });
  const options = { resamples: RESAMPLES, seed, quantiles: [0.5, 0.95] };
  return finish(bootstrapRatios(below!, above!, paired, options))[0]!;
}

function coverage(conversations: number, trueRatio: number, paired = true): number[] {
  const inside = [0, 0];
  for (let seed = 0; seed < EXPERIMENTS; seed += 1) {
    experiment(seed, conversations, trueRatio, paired).forEach((interval, column) => {
      if (interval!.lower <= trueRatio && trueRatio <= interval!.upper) inside[column]! += 1;
    });
  }
  return inside.map((hits) => hits / EXPERIMENTS);
}

test.each([
  [11, 0.88],
  [40, 0.92],
])(
  'the paired interval over %i conversations covers a ratio of 1 in at least %f of experiments',
  (n, least) => {
    for (const share of coverage(n, 1)) {
      expect(share).toBeGreaterThanOrEqual(least);
      expect(share).toBeLessThanOrEqual(1);
    }
  },
);

test('it covers a true ratio of 0.7 as well', () => {
  for (const share of coverage(40, 0.7)) expect(share).toBeGreaterThanOrEqual(0.92);
});

test('the unpaired interval covers, too, and pays for it with width', () => {
  for (const share of coverage(40, 1, false)) expect(share).toBeGreaterThanOrEqual(0.95);
  const width = (paired: boolean) => {
    const [p50] = experiment(1, 40, 1, paired);
    return p50!.upper / p50!.lower;
  };
  expect(width(false)).toBeGreaterThan(width(true));
});

test('of experiments without a difference few are called faster or slower by 5 %', () => {
  let claims = 0;
  for (let seed = 0; seed < EXPERIMENTS; seed += 1) {
    claims += experiment(seed, 40, 1, true).filter((one) => one!.upper < 0.95 || one!.lower > 1.05).length;
  }
  expect(claims / (2 * EXPERIMENTS)).toBeLessThan(0.02);
});
