import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../exporter/src/config/load-config';

const folder = join(__dirname, '../../provisioning');

/** The parts of the Compose specification that the file uses; anything else is refused. */
const bind = z.strictObject({
  type: z.literal('bind'),
  source: z.string(),
  target: z.string().startsWith('/'),
  read_only: z.literal(true),
  bind: z.strictObject({ create_host_path: z.literal(false), selinux: z.enum(['z', 'Z']) }),
});
const seconds = z.string().regex(/^\d+s$/);
const service = z.strictObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  init: z.boolean().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  environment: z.record(z.string(), z.string()).optional(),
  env_file: z.array(z.string()).optional(),
  volumes: z.array(z.union([z.string(), bind])),
  tmpfs: z.array(z.string()).optional(),
  ports: z.array(z.string()),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .optional(),
  healthcheck: z.strictObject({
    test: z.tuple([z.literal('CMD')], z.string()),
    interval: seconds,
    timeout: seconds,
    retries: z.number().int().positive(),
  }),
});
const file = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.strictObject({})),
});

const compose = file.parse(parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true }));
const services = Object.entries(compose.services);

/** Mounts as Compose understands them, short or long. */
const mounts = ({ volumes }: z.infer<typeof service>) =>
  volumes.map((volume) => {
    if (typeof volume !== 'string') return volume;
    const [source = '', target = '', options = ''] = volume.split(':');
    const type = /^[./]/.test(source) ? ('bind' as const) : ('volume' as const);
    return { type, source, target, read_only: options.split(',').includes('ro') };
  });

test('the file holds the two fleets, the exporter and the three programs, and nothing unknown at the top', () => {
  expect(Object.keys(compose.services).sort()).toEqual([
    'alertmanager',
    'fleets',
    'grafana',
    'prometheus',
    'taillight',
  ]);
  const top = Object.keys(compose).filter((key) => !key.startsWith('x-'));
  expect(top.sort()).toEqual(['name', 'services', 'volumes']);
});

test('images are those of the cluster, with registry and exact tag', () => {
  expect(services.map(([name, { image }]) => [name, image])).toEqual([
    ['fleets', 'docker.io/library/node:22.21.1-bookworm-slim'],
    ['taillight', 'docker.io/library/node:22.21.1-bookworm-slim'],
    ['prometheus', 'quay.io/prometheus/prometheus:v3.13.0'],
    ['alertmanager', 'quay.io/prometheus/alertmanager:v0.29.0'],
    ['grafana', 'docker.io/grafana/grafana:12.4.0'],
  ]);
});

test.each(services)('%s: ports are open on this machine only', (_name, { ports }) => {
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test.each(services)(
  '%s: what is mounted from the clone exists and is read-only, volumes are declared',
  (_name, one) => {
    for (const { type, source, read_only } of mounts(one)) {
      if (type === 'volume') expect(compose.volumes).toHaveProperty(source);
      else
        expect({ source, exists: existsSync(join(folder, source)), read_only }).toEqual({
          source,
          exists: true,
          read_only: true,
        });
    }
    for (const path of one.env_file ?? []) expect(existsSync(join(folder, path))).toBe(true);
  },
);

test.each(services)('%s runs without privileges, its files are not writable', (_name, one) => {
  expect(one).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
});

test.each(services)('%s: what it waits for exists and has a health check', (_name, { depends_on = {} }) => {
  for (const other of Object.keys(depends_on)) expect(compose.services).toHaveProperty(other);
});

/** The file of the clone that a container sees at a path. */
function behind(name: string, path: string): string {
  const mount = mounts(compose.services[name]!).find(
    ({ target }) => path === target || path.startsWith(`${target}/`),
  );
  if (mount === undefined) throw new Error(`${path} is not mounted into ${name}`);
  return resolve(folder, mount.source, `.${path.slice(mount.target.length)}`);
}

const option = (name: string, flag: string) =>
  compose.services[name]?.command?.find((word) => word.startsWith(flag))?.slice(flag.length) ?? '';

test('commands name files that are mounted where they say', () => {
  expect(existsSync(behind('prometheus', option('prometheus', '--config.file=')))).toBe(true);
  expect(existsSync(behind('alertmanager', option('alertmanager', '--config.file=')))).toBe(true);
  // The rules and targets that prometheus.yml names relative to itself.
  const beside = dirname(option('prometheus', '--config.file='));
  expect(behind('prometheus', `${beside}/rules/recording.yaml`)).toBe(
    resolve(folder, '../monitoring/rules/recording.yaml'),
  );
  expect(behind('prometheus', `${beside}/targets/vllm.yml`)).toBe(
    join(folder, 'prometheus/targets/vllm.yml'),
  );
});

test('Grafana finds its provisioning folders, the dashboards and the panel where it looks', () => {
  for (const name of ['datasources', 'dashboards', 'plugins', 'alerting'])
    expect(behind('grafana', `/etc/grafana/provisioning/${name}`)).toBe(join(folder, name));
  const { TAILLIGHT_DASHBOARDS = '', GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: home = '' } =
    compose.services['grafana']?.environment ?? {};
  expect(behind('grafana', TAILLIGHT_DASHBOARDS)).toBe(resolve(folder, '../dashboards'));
  expect(existsSync(behind('grafana', home))).toBe(true);
  const panel = behind('grafana', '/var/lib/grafana/plugins/taillight-comparison-panel/plugin.json');
  expect(JSON.parse(readFileSync(panel, 'utf8'))).toMatchObject({ id: 'taillight-comparison-panel' });
});

describe('addresses within the compose network', () => {
  const published = (name: string) => (compose.services[name]?.ports ?? []).map((port) => port.split(':')[2]);
  const targets = (name: string) =>
    parse(readFileSync(join(folder, 'prometheus/targets', `${name}.yml`), 'utf8')) as {
      targets: string[];
      labels?: Record<string, string>;
    }[];
  const all = (name: string) => targets(name).flatMap((group) => group.targets);

  test('Prometheus scrapes each program at its port', () => {
    for (const name of ['taillight', 'alertmanager', 'grafana'])
      expect(all(name)).toEqual([`${name}:${published(name)[0]}`]);
    expect(all('prometheus')).toEqual([`localhost:${published('prometheus')[0]}`]);
  });

  test('the exporter and Prometheus read the same pages of the fleets', () => {
    const loaded = loadConfig(join(folder, 'taillight/taillight.yaml'), {});
    if (!loaded.ok) throw new Error(loaded.mistakes.join('\n'));
    expect(loaded.warnings).toEqual([]);
    const { targets: configured, listen } = loaded.config;
    const replicas = configured.flatMap(({ name, replicas: group }) =>
      group?.discovery.kind === 'static'
        ? group.discovery.endpoints.map((one) => ({ ...one, target: name, url: new URL(one.url).host }))
        : [],
    );
    const scraped = targets('vllm').map(({ targets: [url], labels }) => ({ url, ...labels }));
    expect(replicas.map(({ name, target, url }) => ({ url, target, replica: name }))).toEqual(scraped);
    expect(configured.map(({ router }) => router && new URL(router.url).host)).toEqual([null, all('epp')[0]]);
    expect(all('taillight')).toEqual([`taillight:${listen.port}`]);
  });
});
