import type { GrafanaTheme2 } from '@grafana/data';

/** What the page around the panel takes from Grafana's theme. */
export interface Palette {
  canvas: string;
  surface: string;
  text: { primary: string; secondary: string; link: string };
  border: { weak: string; medium: string };
  selected: string;
  error: string;
  focus: string;
  shadow: string;
  radius: string;
  fontFamily: string;
}

/** Grafana derives these types from a schema of optional parts; a finished theme has them all. */
interface Whole {
  background: { canvas: string; primary: string };
  text: Palette['text'];
  border: Palette['border'];
  action: { selected: string };
}

export function paletteFrom(theme: GrafanaTheme2): Palette {
  const { background, text, border, action } = theme.colors as Whole;
  return {
    canvas: background.canvas,
    surface: background.primary,
    text: { primary: text.primary, secondary: text.secondary, link: text.link },
    border: { weak: border.weak, medium: border.medium },
    selected: action.selected,
    error: theme.colors.error.text,
    focus: theme.colors.primary.border,
    shadow: theme.shadows.z3,
    radius: theme.shape.radius.default,
    fontFamily: theme.typography.fontFamily,
  };
}
