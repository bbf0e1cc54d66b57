/** The plugin shares no code with the exporter; here the two are held together, by name and by word. */
import { defaultQueries } from '../queries';
import { CAVEATS } from './caveats';
import { METRIC, NEEDED } from './names';

const { CAVEATS: PUBLISHED } = jest.requireActual<{
  CAVEATS: Record<string, { blocks: boolean; meaning: string }>;
}>('../../../exporter/src/model/caveat.ts');
const { CATALOGUE } = jest.requireActual<{ CATALOGUE: Record<string, { labels: string[] }> }>(
  '../../../exporter/src/publish/catalogue.ts',
);

const namesIn = (expr: string) => expr.match(/taillight_[a-z0-9_]+/g) ?? [];

describe('the contract with the exporter', () => {
  test('every caveat has the same words and the same weight', () => {
    const ours = Object.fromEntries(
      Object.entries(CAVEATS).map(([reason, { blocks, meaning }]) => [reason, { blocks, meaning }]),
    );
    expect(ours).toEqual(PUBLISHED);
  });

  test('every metric that the panel reads is in the catalogue', () => {
    const unknown = Object.values(METRIC).filter((name) => !name.includes(':') && !(name in CATALOGUE));
    expect(unknown).toEqual([]);
  });

  test('the default queries name only metrics of the catalogue', () => {
    const names = defaultQueries().flatMap(({ expr }) => namesIn(expr));
    const known = Object.keys(CATALOGUE);
    const unknown = names.filter((name) => !known.some((one) => one === name || one.startsWith(name)));
    expect(names.length).toBeGreaterThan(8);
    expect(unknown).toEqual([]);
  });

  test('the first query brings every published metric that the panel reads about targets', () => {
    const pattern = /__name__=~"([^"]+)"/.exec(defaultQueries()[0]!.expr)![1]!;
    const wanted = Object.values(METRIC).filter(
      (name) => /^taillight_(comparison|target|reference|slo)_/.test(name) && name !== METRIC.verdict,
    );
    expect(wanted.filter((name) => !new RegExp(`^(?:${pattern})$`).test(name))).toEqual([]);
  });

  test('the default queries give each derived value the name that the panel reads', () => {
    const text = defaultQueries()
      .map(({ expr }) => expr)
      .join('\n');
    const derived = Object.values(METRIC).filter((name) => name.includes(':'));
    const missing = derived.filter(
      (name) => !text.includes(`"taillight", "${name.replace('taillight:', '')}"`),
    );
    expect(missing).toEqual([]);
  });

  test('the least numbers of requests are those of the formula ceil(ln 0.025 / ln q)', () => {
    const formula = (q: number) => Math.ceil(Math.log(0.025) / Math.log(q));
    expect(NEEDED).toEqual({ p50: formula(0.5), p90: formula(0.9), p95: formula(0.95), p99: formula(0.99) });
  });
});
