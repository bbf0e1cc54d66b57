/**
 * The entry of the plots' bundle (`dist/plots/index.mjs`). Vega, the rasteriser and its fonts weigh more than the rest of
 * Taillight, so `serve` never loads them: commands that draw import this file when they need it.
 */
export { plotFiles } from './plot-files';
export { renderPlots } from './render-plots';
export { rasterFilesIn } from './render-png';
export { reportHtml } from './report-html';
export { plotsMarkdown, reportMarkdown } from './report-markdown';
