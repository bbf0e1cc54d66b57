import type { GrafanaTheme2 } from '@grafana/data';
import type { TargetView, Tone } from './types';

/** The colours and sizes that the components use; made from Grafana's theme, or by any host that has none. */
export interface Tokens {
  text: { primary: string; secondary: string; disabled: string };
  background: { primary: string; raised: string; track: string };
  border: { weak: string; medium: string };
  tone: Record<Tone, string>;
  /** Fill behind chips of each tone. */
  toneSoft: Record<Tone, string>;
  fontFamily: string;
  focus: string;
  zIndexTooltip: number;
  /** Target colours, the baseline's first. */
  palette: readonly string[];
  /** Resolves a Grafana colour name; CSS colours pass through. */
  named: (color: string) => string;
}

/**
 * Okabe and Ito's colours, told apart by every kind of colour vision; the darker ones carry 3:1 against white, the
 * lighter ones against Grafana's dark canvas.
 */
const PALETTE = {
  dark: ['#e69f00', '#56b4e9', '#00b386', '#d98cb8', '#f0e442', '#e8743b'],
  light: ['#b85c00', '#0072b2', '#00795a', '#a3407c', '#7a6a00', '#8f3d00'],
};

const alpha = (theme: GrafanaTheme2, color: string) =>
  `color-mix(in srgb, ${color} ${theme.isDark ? 16 : 10}%, transparent)`;

/** Grafana derives these types from a schema of optional parts; a finished theme has them all. */
interface Whole {
  text: Tokens['text'];
  background: { primary: string; secondary: string; elevated?: string };
  border: Tokens['border'];
}

export function tokensFrom(theme: GrafanaTheme2): Tokens {
  const { colors } = theme;
  const { text, background, border } = colors as Whole;
  const tone: Record<Tone, string> = {
    good: colors.success.text,
    bad: colors.warning.text,
    critical: colors.error.text,
    warning: colors.warning.text,
    neutral: text.secondary,
  };
  const soft = Object.fromEntries(Object.entries(tone).map(([name, color]) => [name, alpha(theme, color)]));
  return {
    text: { primary: text.primary, secondary: text.secondary, disabled: text.disabled },
    background: {
      primary: background.primary,
      // Grafana 11 has no elevated background.
      raised: background.elevated ?? background.secondary,
      track: theme.isDark ? 'rgba(204, 204, 220, 0.10)' : 'rgba(36, 41, 46, 0.08)',
    },
    border: { weak: border.weak, medium: border.medium },
    tone,
    toneSoft: soft as Record<Tone, string>,
    fontFamily: theme.typography.fontFamily,
    focus: colors.primary.border,
    zIndexTooltip: theme.zIndex.tooltip,
    palette: theme.isDark ? PALETTE.dark : PALETTE.light,
    named: (color) => theme.visualization.getColorByName(color),
  };
}

export function targetColor(tokens: Tokens, target: Pick<TargetView, 'color' | 'index'>): string {
  if (target.color !== null) return tokens.named(target.color);
  return tokens.palette[target.index % tokens.palette.length] ?? tokens.text.primary;
}
