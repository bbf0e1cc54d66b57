/** The plots of the HTML report, those with choices in every choice. */
import { FOLLOW_READER } from './dark';
import { plotData, type PlotData, type PlotInput } from './input';
import { turnsApart, type Plan, type PlotName } from './plot';
import { ratioForest } from './ratio-forest';
import { drawPlan, type Plot } from './render-plots';
import { ttftEcdf } from './ttft-ecdf';

export interface Figure {
  name: PlotName;
  title: string;
  alt: string;
  /** At least one; the first is shown. `svg` has no styles of its own. */
  choices: { label: string; svg: string }[];
}

/** A page with a drawing for each of more levels would be heavier than its worth. */
const MAX_LEVELS = 24;

/** Figures in the order of the plots. */
export async function reportFigures(input: PlotInput, plots: readonly Plot[]): Promise<Figure[]> {
  const data = plotData(input);
  const figures: Figure[] = [];
  for (const { name, title, alt, svg } of plots) {
    const choices = [{ label: firstLabel(name, data), svg: svg.replace(FOLLOW_READER, '') }];
    for (const { label, plan } of furtherChoices(name, data)) {
      if (!('skipped' in plan)) choices.push({ label, svg: (await drawPlan(plan)).svg });
    }
    figures.push({ name, title, alt, choices });
  }
  return figures;
}

function firstLabel(name: PlotName, data: PlotData): string {
  const loads = data.levels.length > 0 ? 'all loads' : 'all requests';
  return name === 'ttft_ecdf' && turnsApart(data) ? `${loads}, turn classes apart` : loads;
}

function furtherChoices(name: PlotName, data: PlotData): { label: string; plan: Plan }[] {
  const levels = data.levels.slice(0, MAX_LEVELS);
  if (name === 'ratio_forest')
    return levels.map((level) => ({ label: level.name, plan: ratioForest(data, level) }));
  if (name !== 'ttft_ecdf') return [];
  const together = turnsApart(data)
    ? [{ label: 'all turns together', plan: ttftEcdf(data, null, ['all']) }]
    : [];
  return [...together, ...levels.map((level) => ({ label: level.name, plan: ttftEcdf(data, level) }))];
}
