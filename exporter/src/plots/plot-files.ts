/** How plots are called as files. */
import type { Plots } from './render-plots';

/** On white, on dark, and following the reader. */
export const plotFileNames = (name: string) => ({
  png: `${name}.png`,
  pngDark: `${name}-dark.png`,
  svg: `${name}.svg`,
});

export interface PlotFile {
  name: string;
  content: string | Uint8Array;
}

/** What belongs into the folder of plots. */
export const plotFiles = ({ plots }: Plots): PlotFile[] =>
  plots.flatMap(({ name, png, pngDark, svg }) => {
    const names = plotFileNames(name);
    return [
      { name: names.png, content: png },
      { name: names.pngDark, content: pngDark },
      { name: names.svg, content: svg },
    ];
  });
