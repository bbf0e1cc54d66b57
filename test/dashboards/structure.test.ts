import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DASHBOARDS, dashboardFile } from '../../dashboards/src/dashboards';
import type { Panel } from '../../dashboards/src/grafana';
import { BLUE, ORANGE } from '../../dashboards/src/look';
import { DEFAULTS } from '../../plugin/src/options';
import { defaultQueries } from '../../plugin/src/queries';
import { DASHBOARD_FILES, readDashboard } from '../support/dashboard-queries';
import { KUSTOMIZE } from '../support/kustomize';

/** The JSON of the dashboards as Grafana gets it. */

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const folder = join(__dirname, '../../dashboards');

const twice = <Value>(values: readonly Value[]) =>
  values.filter((value, index) => values.indexOf(value) !== index);

test('the committed files are what the generator writes', () => {
  expect(Object.keys(DASHBOARDS)).toEqual([...DASHBOARD_FILES]);
  for (const file of DASHBOARD_FILES) {
    expect(readFileSync(join(folder, file), 'utf8')).toBe(dashboardFile(file));
    expect(readDashboard(file)).toEqual(DASHBOARDS[file]);
  }
});

test('both fit into one ConfigMap of kubectl apply, by the names that Grafana is told', () => {
  const built = execFileSync(KUSTOMIZE, ['build', folder], { encoding: 'utf8' });
  const map = parse(built) as { kind: string; metadata: { name: string }; data: Record<string, string> };
  expect(map.kind).toBe('ConfigMap');
  expect(map.metadata.name).toMatch(/^grafana-dashboards-/);
  expect(Object.keys(map.data)).toEqual([...DASHBOARD_FILES]);
  expect(Buffer.byteLength(JSON.stringify(map))).toBeLessThan(240_000);
});

test('the dashboards go by the names that alerts, documents and links use', () => {
  const names = DASHBOARD_FILES.map(readDashboard).map(({ uid, title }) => [uid, title]);
  expect(names).toEqual([
    ['llm-performance', 'LLM Performance Dashboard'],
    ['llm-replica', 'LLM Replica'],
  ]);
});

test('the four key metrics of the demo are found by their names, right below the comparison', () => {
  const [comparison, row, ...panels] = readDashboard('llm-performance.json').panels;
  expect([comparison!.type, comparison!.gridPos]).toEqual([
    'taillight-comparison-panel',
    { x: 0, y: 0, w: 24, h: 18 },
  ]);
  expect([row!.type, ...panels.slice(0, 4).map(({ title }) => title)]).toEqual([
    'row',
    'Time to First Token (TTFT)',
    'KV Cache Hit Rate',
    'Requests per Second',
    'GPU Utilization',
  ]);
});

test("the comparison panel has the plugin's own queries and options, for the chosen targets and turns", () => {
  const [panel] = readDashboard('llm-performance.json').panels;
  const own = defaultQueries({ target: 'target=~"$baseline|$candidate"', turn: '$turn' });
  expect(panel!.targets!.map(({ datasource: _, editorMode: __, ...query }) => query)).toEqual(own);
  expect(panel!.options).toEqual({ ...DEFAULTS, turn: '$turn' });
});

test("the colours are the panel's own", () => {
  const tokens = readFileSync(join(__dirname, '../../plugin/src/tokens.ts'), 'utf8');
  expect(tokens).toContain(`dark: ['${ORANGE}', '${BLUE}',`);
});

