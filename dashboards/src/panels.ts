import type { DataSourceRef, FieldConfig, Link, Panel, Target } from './grafana';
import { GREEN, GREY, properties, RED } from './look';
import type { Query } from './queries';

export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** What the reader of a panel must know. */
export interface About {
  /** Definition. */
  is: string;
  good: string;
  /** What to look at when it is not good. */
  look: string;
}

/** A panel without its place; `layout` gives it one. */
export interface Spec extends Omit<Panel, 'gridPos'> {
  w: number;
  h: number;
}

interface Common {
  /** For ever the same: links to a panel name it. Hundreds are the row. */
  id: number;
  title: string;
  about: About;
  /** Said instead of data where there are none. */
  none: string;
  w: number;
  h?: number;
  queries: Query[];
}

interface Measured extends Common {
  links?: Link[];
  unit: string;
  min?: number;
  max?: number;
  decimals?: number;
}

const describe = ({ is, good, look }: About) => `${is}\n\n**Good:** ${good}\n\n**Look at:** ${look}`;

/** The link from a series of a replica to its page. */
export const REPLICA_LINK: Link = {
  title: 'Replica ${__field.labels.replica}',
  url: '/d/llm-replica?${datasource:queryparam}&var-target=${__field.labels.target}&var-replica=${__field.labels.replica}&${__url_time_range}',
};

const toTarget = ({ refId, expr, legend, step }: Query): Target => ({
  refId,
  datasource: PROMETHEUS,
  editorMode: 'code',
  expr,
  format: 'time_series',
  instant: false,
  range: true,
  legendFormat: legend,
  ...(step === undefined ? {} : { interval: step }),
});

const overrides = (queries: readonly Query[]) =>
  queries
    .map(({ refId, style }) => ({
      matcher: { id: 'byFrameRefID', options: refId },
      properties: properties(style ?? {}),
    }))
    .filter((override) => override.properties.length > 0);

function panel(type: string, spec: Common, rest: Pick<Panel, 'options' | 'fieldConfig'>): Spec {
  const { id, title, about, w, h = 8, queries } = spec;
  return {
    id,
    type,
    title,
    description: describe(about),
    w,
    h,
    datasource: PROMETHEUS,
    targets: queries.map(toTarget),
    ...rest,
  };
}

function measured(spec: Measured, custom: Record<string, unknown>): FieldConfig {
  const { unit, min = 0, max, decimals, none, links, queries } = spec;
  return {
    defaults: {
      unit,
      noValue: none,
      color: { mode: 'palette-classic' },
      custom,
      min,
      ...(max === undefined ? {} : { max }),
      ...(decimals === undefined ? {} : { decimals }),
      ...(links === undefined ? {} : { links }),
    },
    overrides: overrides(queries),
  };
}

export interface TimeSeries extends Measured {
  /** Areas upon each other: only for parts of a whole. */
  stacked?: boolean;
  /** A dashed line at a value that means something. */
  lineAt?: number;
}

export function timeSeries(spec: TimeSeries): Spec {
  const custom = {
    drawStyle: 'line',
    lineInterpolation: 'linear',
    lineWidth: 2,
    fillOpacity: spec.stacked === true ? 30 : 0,
    showPoints: 'auto',
    pointSize: 4,
    spanNulls: false,
    ...(spec.stacked === true ? { stacking: { mode: 'normal', group: 'A' } } : {}),
    ...(spec.lineAt === undefined ? {} : { thresholdsStyle: { mode: 'dashed' } }),
  };
  const fieldConfig = measured(spec, custom);
  if (spec.lineAt !== undefined) {
    const steps = [
      { color: 'transparent', value: null },
      { color: GREY, value: spec.lineAt },
    ];
    fieldConfig.defaults.thresholds = { mode: 'absolute', steps };
  }
  const options = {
    legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
  return panel('timeseries', spec, { options, fieldConfig });
}

const LATEST = { calcs: ['lastNotNull'], fields: '', values: false };

/** Big numbers, one per query, over their own past. */
export function stat(spec: Measured): Spec {
  const options = {
    reduceOptions: LATEST,
    orientation: 'auto',
    textMode: 'value_and_name',
    colorMode: 'value',
    graphMode: 'area',
    justifyMode: 'auto',
    wideLayout: true,
    showPercentChange: false,
  };
  return panel('stat', spec, { options, fieldConfig: measured(spec, {}) });
}

/** A bar per series, of the latest value. */
export function bars(spec: Measured): Spec {
  const options = {
    reduceOptions: LATEST,
    orientation: 'horizontal',
    displayMode: 'basic',
    valueMode: 'text',
    showUnfilled: true,
    namePlacement: 'auto',
    sizing: 'auto',
    minVizHeight: 12,
    maxVizHeight: 30,
    minVizWidth: 8,
  };
  return panel('bargauge', spec, { options, fieldConfig: measured(spec, {}) });
}

/** What 1 and 0 mean, in words; both may be colours that judge. */
export interface States {
  one: { text: string; color: string };
  zero: { text: string; color: string };
}

export const UP: States = { one: { text: 'up', color: GREEN }, zero: { text: 'down', color: RED } };
export const WELL: States = { one: { text: 'ok', color: GREEN }, zero: { text: 'failing', color: RED } };
export const HOLDS: States = {
  one: { text: 'holds', color: 'yellow' },
  zero: { text: 'no', color: 'transparent' },
};
export const FIRING: States = {
  one: { text: 'firing', color: RED },
  zero: { text: 'no', color: 'transparent' },
};

/** A band per series that changes its colour with 1 and 0. */
export function states(spec: Common & { states: States }): Spec {
  const options = {
    showValue: 'never',
    mergeValues: true,
    rowHeight: 0.8,
    alignValue: 'left',
    legend: { showLegend: false, displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'single', sort: 'none' },
  };
  const fieldConfig: FieldConfig = {
    defaults: {
      unit: 'none',
      noValue: spec.none,
      color: { mode: 'thresholds' },
      thresholds: { mode: 'absolute', steps: [{ color: GREY, value: null }] },
      mappings: [
        { type: 'value', options: { '0': { ...spec.states.zero, index: 0 } } },
        { type: 'value', options: { '1': { ...spec.states.one, index: 1 } } },
      ],
      custom: { fillOpacity: 70, lineWidth: 0 },
    },
    overrides: [],
  };
  return panel('state-timeline', spec, { options, fieldConfig });
}

/** A table of labels, a row per series; `columns` are label → heading, in order. */
export function table(spec: Common & { columns: Record<string, string> }): Spec {
  const made = panel('table', spec, {
    options: { showHeader: true, cellHeight: 'sm' },
    fieldConfig: {
      defaults: { unit: 'none', noValue: spec.none, custom: { align: 'left', filterable: false } },
      overrides: [],
    },
  });
  const labels = Object.keys(spec.columns);
  return {
    ...made,
    targets: (made.targets ?? []).map(({ legendFormat: _, ...target }) => ({
      ...target,
      format: 'table',
      instant: true,
      range: false,
    })),
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, Value: true },
          indexByName: Object.fromEntries(labels.map((label, i) => [label, i])),
          renameByName: spec.columns,
        },
      },
    ],
  };
}
