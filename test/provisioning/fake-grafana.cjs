#!/usr/bin/env node
// Stands in for Grafana where none is installed: reads the provisioning folder as Grafana 12 does (which files, which
// variables, which mistakes are fatal at the start), and answers the few paths that tests ask for. What it loaded is at
// /fake/loaded; queries go through to the data source, as with the real one.
//
// FAKE_GRAFANA=silent: starts and never answers. FAKE_GRAFANA=deaf: ignores SIGTERM.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { parse } = require('yaml');

const { env } = process;

/** As os.ExpandEnv: an unset variable is nothing; `$$` stands for one dollar. */
function expand(text) {
  return text
    .split('$$')
    .map((part) => part.replace(/\$(?:\{([^}]+)\}|(\w+))/g, (_, braced, plain) => env[braced ?? plain] ?? ''))
    .join('$');
}

/** In values only, never in keys. */
function expandAll(value) {
  if (typeof value === 'string') return expand(value);
  if (Array.isArray(value)) return value.map(expandAll);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expandAll(inner)]));
}

/** The lists named `key` of all YAML files in a folder of the provisioning folder. */
function read(folder, key) {
  const full = path.join(env.GF_PATHS_PROVISIONING, folder);
  return fs
    .readdirSync(full)
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => {
      const content = parse(fs.readFileSync(path.join(full, name), 'utf8'));
      if (!(content.apiVersion >= 1)) throw new Error(`${folder}/${name}: apiVersion is missing`);
      return expandAll(content[key] ?? []);
    });
}

function readDashboards(providers) {
  return providers.flatMap(({ name, options }) => {
    if (!fs.existsSync(options.path))
      throw new Error(`dashboard provider ${name}: no folder "${options.path}"`);
    return fs
      .readdirSync(options.path, { recursive: true })
      .filter((file) => String(file).endsWith('.json'))
      .map((file) => JSON.parse(fs.readFileSync(path.join(options.path, String(file)), 'utf8')));
  });
}

/** Unsigned plugins are left out unless they are allowed by name. */
function readPlugins() {
  const allowed = (env.GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS ?? '').split(',');
  return fs
    .readdirSync(env.GF_PATHS_PLUGINS)
    .map((name) => path.join(env.GF_PATHS_PLUGINS, name))
    .filter((folder) => fs.existsSync(path.join(folder, 'plugin.json')))
    .map((folder) => ({
      ...JSON.parse(fs.readFileSync(path.join(folder, 'plugin.json'), 'utf8')),
      moduleBytes: fs.statSync(path.join(folder, 'module.js')).size,
    }))
    .filter(({ id }) => allowed.includes(id));
}

function load() {
  const datasources = read('datasources', 'datasources');
  if (datasources.filter(({ isDefault }) => isDefault).length > 1)
    throw new Error('Only one datasource per organization can be marked as default');
  const contactPoints = read('alerting', 'contactPoints');
  for (const { receivers } of contactPoints) {
    for (const { type, settings } of receivers) {
      if (type === 'prometheus-alertmanager' && !settings.url)
        throw new Error('could not find url property in settings');
    }
  }
  const policies = read('alerting', 'policies');
  for (const { receiver } of policies) {
    if (!contactPoints.some(({ name }) => name === receiver))
      throw new Error(`policy: receiver ${receiver} does not exist`);
  }
  const dashboards = readDashboards(read('dashboards', 'providers'));
  return {
    datasources,
    contactPoints,
    policies,
    apps: read('plugins', 'apps'),
    dashboards,
    plugins: readPlugins(),
  };
}

function passOn(request, response, datasource, rest) {
  const target = http.request(`${datasource.url}${rest}`, { method: request.method }, (answer) => {
    response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] });
    answer.pipe(response);
  });
  target.on('error', () => response.writeHead(502).end());
  request.pipe(target);
}

function answer(loaded, request, response) {
  const json = (value) =>
    value === undefined
      ? response.writeHead(404).end('{}')
      : response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const [, kind, uid, rest] =
    /^\/api\/(datasources\/proxy|dashboards)\/uid\/([^/?]+)(.*)$/.exec(request.url) ?? [];
  if (request.url === '/api/health') return json({ database: 'ok', version: '12.4.0' });
  if (request.url === '/metrics')
    return response.writeHead(200, { 'content-type': 'text/plain' }).end('grafana_info 1\n');
  if (request.url === '/fake/loaded') return json({ ...loaded, env, args: process.argv.slice(2) });
  if (kind === 'dashboards') return json(loaded.dashboards.find((dashboard) => dashboard.uid === uid));
  const datasource = loaded.datasources.find((source) => source.uid === uid);
  return datasource === undefined ? json(undefined) : passOn(request, response, datasource, rest);
}

const [word, ...args] = process.argv.slice(2);
const home = args[args.indexOf('--homepath') + 1];
if (word !== 'server' || !fs.existsSync(path.join(home, 'conf', 'defaults.ini'))) {
  process.stderr.write(
    'Grafana-server Init Failed: Could not find config defaults, make sure homepath command line parameter is set\n',
  );
  process.exit(1);
}
if (env.FAKE_GRAFANA === 'deaf') process.on('SIGTERM', () => process.stdout.write('SIGTERM is ignored\n'));
else process.on('SIGTERM', () => process.exit(0));

try {
  const loaded = load();
  fs.mkdirSync(env.GF_PATHS_DATA, { recursive: true });
  fs.writeFileSync(path.join(env.GF_PATHS_DATA, 'grafana.db'), '');
  process.stdout.write(
    `logger=settings dashboards=${loaded.dashboards.length} datasources=${loaded.datasources.length}\n`,
  );
  if (env.FAKE_GRAFANA === 'silent') setInterval(() => undefined, 1000);
  else
    http
      .createServer((request, response) => answer(loaded, request, response))
      .listen(Number(env.GF_SERVER_HTTP_PORT), env.GF_SERVER_HTTP_ADDR);
} catch (error) {
  process.stderr.write(
    `logger=provisioning level=error msg="Failed to provision" error="${error.message}"\n`,
  );
  process.exit(1);
}
