import { DEFAULTS, type PanelOptions } from '../options';
import { QUANTILES, SECTIONS, TURN_CLASSES, type Quantile, type SectionId, type TurnClass } from '../types';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEMES)[number];

/** What a link to the page can say. */
export interface UrlState {
  /** `auto` follows the system. */
  theme: ThemeChoice;
  turn: TurnClass;
  percentile: Quantile;
  sections: SectionId[];
  compact: boolean;
}

/** Later turns: routing can do nothing for first ones, and the terminal's summary tells of the same. */
export const DEFAULT_STATE: UrlState = {
  theme: 'auto',
  turn: 'later',
  percentile: DEFAULTS.headline,
  sections: [...SECTIONS],
  compact: false,
};

const oneOf = <T extends string>(list: readonly T[], value: string | null, fallback: T): T =>
  list.find((item) => item === value) ?? fallback;

/** What the query part of an address says; words that are not known count as not said. */
export function readUrl(search: string): UrlState {
  const query = new URLSearchParams(search);
  const named = query.get('sections')?.split(',') ?? null;
  const sections = named === null ? DEFAULT_STATE.sections : SECTIONS.filter((id) => named.includes(id));
  return {
    theme: oneOf(THEMES, query.get('theme'), DEFAULT_STATE.theme),
    turn: oneOf(TURN_CLASSES, query.get('turn'), DEFAULT_STATE.turn),
    percentile: oneOf(QUANTILES, query.get('percentile'), DEFAULT_STATE.percentile),
    sections: sections.length === 0 ? DEFAULT_STATE.sections : sections,
    compact: query.get('compact') === '1',
  };
}

/** The query part that says it; what is as by default is left out. */
export function writeUrl(state: UrlState): string {
  const query: string[] = [];
  if (state.theme !== DEFAULT_STATE.theme) query.push(`theme=${state.theme}`);
  if (state.turn !== DEFAULT_STATE.turn) query.push(`turn=${state.turn}`);
  if (state.percentile !== DEFAULT_STATE.percentile) query.push(`percentile=${state.percentile}`);
  if (state.sections.length !== SECTIONS.length) query.push(`sections=${state.sections.join(',')}`);
  if (state.compact) query.push('compact=1');
  return query.length === 0 ? '' : `?${query.join('&')}`;
}

/** The options of the panel that the page shows. */
export function optionsOf(state: UrlState): PanelOptions {
  const percentiles = QUANTILES.filter(
    (one) => DEFAULTS.percentiles.includes(one) || one === state.percentile,
  );
  const { turn, sections, compact } = state;
  return { ...DEFAULTS, turn, sections, compact, headline: state.percentile, percentiles };
}