describe.each(DASHBOARD_FILES)('%s', (file) => {
  const dashboard = readDashboard(file);
  const { panels } = dashboard;
  const drawn = panels.filter(({ type }) => type !== 'row');
  const name = ({ id, title }: Panel) => `${id} ${title}`;
  const failing = (list: readonly Panel[], fails: (panel: Panel) => boolean) => list.filter(fails).map(name);

  test('has a uid and no id of a database, and is of the classic schema', () => {
    expect(dashboard).not.toHaveProperty('id');
    expect(dashboard.uid).toBe(file.replace('.json', ''));
    expect(dashboard.schemaVersion).toBe(42);
  });

  test('panels have their own ids and titles, and those of a row the hundred of its id', () => {
    expect(twice(panels.map(({ id }) => id))).toEqual([]);
    expect(twice(panels.map(({ title }) => title))).toEqual([]);
    let row = 0;
    const astray = panels.filter(({ id, type }) => {
      if (type === 'row') row = id;
      else return row < 100 ? id >= 100 : Math.floor(id / 100) !== row / 100;
      return false;
    });
    expect(astray.map(name)).toEqual([]);
  });

  test('everything asks the chosen data source, and every query has its own refId', () => {
    const asked = [
      ...panels.filter(({ type }) => type !== 'row').map(({ datasource }) => datasource),
      ...panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource)),
      ...dashboard.templating.list.filter(({ type }) => type === 'query').map(({ datasource }) => datasource),
      ...dashboard.annotations.list
        .filter(({ builtIn }) => builtIn !== 1)
        .map(({ datasource }) => datasource),
    ];
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((source) => JSON.stringify(source) !== JSON.stringify(DATASOURCE))).toEqual([]);
    expect(failing(drawn, ({ targets = [] }) => targets.length === 0)).toEqual([]);
    expect(failing(drawn, ({ targets = [] }) => twice(targets.map(({ refId }) => refId)).length > 0)).toEqual(
      [],
    );
  });

  test('every panel says what it is, what is good and where to look, and what is missing when it is empty', () => {
    expect(
      failing(
        drawn,
        ({ description = '' }) => !/^.{20,}\n\n\*\*Good:\*\* .+\n\n\*\*Look at:\*\* .+/s.test(description),
      ),
    ).toEqual([]);
    const standard = drawn.filter(({ type }) => type !== 'taillight-comparison-panel');
    expect(failing(standard, ({ fieldConfig }) => (fieldConfig?.defaults.noValue ?? '').length < 10)).toEqual(
      [],
    );
    expect(failing(standard, ({ fieldConfig }) => (fieldConfig?.defaults.unit ?? '') === '')).toEqual([]);
  });

  test('queries of a panel have different legends', () => {
    const same = drawn.filter(({ targets = [] }) => {
      // Two targets share a legend that names the target.
      const lines = targets.filter(({ format }) => format === 'time_series');
      const legends = lines.map(({ legendFormat = '', expr }) =>
        legendFormat.replace('{{target}}', /target="(\$\w+)"/.exec(expr)?.[1] ?? '{{target}}'),
      );
      return twice(legends).length > 0;
    });
    expect(same.map(name)).toEqual([]);
  });

  test('overrides are of queries that exist, and lines are filled down to lines that exist', () => {
    const lost = drawn.flatMap((panel) => {
      const refIds = (panel.targets ?? []).map(({ refId }) => refId);
      const legends = (panel.targets ?? []).map(({ legendFormat }) => legendFormat);
      return (panel.fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) => [
        ...(matcher.id === 'byFrameRefID' && refIds.includes(matcher.options)
          ? []
          : [`${name(panel)} ${matcher.options}`]),
        ...properties
          .filter(({ id, value }) => id === 'custom.fillBelowTo' && !legends.includes(value as string))
          .map(({ value }) => `${name(panel)} ${String(value)}`),
      ]);
    });
    expect(lost).toEqual([]);
  });

  test('panels lie inside of 24 columns, upon each other nowhere, without a hole between them', () => {
    const cells = new Set<string>();
    const over: string[] = [];
    let bottom = 0;
    for (const panel of panels) {
      const { x, y, w, h } = panel.gridPos;
      if (x < 0 || x + w > 24 || w < 4 || (panel.type !== 'row' && h < 5)) over.push(name(panel));
      bottom = Math.max(bottom, y + h);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          const cell = `${column},${line}`;
          if (cells.has(cell)) over.push(name(panel));
          cells.add(cell);
        }
      }
    }
    expect(over).toEqual([]);
    expect(cells.size).toBe(24 * bottom);
  });

  test('links to dashboards lead to ours, with variables that those have', () => {
    const urls = [
      ...dashboard.links.map(({ url }) => url),
      ...drawn.flatMap(({ fieldConfig }) => (fieldConfig?.defaults.links ?? []).map(({ url }) => url)),
    ];
    expect(urls.length).toBeGreaterThan(0);
    for (const url of urls) {
      const [, uid = '', query = ''] = /^\/d\/([\w-]+)(?:\?(.*))?$/.exec(url) ?? [];
      const linked = Object.values(DASHBOARDS).find((one) => one.uid === uid);
      expect([url, linked?.uid]).toEqual([url, uid]);
      const variables = [...query.matchAll(/var-(\w+)=/g)].map(([, variable]) => variable);
      const known = linked!.templating.list.map((variable) => variable.name);
      expect(variables.filter((variable) => !known.includes(variable!))).toEqual([]);
    }
  });

  test('every variable that is used is one of the dashboard or of Grafana, and each is used', () => {
    const own = dashboard.templating.list.map((variable) => variable.name);
    const text = JSON.stringify({
      panels,
      annotations: dashboard.annotations,
      templating: dashboard.templating,
    });
    const used = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, variable]) => variable!));
    const grafanas = ['__rate_interval', '__interval', '__field', '__data', '__url_time_range'];
    expect([...used].filter((variable) => !own.includes(variable) && !grafanas.includes(variable))).toEqual(
      [],
    );
    expect(own.filter((variable) => !used.has(variable))).toEqual([]);
  });
});
