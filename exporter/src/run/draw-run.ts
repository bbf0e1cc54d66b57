import type * as PlotsModule from '../plots/index';
import type { RecordSeries } from '../model/result';
import type { RasterFiles } from '../plots/render-png';
import { reportContext } from './run-report';
import type { RunResult } from './run-result';

/** The plots' own bundle, loaded by whoever draws. */
export interface PlotsBundle {
  draw: typeof PlotsModule;
  raster: RasterFiles;
}

/**
 * `report.html` and the files of `plots/`.
 *
 * @returns names relative to the folder of the run, with their content.
 */
export async function drawRun(
  result: RunResult,
  { draw, raster }: PlotsBundle,
): Promise<{ name: string; content: string | Uint8Array }[]> {
  const input = { comparison: result.comparison, series: seriesOf(result), context: reportContext(result) };
  const plots = await draw.renderPlots(input, raster);
  const report = { name: 'report.html', content: await draw.reportHtml(input, plots) };
  const files = draw.plotFiles(plots).map(({ name, content }) => ({ name: `plots/${name}`, content }));
  return [report, ...files];
}

/** The records of each target at each level; plots leave out the warm-up themselves. */
function seriesOf({ records, spans }: RunResult): RecordSeries[] {
  const levels = spans.flatMap(({ stage: { measured } }) =>
    measured === null || measured.level === null
      ? []
      : [{ index: measured.index, level: measured.level.level }],
  );
  return [...records].flatMap(([target, all]): RecordSeries[] =>
    levels.length === 0
      ? [{ target, level: null, workload: null, records: all }]
      : levels.map(({ index, level }) => ({
          target,
          level,
          workload: null,
          records: all.filter(({ stage }) => stage === index),
        })),
  );
}
