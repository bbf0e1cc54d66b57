import type { Annotation, Dashboard, DashboardLink, Variable } from './grafana';
import { PROMETHEUS } from './panels';

const SHOWN = { hide: 0, includeAll: false, multi: false, skipUrlSync: false };

/** The value is a uid; where no data source has it, Grafana takes the first. */
export const DATASOURCE: Variable = {
  ...SHOWN,
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: { text: 'Prometheus', value: 'prometheus' },
  options: [],
  refresh: 1,
  regex: '',
};

/** A variable whose choices are the values of a label. */
export function labelValues(name: string, label: string, series: string, of: string): Variable {
  const query = `label_values(${series}, ${of})`;
  return {
    ...SHOWN,
    name,
    label,
    type: 'query',
    datasource: PROMETHEUS,
    definition: query,
    query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    current: {},
    options: [],
    // With every change of the time range, so that an exporter that starts later appears.
    refresh: 2,
    sort: 7,
    regex: '',
  };
}

/** A variable with fixed choices, the first one chosen. */
export function choice(name: string, label: string, choices: Record<string, string>): Variable {
  const options = Object.entries(choices).map(([value, text], i) => ({ text, value, selected: i === 0 }));
  return {
    ...SHOWN,
    name,
    label,
    type: 'custom',
    query: options.map(({ text, value }) => `${text} : ${value}`).join(', '),
    current: { text: options[0]?.text ?? '', value: options[0]?.value ?? '' },
    options,
  };
}

/** What people and Grafana itself write onto dashboards. */
const BY_HAND: Annotation = {
  name: 'Annotations & Alerts',
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  type: 'dashboard',
};

/** An annotation over every span in which the expression is above 0. */
export function span(
  name: string,
  expr: string,
  text: string,
  look: { color: string; tags: string },
): Annotation {
  return {
    name,
    datasource: PROMETHEUS,
    enable: true,
    hide: false,
    iconColor: look.color,
    expr,
    step: '15s',
    titleFormat: name,
    textFormat: text,
    tagKeys: look.tags,
  };
}

/** A link to the other dashboard that keeps the time range and the data source. */
export const linkTo = (uid: string, title: string, tooltip: string): DashboardLink => ({
  title,
  type: 'link',
  url: `/d/${uid}`,
  icon: 'dashboard',
  tooltip,
  tags: [],
  asDropdown: false,
  includeVars: true,
  keepTime: true,
  targetBlank: false,
});

/** What our dashboards have in common. */
export function dashboard(
  own: Pick<Dashboard, 'uid' | 'title' | 'description' | 'links' | 'panels'> & {
    variables: Variable[];
    annotations: Annotation[];
  },
): Dashboard {
  const { uid, title, description, links, panels, variables, annotations } = own;
  return {
    uid,
    title,
    description,
    tags: ['taillight', 'llm', 'vllm', 'llm-d'],
    schemaVersion: 42,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    timepicker: { refresh_intervals: ['5s', '10s', '30s', '1m', '5m', '15m'] },
    timezone: 'browser',
    links,
    templating: { list: [DATASOURCE, ...variables] },
    annotations: { list: [BY_HAND, ...annotations] },
    panels,
  };
}
