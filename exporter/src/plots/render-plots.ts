/** All plots of a comparison: planned from the data, drawn, and rasterised. */
import { FOLLOW_READER, darkened } from './dark';
import { card } from './card';
import { plotData, type PlotData, type PlotInput } from './input';
import { latencyComparison } from './latency-comparison';
import { PLOT_NAMES, type Plan, type PlotName } from './plot';
import { qpsComparison } from './qps-comparison';
import { ratioForest } from './ratio-forest';
import { rasterizer, type RasterFiles } from './render-png';
import { drawSpec, type Drawing } from './render-svg';
import { throughputComparison } from './throughput-comparison';
import { ttftByTurn } from './ttft-by-turn';
import { ttftEcdf } from './ttft-ecdf';

const PLANS: Record<PlotName, (data: PlotData) => Plan> = {
  latency_comparison: latencyComparison,
  throughput_comparison: throughputComparison,
  qps_comparison: qpsComparison,
  ttft_ecdf: (data) => ttftEcdf(data),
  ttft_by_turn: ttftByTurn,
  ratio_forest: (data) => ratioForest(data),
};

export interface Plot {
  name: PlotName;
  title: string;
  /** For `alt`: title and how to read it. */
  alt: string;
  /** Follows the reader's light or dark setting. */
  svg: string;
  /** On a white card, at twice the size of the SVG. */
  png: Uint8Array;
  /** The same on a dark card. */
  pngDark: Uint8Array;
}

export interface SkippedPlot {
  name: PlotName;
  reason: string;
}

export interface Plots {
  plots: Plot[];
  skipped: SkippedPlot[];
}

/** A plan drawn on its card, in the light colours. */
export async function drawPlan(plan: Exclude<Plan, { skipped: string }>): Promise<Drawing> {
  return card(await drawSpec(plan.spec), plan.text);
}

/** Puts the styles of a stand-alone picture into a drawing. */
const standAlone = ({ svg }: Drawing) => svg.replace(/^(<svg [^>]*>)/, (open) => open + FOLLOW_READER);

/**
 * Draws every plot that the data can fill; the others are named with the reason. The same input gives the same bytes.
 * Rejects only where the rasteriser's files are missing.
 */
export async function renderPlots(input: PlotInput, files: RasterFiles): Promise<Plots> {
  const data = plotData(input);
  const rasterize = await rasterizer(files);
  const plots: Plot[] = [];
  const skipped: SkippedPlot[] = [];
  for (const name of PLOT_NAMES) {
    const plan = PLANS[name](data);
    if ('skipped' in plan) {
      skipped.push({ name, reason: plan.skipped });
      continue;
    }
    const drawing = await drawPlan(plan);
    plots.push({
      name,
      title: plan.text.title,
      alt: `${plan.text.title}. ${plan.text.subtitle}`,
      svg: standAlone(drawing),
      png: rasterize(drawing.svg),
      pngDark: rasterize(darkened(drawing.svg)),
    });
  }
  return { plots, skipped };
}
