/**
 * A Vega-Lite specification as SVG, without a browser.
 *
 * Why Vega: a grammar made for statistical graphics (scales, layers, axes, concatenated panels), whose output is a function of
 * its specification alone, drawn as text without a DOM or a native module. Quantiles and intervals are never left to it: it
 * draws the numbers of the comparison.
 */
import * as vega from 'vega';
import { parse, View, Warn } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { CONFIG, type Spec } from './spec';
import { textWidth } from './text-width';

export interface Drawing {
  /** A whole svg element. */
  svg: string;
  width: number;
  height: number;
}

interface MeasuredText {
  fontSize?: number;
  fontWeight?: number | string;
}

/** Exported by Vega, but not by its types. */
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: MeasuredText, text: unknown) => number };
};

// Without a canvas Vega takes 0.8 em a letter, which leaves half of a picture empty.
textMetrics.width = (item: MeasuredText, text: unknown) =>
  textWidth(String(text ?? ''), item.fontSize ?? 11, item.fontWeight);

export async function drawSpec(spec: Spec): Promise<Drawing> {
  const complete = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...spec, config: CONFIG };
  const { spec: compiled } = compile(complete as unknown as TopLevelSpec, { logger: STRICT });
  const view = new View(parse(compiled), { renderer: 'none', logLevel: Warn });
  try {
    const svg = rounded(withoutEmptyLayers(await view.toSVG()));
    const [, width, height] = /<svg [^>]*width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
    return { svg, width: Number(width), height: Number(height) };
  } finally {
    view.finalize();
  }
}

/** A layer without marks still claims to be a graphics symbol, one without a name. */
const withoutEmptyLayers = (svg: string): string =>
  svg.replace(/<g [^>]*aria-roledescription="[^"]* mark container"[^>]*(?:><\/g>|\/>)/g, '');

/** Coordinates to a hundredth of a pixel: half the size, and no last digits that a processor may round another way. */
const rounded = (svg: string): string =>
  svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(
      / (d|transform|x2|y2|width|height)="([^"]*)"/g,
      (_, name: string, value: string) =>
        ` ${name}="${value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100))}"`,
    ),
  );

const refuse = (message: unknown): never => {
  throw new Error(`A plot's specification is wrong: ${String(message)}`);
};

/** A warning of the compiler means that something would be missing from the picture. */
const STRICT = {
  level: () => STRICT,
  error: refuse,
  warn: refuse,
  info: () => STRICT,
  debug: () => STRICT,
};
