/** SVG to PNG with the same fonts on every machine; the rasteriser is WebAssembly, so nothing native is needed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Where the rasteriser and its fonts lie. */
export interface RasterFiles {
  wasm: string;
  fonts: readonly string[];
}

/** The files in the folder of the plots' bundle. */
export const rasterFilesIn = (folder: string): RasterFiles => ({
  wasm: join(folder, 'resvg.wasm'),
  fonts: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(folder, name)),
});

/** Pixels per pixel of the SVG: sharp on dense screens and in slides. */
const SCALE = 2;

export type Rasterize = (svg: string) => Uint8Array;

let ready: Promise<void> | null = null;

/** Loads the rasteriser (once a process). Rejects with the file's error where a file is missing. */
export async function rasterizer({ wasm, fonts }: RasterFiles): Promise<Rasterize> {
  const [code, ...fontBuffers] = await Promise.all([wasm, ...fonts].map((file) => readFile(file)));
  ready ??= initWasm(code as Buffer);
  await ready;
  return (svg) => {
    const resvg = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: SCALE },
      font: {
        fontBuffers,
        loadSystemFonts: false,
        defaultFontFamily: 'DejaVu Sans',
        sansSerifFamily: 'DejaVu Sans',
      } as { fontBuffers: Uint8Array[] },
    });
    const image = resvg.render();
    const png = image.asPng();
    image.free();
    resvg.free();
    return png;
  };
}
