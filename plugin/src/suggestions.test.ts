import type { PanelDataSummary } from '@grafana/data';
import { suggestionsSupplier } from './suggestions';
import { asTable, comparisonSamples, LLMD, sample, VLLM } from './testing/frames';

const ours = asTable(comparisonSamples([VLLM, LLMD]));
const foreign = asTable([sample('up', { target: 'a' }, 1)]);

describe('panel suggestions', () => {
  test('the comparison is suggested for its own data, with the highest score', () => {
    expect(suggestionsSupplier({ rawFrames: ours } as unknown as PanelDataSummary)).toEqual([
      expect.objectContaining({ name: 'Taillight comparison', score: 100 }),
    ]);
  });

  test('nothing is suggested for other data or none', () => {
    expect(suggestionsSupplier({ rawFrames: foreign } as unknown as PanelDataSummary)).toEqual([]);
    expect(suggestionsSupplier({} as PanelDataSummary)).toEqual([]);
  });

  test('the builder of older versions gets the same answer', () => {
    const appended: unknown[] = [];
    const builder = (series: typeof ours) => ({
      data: { series },
      getListAppender: () => ({ append: (one: unknown) => appended.push(one) }),
    });
    suggestionsSupplier.getSuggestionsForData(builder(foreign));
    expect(appended).toEqual([]);
    suggestionsSupplier.getSuggestionsForData(builder(ours));
    expect(appended).toEqual([{ name: 'Taillight comparison', score: 100 }]);
  });
});
