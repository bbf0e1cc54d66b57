import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILDS, buildObjects, matches, ROOT, workloadsOf, type KubeObject } from '../support/kustomize';

const readme = readFileSync(join(ROOT, 'monitoring/README.md'), 'utf8');

/** Made by a Job, by the operator, or by the very command. */
const MADE_ELSEWHERE = [
  'secret/grafana-admin',
  'secret/grafana-admin-credentials',
  'secret/alertmanager-receivers',
  'configmap/taillight-panel',
];

/** Short names of kinds, as `oc` knows them. */
const KINDS: Readonly<Record<string, string>> = {
  cm: 'configmap',
  deploy: 'deployment',
  sts: 'statefulset',
  svc: 'service',
};

/** Commands of all code, in blocks and in the text, one line each. */
const commands = [
  ...[...readme.matchAll(/```bash\n([^]*?)```/g)].flatMap(([, block = '']) => block.split('\n')),
  ...[...readme.matchAll(/`((?:oc|kubectl) [^`]+)`/g)].map(([, command = '']) => command),
]
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => /\b(oc|kubectl|helm) /.test(line));

const objects = BUILDS.flatMap((build) => buildObjects(build));
const known = new Set([
  ...MADE_ELSEWHERE,
  ...objects.map(({ kind, metadata }: KubeObject) => `${kind.toLowerCase()}/${metadata.name}`),
]);
const workloads = workloadsOf(objects);

/** Objects that a command names: `kind/name`, `get kind name`, `create secret generic name`. */
function named(command: string): string[] {
  const slashed = [
    ...command.matchAll(/\b(deploy|deployment|sts|statefulset|svc|job|secret)\/([a-z0-9-]+)/g),
  ];
  const spaced = [
    ...command.matchAll(/\b(?:get|delete) (secret|route|ingress|job|namespace) (?!-)([a-z0-9-]+)/g),
    ...command.matchAll(/\bcreate (configmap) ([a-z0-9-]+)/g),
  ];
  const generic = [...command.matchAll(/\bcreate secret (generic) ([a-z0-9-]+)/g)].map(
    ([, , name = '']) => `secret/${name}`,
  );
  return [
    ...generic,
    ...[...slashed, ...spaced].map(([, kind = '', name = '']) => `${KINDS[kind] ?? kind}/${name}`),
  ];
}

test('there are commands for every overlay', () => {
  const applied = commands.flatMap((command) => /apply -k (\S+)/.exec(command)?.[1] ?? []);
  expect([...new Set(applied)].sort()).toEqual([...BUILDS].sort());
});

test('objects that the commands name exist', () => {
  expect(commands.flatMap(named).filter((name) => !known.has(name))).toEqual([]);
  expect(new Set(commands.flatMap(named)).size).toBeGreaterThan(8);
});

test('selectors of pods find pods', () => {
  const selectors = commands.flatMap((command) => /pod -l (\S+)=(\S+)/.exec(command)?.slice(1, 3) ?? []);
  for (let index = 0; index < selectors.length; index += 2) {
    const selector = { [selectors[index]!]: selectors[index + 1]! };
    expect(workloads.filter(({ labels }) => matches(selector, labels))).not.toEqual([]);
  }
  expect(selectors.length).toBeGreaterThan(4);
});

test('namespaces of the commands are those of the manifests, or of the stacks beside them', () => {
  const asked = commands.flatMap((command) =>
    [...command.matchAll(/ -n ([a-z0-9-]+)/g)].map(([, name]) => name),
  );
  const ours = new Set(objects.map(({ metadata }) => metadata.namespace));
  expect([...new Set(asked)].filter((name) => !ours.has(name))).toEqual(['monitoring']);
});

test('no command deletes the namespace of the models, nor what holds it', () => {
  const deleting = commands.filter((command) => / delete /.test(command));
  expect(
    deleting.filter((command) => / -k | namespace demo-llm/.test(command) && !/monitoring$/.test(command)),
  ).toEqual([]);
  // Said once, as what not to do.
  expect(readme.match(/delete -k/g)).toHaveLength(1);
  expect(readme).toContain('**Not** `oc delete -k monitoring`');
});

test('files that it speaks of exist', () => {
  const paths = [...readme.matchAll(/`((?:\.\.\/)?[a-z-]+(?:\/[a-z-]+)+(?:\.[a-z]+)?)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !/^(openshift|kubernetes)\.io/.test(path));
  const found = (path: string) =>
    [join(ROOT, 'monitoring', path), join(ROOT, path)].some((candidate) => existsSync(candidate));
  expect(paths.filter((path) => !found(path))).toEqual([]);
  expect(paths.length).toBeGreaterThan(15);
});
