/** The part of Grafana's classic dashboard JSON that our dashboards use. Grafana 11.6 to 13 read it alike. */

export interface DataSourceRef {
  type: string;
  uid: string;
}

export interface Link {
  title: string;
  url: string;
  targetBlank?: boolean;
}

export interface Target {
  refId: string;
  datasource: DataSourceRef;
  editorMode: 'code';
  expr: string;
  format: 'table' | 'time_series';
  instant: boolean;
  range: boolean;
  legendFormat?: string;
  /** Least step; Grafana's $__rate_interval is at least four of them. */
  interval?: string;
}

export interface Property {
  id: string;
  value: unknown;
}

export interface Override {
  matcher: { id: string; options: string };
  properties: Property[];
}

export interface FieldConfig {
  defaults: {
    unit?: string;
    min?: number;
    max?: number;
    decimals?: number;
    noValue?: string;
    color?: { mode: 'thresholds' | 'palette-classic' };
    thresholds?: { mode: 'absolute'; steps: { color: string; value: number | null }[] };
    mappings?: { type: 'value'; options: Record<string, { text: string; color: string; index: number }> }[];
    links?: Link[];
    custom?: Record<string, unknown>;
  };
  overrides: Override[];
}

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPos;
  datasource?: DataSourceRef;
  targets?: Target[];
  fieldConfig?: FieldConfig;
  options?: Record<string, unknown>;
  transformations?: { id: string; options: Record<string, unknown> }[];
  /** Rows only. */
  collapsed?: boolean;
  panels?: Panel[];
}

export interface Variable {
  name: string;
  label: string;
  type: 'datasource' | 'query' | 'custom';
  query: string | { qryType: number; query: string; refId: string };
  datasource?: DataSourceRef;
  definition?: string;
  current: { text?: string; value?: string };
  options: { text: string; value: string; selected: boolean }[];
  refresh?: number;
  sort?: number;
  regex?: string;
  hide: number;
  includeAll: boolean;
  multi: boolean;
  skipUrlSync: boolean;
}

export interface Annotation {
  name: string;
  datasource: DataSourceRef;
  enable: boolean;
  hide: boolean;
  iconColor: string;
  builtIn?: number;
  type?: string;
  expr?: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
}

export interface DashboardLink {
  title: string;
  type: 'link';
  url: string;
  icon: string;
  tooltip: string;
  tags: string[];
  asDropdown: boolean;
  includeVars: boolean;
  keepTime: boolean;
  targetBlank: boolean;
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  schemaVersion: number;
  version: number;
  editable: boolean;
  /** 1: the cursor shows on every panel. */
  graphTooltip: number;
  refresh: string;
  time: { from: string; to: string };
  timepicker: { refresh_intervals: string[] };
  timezone: string;
  links: DashboardLink[];
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
  panels: Panel[];
}
