import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** What the demo can start beside itself, in the order in which it starts them. */
export const COMPANIONS = ['alertmanager', 'prometheus', 'grafana'] as const;
export type CompanionName = (typeof COMPANIONS)[number];

export interface Program {
  name: CompanionName;
  command: string;
  /** Words before all options, e.g. `server`. */
  words: string[];
  /** Grafana's folder with `conf/` and `public/`; null for the others. */
  home: string | null;
}

export interface Search {
  /** As in the environment variable. */
  path: string;
  grafana_home: string | null;
}

const BINARIES: Record<CompanionName, string[]> = {
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  prometheus: ['prometheus'],
  grafana: ['grafana', 'grafana-server'],
};

const HOW_TO_GET: Record<CompanionName, string> = {
  alertmanager: 'on Debian "apt-get install prometheus-alertmanager", else https://prometheus.io/download/',
  prometheus: 'on Debian "apt-get install prometheus", else https://prometheus.io/download/',
  grafana:
    'unpack an archive of https://grafana.com/grafana/download and name its folder with --grafana-home',
};

/** Where packages put Grafana; their commands on PATH are scripts that want to be root. */
const PACKAGED_GRAFANA = '/usr/share/grafana';

/** The list of `--with`: Grafana shows what Prometheus knows, so it brings it along. Throws with one line on an unknown name. */
export function parseCompanions(lists: readonly string[]): CompanionName[] {
  const names = lists.flatMap((list) => list.split(',')).map((name) => name.trim());
  for (const name of names) {
    if (!(COMPANIONS as readonly string[]).includes(name)) {
      throw new Error(`--with: "${name}" is not known; known are ${[...COMPANIONS].sort().join(', ')}`);
    }
  }
  if (names.includes('grafana') || names.includes('alertmanager')) names.push('prometheus');
  return COMPANIONS.filter((name) => names.includes(name));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function onPath(names: readonly string[], path: string): string | null {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isProgram) ?? null;
}

const isGrafanaHome = (folder: string) => existsSync(join(folder, 'conf', 'defaults.ini'));

function grafanaIn(home: string): Program | null {
  if (!isGrafanaHome(home)) return null;
  const command = BINARIES.grafana.map((name) => join(home, 'bin', name)).find(isProgram);
  return command === undefined ? null : grafanaProgram(command, home);
}

/** Since 9.4 the program is `grafana server`; the older `grafana-server` needs no word. */
function grafanaProgram(command: string, home: string): Program {
  return { name: 'grafana', command, words: command.endsWith('grafana-server') ? [] : ['server'], home };
}

function findGrafana({ path, grafana_home }: Search): Program | null {
  if (grafana_home !== null) return grafanaIn(grafana_home);
  const command = onPath(BINARIES.grafana, path);
  if (command === null) return null;
  // An archive has bin/ in its home, Homebrew has the home in share/grafana.
  const above = dirname(dirname(realpathSync(command)));
  const home = [above, join(above, 'share', 'grafana')].find(isGrafanaHome);
  return home === undefined ? grafanaIn(PACKAGED_GRAFANA) : grafanaProgram(command, home);
}

/** @returns the program, or one line that says what is missing and how to get it. */
export function findProgram(name: CompanionName, search: Search): Program | string {
  if (name === 'grafana') {
    const found = findGrafana(search);
    if (found !== null) return found;
    if (search.grafana_home !== null)
      return `--grafana-home: ${search.grafana_home} has no conf/defaults.ini and bin/grafana; name the folder of an unpacked Grafana`;
  } else {
    const command = onPath(BINARIES[name], search.path);
    if (command !== null) return { name, command, words: [], home: null };
  }
  return `--with ${name}: no program ${BINARIES[name].join(' or ')} on PATH; get it: ${HOW_TO_GET[name]}`;
}

export interface FoundPrograms {
  programs: Program[];
  /** One line for each that was asked for and is not there. */
  missing: string[];
}

/** Looks for all that were asked for; an Alertmanager that is there goes with Prometheus unasked. */
export function findPrograms(wanted: readonly CompanionName[], search: Search): FoundPrograms {
  const programs: Program[] = [];
  const missing: string[] = [];
  for (const name of COMPANIONS) {
    const implied = name === 'alertmanager' && wanted.includes('prometheus');
    if (!wanted.includes(name) && !implied) continue;
    const found = findProgram(name, search);
    if (typeof found !== 'string') programs.push(found);
    else if (wanted.includes(name)) missing.push(found);
  }
  return { programs, missing };
}
