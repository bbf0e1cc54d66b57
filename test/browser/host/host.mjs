// A page that loads the built plugin as Grafana does: SystemJS, AMD, shared modules. `?theme=light`, `?frames=none|made|captured`.
import * as emotion from '@emotion/css';
import * as data from '@grafana/data';
import * as ui from '@grafana/ui';
import * as React from 'react';
import * as ReactDom from 'react-dom';
import { createRoot } from 'react-dom/client';
import {
  asTable,
  comparisonSamples,
  historyFrames,
  LLMD,
  NOW,
  VLLM,
} from '../../../plugin/src/testing/frames';
import { framesOf } from '../../../plugin/src/testing/prometheus-answers';

const MARGIN = 16;
const { System } = window;
const shared = {
  react: React,
  'react-dom': ReactDom,
  '@emotion/css': emotion,
  '@grafana/data': data,
  '@grafana/ui': ui,
};
const imports = {};
for (const [name, module] of Object.entries(shared)) {
  imports[name] = `app:${name}`;
  System.set(imports[name], { ...module, default: module.default ?? module, __useDefault: false });
}
System.addImportMap({ imports });

// What Grafana's own start-up registers; without it no field configuration can be made.
const NAMES = Object.values(data.FieldConfigProperty);
const option = (id) => ({
  id,
  path: id,
  name: id,
  editor: () => null,
  override: () => null,
  process: (value) => value,
  shouldApply: () => true,
});
data.standardFieldConfigEditorRegistry.setInit(() => NAMES.map(option));
const EDITORS = [
  'text',
  'number',
  'slider',
  'boolean',
  'select',
  'multi-select',
  'radio',
  'color',
  'unit',
  'strings',
];
data.standardEditorsRegistry.setInit(() => EDITORS.map(option));

const query = new URLSearchParams(window.location.search);
const theme = data.createTheme({ colors: { mode: query.get('theme') === 'light' ? 'light' : 'dark' } });
const { plugin } = await System.import(new URL('plugin/module.js', document.baseURI).href);

/** What a real Prometheus answered about a demo (test/fixtures/frames). */
async function capturedFrames() {
  // eslint-disable-next-line no-restricted-globals -- a page has nothing else
  const { body } = await fetch('fixtures/demo.json.gz');
  const text = await new Response(body.pipeThrough(new DecompressionStream('gzip'))).text();
  return JSON.parse(text).answers.flatMap((answer) => framesOf(answer));
}

const SOURCES = {
  none: () => [],
  made: () => [...asTable(comparisonSamples([VLLM, LLMD], null)), ...historyFrames([VLLM, LLMD])],
  captured: capturedFrames,
};
const frames = await SOURCES[query.get('frames') ?? 'made']();
const fieldConfig = { defaults: {}, overrides: [] };
const series = data.applyFieldOverrides({
  data: frames,
  fieldConfig,
  fieldConfigRegistry: plugin.fieldConfigRegistry,
  replaceVariables: (text) => text,
  theme,
  timeZone: 'utc',
});
const to = Number(query.get('to') ?? NOW);
const timeRange = {
  from: data.dateTime(to - Number(query.get('seconds') ?? 3600) * 1000),
  to: data.dateTime(to),
  raw: { from: 'now-1h', to: 'now' },
};
const props = {
  id: 1,
  title: 'Comparison',
  options: { ...plugin.defaults, ...JSON.parse(query.get('options') ?? '{}') },
  data: { state: data.LoadingState.Done, series, timeRange },
  timeRange,
  timeZone: 'utc',
  // Grafana's frame leaves a margin around a panel.
  width: window.innerWidth - 2 * MARGIN,
  height: window.innerHeight - 2 * MARGIN,
  fieldConfig,
  transparent: false,
  renderCounter: 0,
  replaceVariables: (text) => text,
  onOptionsChange() {},
  onFieldConfigChange() {},
  onChangeTimeRange() {},
};
document.body.style.margin = `${MARGIN}px`;
document.body.style.background = theme.colors.background.primary;
createRoot(document.getElementById('root')).render(
  React.createElement(data.ThemeContext.Provider, { value: theme }, React.createElement(plugin.panel, props)),
);
