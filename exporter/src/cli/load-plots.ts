import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as PlotsModule from '../plots/index';
import type { PlotsBundle } from '../run/draw-run';
import { firstLine } from './io';

/**
 * The plots' bundle, `plots/` beside the running one. It is heavy, so it is loaded at the end, by what draws.
 *
 * @param entry path of the running bundle.
 * @returns a line that says why there are no plots where the bundle is missing, as in a pod that was given the program alone.
 */
export async function loadPlots(entry: string): Promise<PlotsBundle | string> {
  const folder = join(dirname(entry), 'plots');
  const path = join(folder, 'index.mjs');
  try {
    const draw = (await import(pathToFileURL(path).href)) as typeof PlotsModule;
    return { draw, raster: draw.rasterFilesIn(folder) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_MODULE_NOT_FOUND' ? `${path} is not there` : firstLine(error);
  }
}
