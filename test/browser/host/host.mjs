// A page that loads the built plugin as Grafana does: SystemJS, AMD, shared modules. `?theme=light`, `?empty=1`.
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

const frames =
  query.get('empty') === '1'
    ? []
    : [...asTable(comparisonSamples([VLLM, LLMD], null)), ...historyFrames([VLLM, LLMD])];
const fieldConfig = { defaults: {}, overrides: [] };
const series = data.applyFieldOverrides({
  data: frames,
  fieldConfig,
  fieldConfigRegistry: plugin.fieldConfigRegistry,
  replaceVariables: (text) => text,
  theme,
  timeZone: 'utc',
});
const timeRange = {
  from: data.dateTime(NOW - 3_600_000),
  to: data.dateTime(NOW),
  raw: { from: 'now-1h', to: 'now' },
};
const props = {
  id: 1,
  title: 'Comparison',
  options: plugin.defaults,
  data: { state: data.LoadingState.Done, series, timeRange },
  timeRange,
  timeZone: 'utc',
  width: window.innerWidth,
  height: window.innerHeight,
  fieldConfig,
  transparent: false,
  renderCounter: 0,
  replaceVariables: (text) => text,
  onOptionsChange() {},
  onFieldConfigChange() {},
  onChangeTimeRange() {},
};
document.body.style.margin = '0';
document.body.style.background = theme.colors.background.primary;
createRoot(document.getElementById('root')).render(
  React.createElement(data.ThemeContext.Provider, { value: theme }, React.createElement(plugin.panel, props)),
);
