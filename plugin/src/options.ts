import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { QUANTILES, SECTIONS, TURN_CLASSES, type Quantile, type SectionId, type TurnClass } from './types';

export const SCALES = ['auto', 'linear', 'log'] as const;
export type AxisScale = (typeof SCALES)[number];

export interface PanelOptions {
  sections: SectionId[];
  /** Percentiles of the forest, any order. */
  percentiles: Quantile[];
  /** The percentile of the verdict line and of the time series. */
  headline: Quantile;
  turn: TurnClass;
  /** Seconds; null: what the data tell of the exporter's configuration, if anything. */
  slo: number | null;
  scale: AxisScale;
  compact: boolean;
  /** Empty: the target that the data calls the baseline. */
  baseline: string;
  /** Empty: every other target, else names separated by commas. */
  candidates: string;
}

export const DEFAULTS: PanelOptions = {
  sections: [...SECTIONS],
  percentiles: ['p50', 'p95', 'p99'],
  headline: 'p95',
  turn: 'all',
  slo: null,
  scale: 'auto',
  compact: false,
  baseline: '',
  candidates: '',
};

export const SECTION_NAMES: Record<SectionId, string> = {
  verdict: 'Verdict',
  percentiles: 'TTFT percentiles',
  hitRate: 'Cache hit rate',
  balance: 'Balance over replicas',
  overTime: 'TTFT over time',
  byTurn: 'TTFT by turn',
  table: 'Everything else',
};

export const TURN_NAMES: Record<TurnClass, string> = {
  first: 'first turns',
  later: 'later turns',
  all: 'all turns',
};

const SCALE_NAMES: Record<AxisScale, string> = {
  auto: 'Automatic',
  linear: 'Linear, from zero',
  log: 'Logarithmic',
};

const isOneOf = <T extends string>(list: readonly T[], value: unknown): value is T =>
  list.includes(value as T);

/** Options as stored in a dashboard, by any version or by hand, made whole. */
export function completeOptions(stored: Partial<Record<keyof PanelOptions, unknown>>): PanelOptions {
  const pick = <T extends string>(list: readonly T[], value: unknown, fallback: T): T =>
    isOneOf(list, value) ? value : fallback;
  const picks = <T extends string>(list: readonly T[], value: unknown, fallback: T[]): T[] =>
    Array.isArray(value) ? list.filter((item) => value.includes(item)) : fallback;
  const percentiles = picks(QUANTILES, stored.percentiles, DEFAULTS.percentiles);
  return {
    sections: picks(SECTIONS, stored.sections, DEFAULTS.sections),
    percentiles: percentiles.length > 0 ? percentiles : DEFAULTS.percentiles,
    headline: pick(QUANTILES, stored.headline, DEFAULTS.headline),
    turn: pick(TURN_CLASSES, stored.turn, DEFAULTS.turn),
    slo: typeof stored.slo === 'number' && Number.isFinite(stored.slo) && stored.slo > 0 ? stored.slo : null,
    scale: pick(SCALES, stored.scale, DEFAULTS.scale),
    compact: stored.compact === true,
    baseline: typeof stored.baseline === 'string' ? stored.baseline.trim() : '',
    candidates: typeof stored.candidates === 'string' ? stored.candidates.trim() : '',
  };
}

const choices = <T extends string>(list: readonly T[], name: (item: T) => string) =>
  list.map((value) => ({ value, label: name(value) }));

/** Grafana types the choices of a multi-select by the whole list; each is one item of it. */
const multiChoices = <T extends string>(list: readonly T[], name: (item: T) => string) =>
  choices(list, name) as unknown as { value: T[]; label: string }[];

/** The form of the panel editor. */
export function addOptions(builder: PanelOptionsEditorBuilder<PanelOptions>): void {
  builder
    .addMultiSelect({
      path: 'sections',
      name: 'Sections',
      description: 'What to draw where there is room; the least important go first as the panel shrinks.',
      defaultValue: DEFAULTS.sections,
      settings: { options: multiChoices(SECTIONS, (id) => SECTION_NAMES[id]) },
    })
    .addRadio({
      path: 'turn',
      name: 'Turns',
      description: 'First turns find a cold cache, later turns can reuse what came before.',
      defaultValue: DEFAULTS.turn,
      settings: {
        options: choices(TURN_CLASSES, (turn) => ({ first: 'First', later: 'Later', all: 'All' })[turn]),
      },
    })
    .addRadio({
      path: 'headline',
      name: 'Headline percentile',
      defaultValue: DEFAULTS.headline,
      settings: { options: choices(QUANTILES, (q) => q.toUpperCase()) },
    })
    .addMultiSelect({
      path: 'percentiles',
      name: 'Percentiles',
      defaultValue: DEFAULTS.percentiles,
      settings: { options: multiChoices(QUANTILES, (q) => q.toUpperCase()) },
    })
    .addNumberInput({
      path: 'slo',
      name: 'TTFT objective',
      description: 'Seconds. Draws a dashed line on every TTFT axis. Empty: what taillight.yaml promises.',
      settings: { min: 0, placeholder: 'from the data' },
    })
    .addRadio({
      path: 'scale',
      name: 'Time axis',
      defaultValue: DEFAULTS.scale,
      settings: { options: choices(SCALES, (scale) => SCALE_NAMES[scale]) },
    })
    .addBooleanSwitch({
      path: 'compact',
      name: 'Compact',
      description: 'Only the chosen turns among the percentiles, tighter rows.',
      defaultValue: DEFAULTS.compact,
    })
    .addTextInput({
      path: 'baseline',
      name: 'Baseline',
      description: 'Name of a target.',
      settings: { placeholder: 'from the data' },
    })
    .addTextInput({
      path: 'candidates',
      name: 'Candidates',
      description: 'Names of targets, separated by commas.',
      settings: { placeholder: 'every other target' },
    });
}
