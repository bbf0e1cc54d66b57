import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BUILDS, buildObjects, copyManifests, plainName, ROOT, type KubeObject } from '../support/kustomize';

const NAMES = 'monitoring/names/names.yaml';

const names = (parse(readFileSync(join(ROOT, NAMES), 'utf8')) as { data: Record<string, string> }).data;

/** A name for everything in names.yaml that stands nowhere else, so that it can be found and put back. */
const others: Readonly<Record<string, string>> = {
  'monitoring-namespace': 'zz-watch',
  'demo-namespace': 'zz-models',
  'gpu-namespace': 'zz-gpus',
  cluster: 'zz-cluster',
  'grafana-host': 'zz-grafana.example.org',
};

let copy: string;

beforeAll(() => {
  copy = copyManifests();
  const changed = Object.entries(others).reduce(
    (text, [key, value]) => text.replace(new RegExp(`^(  ${key}: ).*$`, 'm'), `$1${value}`),
    readFileSync(join(ROOT, NAMES), 'utf8'),
  );
  writeFileSync(join(copy, NAMES), changed);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Objects as text, without the suffixes that follow contents, in an order of their own. */
function plain(objects: readonly KubeObject[]): string[] {
  const suffixed = new Map(objects.map((object) => [object.metadata.name, plainName(object)]));
  return objects
    .map((object) =>
      [...suffixed].reduce(
        (text, [name, short]) => (name === short ? text : text.replaceAll(`"${name}"`, `"${short}"`)),
        JSON.stringify(object),
      ),
    )
    .sort();
}

test('every name of names.yaml is changed here', () => {
  expect(Object.keys(others).sort()).toEqual(Object.keys(names).sort());
});

describe.each(BUILDS)('%s', (build) => {
  test('with other names is the same, but for these names', () => {
    const back = Object.entries(others).reduce(
      (texts, [key, value]) => texts.map((text) => text.replaceAll(value, names[key]!)),
      plain(buildObjects(build, copy)),
    );
    expect(back.sort()).toEqual(plain(buildObjects(build)));
  });

  test('with other names has no object in the old namespaces', () => {
    const objects = buildObjects(build, copy);
    const namespaces = objects.map(({ metadata: { namespace } }) => namespace ?? '-');
    expect([...new Set(namespaces)].sort()).toEqual(
      build === 'monitoring/overlays/demo'
        ? ['-', 'zz-gpus', 'zz-models', 'zz-watch']
        : ['-', 'zz-models', 'zz-watch'],
    );
    expect(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(['zz-models', 'zz-watch']),
    );
  });
});

test('the demo namespace is another one in what Prometheus and Taillight ask for', () => {
  const text = JSON.stringify(buildObjects('monitoring', copy));
  expect(text).toContain("names: ['zz-models']");
  expect(text).toContain('{"name":"DEMO_NAMESPACE","value":"zz-models"}');
  expect(text).toContain('{"name":"CLUSTER","value":"zz-cluster"}');
});
