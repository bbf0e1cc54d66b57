import type { DataFrame, PanelDataSummary, VisualizationSuggestion } from '@grafana/data';
import { METRIC } from './data/names';
import { recognise } from './data/recognise';
import type { PanelOptions } from './options';

/** Best of Grafana's scores; the enum itself is absent from older versions. */
const BEST = 100;

const NAME = 'Taillight comparison';

/** One suggestion, with the highest score, where the data holds Taillight's comparison; else none. */
function suggest(frames: readonly DataFrame[]): VisualizationSuggestion<PanelOptions>[] {
  const needed: string[] = [METRIC.ttft, METRIC.verdict];
  const fits = recognise(frames).some((series) => needed.includes(series.metric));
  return fits ? [{ name: NAME, description: 'Tail latency of two or more deployments', score: BEST }] : [];
}

interface OldBuilder {
  dataSummary?: { rawFrames?: DataFrame[] };
  data?: { series?: DataFrame[] };
  getListAppender: (defaults: { name: string; pluginId: string; options: object }) => {
    append: (suggestion: { name: string; score: number }) => void;
  };
}

/** Up to Grafana 12.2 the supplier is an object that appends to a builder, from then on a function: this is both. */
export const suggestionsSupplier = Object.assign(
  (summary: PanelDataSummary) => suggest(summary.rawFrames ?? []),
  {
    getSuggestionsForData(builder: OldBuilder): void {
      const frames = builder.data?.series ?? builder.dataSummary?.rawFrames ?? [];
      if (suggest(frames).length === 0) return;
      const list = builder.getListAppender({
        name: NAME,
        pluginId: 'taillight-comparison-panel',
        options: {},
      });
      list.append({ name: NAME, score: BEST });
    },
  },
);
