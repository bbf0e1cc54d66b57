/**
 * Colours and type of the plots. Target colours are those of the Grafana panel (`plugin/src/tokens.ts`; a test holds the two
 * equal), so that a target looks the same on the dashboard, in a report and in a README.
 *
 * A plot is drawn once, in the light colours, on a card of its own: readable on any page. The dark version is the same
 * drawing with every colour replaced by its counterpart (`dark.ts`), so light colours must all differ from one another.
 */
import type { Verdict } from '../model/comparison';

/** Okabe and Ito's, darkened or lightened to 3:1 against their background; the baseline's first. */
export const PALETTE = {
  light: ['#b85c00', '#0072b2', '#00795a', '#a3407c', '#7a6a00', '#8f3d00'],
  dark: ['#e69f00', '#56b4e9', '#00b386', '#d98cb8', '#f0e442', '#e8743b'],
} as const;

interface Surface {
  card: string;
  border: string;
  /** Titles and values. */
  ink: string;
  /** Sentences and labels: 4.5:1 at least. */
  text: string;
  /** What is greyed: too few requests, not comparable. */
  faint: string;
  axis: string;
  grid: string;
  /** Bands behind rows. */
  band: string;
  good: string;
  bad: string;
  warning: string;
}

export const LIGHT: Surface = {
  card: '#ffffff',
  border: '#d0d7de',
  ink: '#1f2328',
  text: '#57606a',
  faint: '#6e7781',
  axis: '#afb8c1',
  grid: '#e7ebef',
  band: '#f4f6f8',
  good: '#0a764e',
  bad: '#b3261e',
  warning: '#8a5a00',
};

export const DARK: Surface = {
  card: '#161b22',
  border: '#30363d',
  ink: '#f0f3f6',
  text: '#a9b4c0',
  faint: '#8b949e',
  axis: '#59636e',
  grid: '#272d35',
  band: '#1c222a',
  good: '#56d39a',
  bad: '#ff8f86',
  warning: '#f2b84b',
};

/** System fonts where a browser draws; the rasteriser has DejaVu Sans, the widest of them, whose widths the layout is made for. */
export const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/** The n-th target's colour in the light theme. */
export const targetColor = (index: number): string =>
  PALETTE.light[index % PALETTE.light.length] ?? LIGHT.ink;

export const VERDICT_COLOR: Record<Verdict, string> = {
  faster: LIGHT.good,
  slower: LIGHT.bad,
  no_difference_shown: LIGHT.text,
  too_few: LIGHT.faint,
  not_comparable: LIGHT.warning,
};

export const VERDICT_WORDS: Record<Verdict, string> = {
  faster: 'faster',
  slower: 'slower',
  no_difference_shown: 'no difference shown',
  too_few: 'too few requests',
  not_comparable: 'not comparable',
};

/** Every light colour with its dark counterpart. */
export const DARK_OF: ReadonlyMap<string, string> = new Map([
  ...(Object.keys(LIGHT) as (keyof Surface)[]).map((key): [string, string] => [LIGHT[key], DARK[key]]),
  ...PALETTE.light.map((color, index): [string, string] => [color, PALETTE.dark[index] ?? color]),
]);
