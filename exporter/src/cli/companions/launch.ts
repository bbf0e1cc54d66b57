import { readFileSync } from 'node:fs';
import type { CompanionName, Program } from './programs';
import type { RunFolder, ScrapeTargets } from './run-folder';

/** How to start one program, and how to see that it works. All of it plain data: it goes to another process. */
export interface Launch {
  name: CompanionName;
  command: string;
  args: string[];
  /** Beside what the environment has. */
  env: Record<string, string>;
  log: string;
  /** Of the program, without a slash at the end. */
  url: string;
  /** Answers 200 once it works. */
  health_path: string;
}

export interface LaunchPlan {
  folder: RunFolder;
  ports: Partial<Record<CompanionName, number>>;
  targets: ScrapeTargets;
}

/** Where nobody listens: Grafana wants an address of an Alertmanager even if there is none. */
const NOBODY = 'http://127.0.0.1:9';

/** NAME=VALUE a line, as Docker and kustomize read such a file: no quotes, `#` begins a comment line. */
export function parseSettings(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^\s*[^#\s]/.test(line));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

const urlOf = (port: number) => `http://127.0.0.1:${port}`;

function launchPrometheus({ folder, targets }: LaunchPlan, address: string) {
  return {
    args: [
      `--config.file=${folder.prometheus(targets)}`,
      `--storage.tsdb.path=${folder.data('prometheus')}`,
      `--web.listen-address=${address}`,
      `--web.external-url=http://${address}/`,
    ],
    env: {},
    health_path: '/-/ready',
  };
}

function launchAlertmanager({ folder }: LaunchPlan, address: string) {
  return {
    args: [
      `--config.file=${folder.alertmanager()}`,
      `--storage.path=${folder.data('alertmanager')}`,
      `--web.listen-address=${address}`,
      `--web.external-url=http://${address}/`,
      // One alone: without this it listens for others, on every interface.
      '--cluster.listen-address=',
    ],
    env: {},
    health_path: '/-/ready',
  };
}

function launchGrafana({ folder, ports }: LaunchPlan, address: string, home: string) {
  const { config, provisioning, plugins, dashboards, settings } = folder.grafana();
  const [host = '', port = ''] = address.split(':');
  return {
    args: ['--homepath', home, '--config', config],
    env: {
      ...parseSettings(readFileSync(settings, 'utf8')),
      TAILLIGHT_PROMETHEUS_URL: ports.prometheus === undefined ? NOBODY : urlOf(ports.prometheus),
      TAILLIGHT_ALERTMANAGER_URL: ports.alertmanager === undefined ? NOBODY : urlOf(ports.alertmanager),
      TAILLIGHT_DASHBOARDS: dashboards,
      GF_PATHS_PROVISIONING: provisioning,
      GF_PATHS_PLUGINS: plugins,
      GF_PATHS_DATA: folder.data('grafana'),
      GF_PATHS_LOGS: folder.logs,
      GF_LOG_MODE: 'console',
      GF_SERVER_HTTP_ADDR: host,
      GF_SERVER_HTTP_PORT: port,
      GF_SERVER_ROOT_URL: `http://${address}/`,
      // Only this machine reaches the port.
      GF_SECURITY_ADMIN_USER: 'admin',
      GF_SECURITY_ADMIN_PASSWORD: 'admin',
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: `${dashboards}/llm-performance.json`,
    },
    health_path: '/api/health',
  };
}

/** Writes the program's files into the run folder and says how to start it. */
export function launchOf(program: Program, plan: LaunchPlan): Launch {
  const { name, command, words } = program;
  const port = plan.ports[name];
  if (port === undefined) throw new Error(`no port for ${name}`);
  const address = `127.0.0.1:${port}`;
  const { args, ...rest } =
    name === 'prometheus'
      ? launchPrometheus(plan, address)
      : name === 'alertmanager'
        ? launchAlertmanager(plan, address)
        : launchGrafana(plan, address, program.home ?? '');
  return { name, command, args: [...words, ...args], log: plan.folder.log(name), url: urlOf(port), ...rest };
}
