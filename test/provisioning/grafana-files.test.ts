import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ZodType } from 'zod';
import {
  contactPointsFile,
  dashboardsFile,
  datasourcesFile,
  pluginsFile,
  policiesFile,
} from './grafana-schemas';

const folder = join(__dirname, '../../provisioning');
const text = (path: string) => readFileSync(join(folder, path), 'utf8');
const read = <Value>(path: string, schema: ZodType<Value>): Value => schema.parse(parse(text(path)));

const SCHEMAS: Record<string, ZodType> = {
  'datasources/taillight.yaml': datasourcesFile,
  'dashboards/taillight.yaml': dashboardsFile,
  'plugins/taillight.yaml': pluginsFile,
  'alerting/contact-points.yaml': contactPointsFile,
  'alerting/policies.yaml': policiesFile,
};

test('Grafana reads these files and no others', () => {
  const found = ['datasources', 'dashboards', 'plugins', 'alerting'].flatMap((name) =>
    readdirSync(join(folder, name)).map((file) => `${name}/${file}`),
  );
  expect(found.sort()).toEqual(Object.keys(SCHEMAS).sort());
});

test.each(Object.entries(SCHEMAS))('%s is as Grafana documents it', (path, schema) => {
  expect(schema.safeParse(parse(text(path))).error?.issues ?? []).toEqual([]);
});

test('a typing mistake in a file would be noticed', () => {
  const wrong = text('datasources/taillight.yaml').replace('timeInterval', 'timeinterval');
  expect(datasourcesFile.safeParse(parse(wrong)).success).toBe(false);
});

test('every variable is one that the documentation names, compose.yaml and the demo set', () => {
  const names = Object.keys(SCHEMAS).flatMap((path) => {
    const values = JSON.stringify(parse(text(path)));
    return [...values.matchAll(/\$\{?(\w+)/g)].map((match) => match[1]);
  });
  const expected = ['TAILLIGHT_ALERTMANAGER_URL', 'TAILLIGHT_DASHBOARDS', 'TAILLIGHT_PROMETHEUS_URL'];
  expect([...new Set(names)].sort()).toEqual(expected);
  const compose = parse(text('compose.yaml'), { merge: true }) as {
    services: { grafana: { environment: Record<string, string> } };
  };
  for (const name of expected) {
    expect(compose.services.grafana.environment).toHaveProperty(name);
    expect(text('README.md')).toContain(name);
    expect(readFileSync(join(folder, '../exporter/src/cli/companions/launch.ts'), 'utf8')).toContain(name);
  }
});

test('one data source is the default, and Prometheus names the Alertmanager that is there', () => {
  const { datasources } = read('datasources/taillight.yaml', datasourcesFile);
  expect(datasources.map(({ uid, isDefault }) => [uid, isDefault])).toEqual([
    ['prometheus', true],
    ['alertmanager', false],
  ]);
  const prometheus = datasources.find(({ type }) => type === 'prometheus');
  expect(prometheus?.jsonData).toMatchObject({ alertmanagerUid: 'alertmanager', timeInterval: '5s' });
});

test('alerts that are made in Grafana go to our Alertmanager and nowhere else', () => {
  const { contactPoints } = read('alerting/contact-points.yaml', contactPointsFile);
  const { policies } = read('alerting/policies.yaml', policiesFile);
  expect(contactPoints.flatMap(({ receivers }) => receivers.map(({ type }) => type))).toEqual([
    'prometheus-alertmanager',
  ]);
  expect(policies.map(({ receiver }) => receiver)).toEqual(contactPoints.map(({ name }) => name));
});

test('the settings of Grafana are lines that Docker, kustomize and the demo read alike', () => {
  const lines = text('grafana.env')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(line).toMatch(/^GF_[A-Z_]+=[\w.-]+$/);
});
