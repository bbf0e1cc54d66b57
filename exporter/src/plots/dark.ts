/** The dark version of a drawing that was made in the light colours. */
import { DARK_OF } from './theme';

/** Every fill and stroke replaced by its dark counterpart; text is not touched. */
export const darkened = (svg: string): string =>
  svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/ (fill|stroke)="(#[0-9a-f]{6})"/g, (whole, name: string, color: string) => {
      const dark = DARK_OF.get(color);
      return dark === undefined ? whole : ` ${name}="${dark}"`;
    }),
  );

/** CSS rules that replace the colours of a light drawing; `wrap` makes the value of a rule. */
export const colorRules = (wrap: (light: string, dark: string) => string, scope = ''): string =>
  [...DARK_OF]
    .flatMap(([light, dark]) =>
      ['fill', 'stroke'].map((name) => `${scope}[${name}="${light}"]{${name}:${wrap(light, dark)}}`),
    )
    .join('');

/** For a drawing that stands alone: it follows the reader's setting, card and all. */
export const FOLLOW_READER = `<style>@media (prefers-color-scheme:dark){${colorRules((_, dark) => dark)}}</style>`;
