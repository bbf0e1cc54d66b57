import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { FleetReady } from '../fleet';
import type { CompanionName } from './programs';

type Fleet = FleetReady['fleet'];

/** What Prometheus is to scrape, by name of the file in targets/: `host:port` and further labels. */
export type ScrapeTargets = Record<string, { targets: string[]; labels?: Record<string, string> }[]>;

/** Grafana's id of the panel, also the name of its folder. */
const PLUGIN = 'taillight-comparison-panel';

/** The folder of the repository that the bundle belongs to; null where the bundle is alone. */
export function findClone(entry: string): string | null {
  const root = dirname(dirname(entry));
  const needed = ['provisioning/prometheus/prometheus.yml', 'monitoring/rules', 'dashboards'];
  return needed.every((path) => existsSync(join(root, path))) ? root : null;
}

const address = (url: string) => new URL(url).host;

/** The same files as provisioning/prometheus/targets/, for the ports of this run. */
export function scrapeTargets(
  exporter: string,
  fleet: Fleet,
  ports: Partial<Record<CompanionName, number>>,
): ScrapeTargets {
  const replicas = (target: string, list: Fleet['baseline']['replicas']) =>
    list.map(({ name, url }) => ({ targets: [address(url)], labels: { target, replica: name } }));
  const own = (name: CompanionName) =>
    ports[name] === undefined ? [] : [{ targets: [`127.0.0.1:${ports[name]}`] }];
  return {
    taillight: [{ targets: [exporter] }],
    prometheus: own('prometheus'),
    alertmanager: own('alertmanager'),
    grafana: own('grafana'),
    vllm: [...replicas('vllm', fleet.baseline.replicas), ...replicas('llm-d', fleet.candidate.replicas)],
    epp: [{ targets: [address(fleet.candidate.router_metrics_url)], labels: { target: 'llm-d' } }],
  };
}

/** A folder for one run: the shipped files where each program expects them, its data and its log. */
export class RunFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'taillight-demo-'));

  constructor(private readonly clone: string) {
    for (const folder of ['logs', 'data']) mkdirSync(join(this.path, folder));
  }

  /** Where programs write; kept when all is over. */
  get logs(): string {
    return join(this.path, 'logs');
  }

  log(name: CompanionName): string {
    return join(this.logs, `${name}.log`);
  }

  /** Made by the program itself; gone when all is over. */
  data(name: CompanionName): string {
    return join(this.path, 'data', name);
  }

  /** @returns the path of prometheus.yml, with its rules and targets beside it. */
  prometheus(targets: ScrapeTargets): string {
    const folder = join(this.path, 'prometheus');
    cpSync(join(this.clone, 'provisioning', 'prometheus', 'prometheus.yml'), join(folder, 'prometheus.yml'));
    symlinkSync(join(this.clone, 'monitoring', 'rules'), join(folder, 'rules'));
    mkdirSync(join(folder, 'targets'));
    for (const [name, groups] of Object.entries(targets)) {
      writeFileSync(join(folder, 'targets', `${name}.yml`), stringify(groups));
    }
    return join(folder, 'prometheus.yml');
  }

  /** @returns the path of alertmanager.yml. */
  alertmanager(): string {
    const path = join(this.path, 'alertmanager', 'alertmanager.yml');
    cpSync(join(this.clone, 'provisioning', 'alertmanager', 'alertmanager.yml'), path);
    return path;
  }

  /** Dashboards and plugin stay in the clone, so that what is changed there is seen. */
  grafana(): { config: string; provisioning: string; plugins: string; dashboards: string; settings: string } {
    const folder = join(this.path, 'grafana');
    const provisioning = join(folder, 'provisioning');
    for (const name of ['datasources', 'dashboards', 'plugins', 'alerting']) {
      cpSync(join(this.clone, 'provisioning', name), join(provisioning, name), { recursive: true });
    }
    const plugins = join(folder, 'plugins');
    mkdirSync(plugins);
    symlinkSync(join(this.clone, 'plugin', 'dist'), join(plugins, PLUGIN));
    const config = join(folder, 'grafana.ini');
    writeFileSync(
      config,
      '; Every setting is in the environment, so that the custom.ini of this machine plays no part.\n',
    );
    const dashboards = join(this.clone, 'dashboards');
    return {
      config,
      provisioning,
      plugins,
      dashboards,
      settings: join(this.clone, 'provisioning', 'grafana.env'),
    };
  }

  /** Leaves the files and the logs, and nothing that grows. */
  removeData(): void {
    rmSync(join(this.path, 'data'), { recursive: true, force: true });
  }
}
