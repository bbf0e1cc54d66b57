import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Config } from '../model/config';
import { DEFAULTS } from './defaults';
import { interpolate, type Mistake } from './environment';
import { locateFiles } from './files';
import { mistakesOf, pathText } from './mistakes';
import { apiUrl, targetName } from './network-specs';
import { parseYaml, type YamlFile } from './parse-yaml';
import { resolveConfig, resolveWorkload, type WorkloadOverrides } from './resolve';
import { fileSchema } from './schema';
import { warningsOf } from './warnings';

/** Mistakes and warnings are lines for people; they never show a secret. */
export type ConfigResult =
  { ok: true; config: Config; warnings: string[] } | { ok: false; mistakes: string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates a configuration file. All mistakes are told at once, in the order of the file, each as
 * `taillight.yaml: path: "value" is not …; remedy`. Paths of files in it are relative to its folder. Never throws; the
 * configuration is frozen.
 */
export function loadConfig(path: string, env: Environment): ConfigResult {
  const name = basename(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return {
      ok: false,
      mistakes: [`${path}: cannot be read (${code}); give the path of the configuration with --config`],
    };
  }
  const parsed = parseYaml(text, name);
  return parsed.ok ? validate(parsed.file, name, dirname(resolve(path)), env) : parsed;
}

function validate(file: YamlFile, name: string, folder: string, env: Environment): ConfigResult {
  const interpolated = interpolate(file.value, env);
  const located = locateFiles(interpolated.value, folder);
  const result = fileSchema.safeParse(located.value ?? {});
  if (result.success && interpolated.mistakes.length + located.mistakes.length === 0) {
    const config = resolveConfig(result.data, resolve(folder, DEFAULTS.data_dir));
    return {
      ok: true,
      config: freeze(config),
      warnings: warningsOf(config, file.value).map((line) => `${name}: ${line}`),
    };
  }
  const issues = result.success ? [] : mistakesOf(result.error.issues, file.value);
  // A value whose variable is missing is wrong in that way only.
  const unset = new Set(interpolated.mistakes.map(({ path }) => pathText(path)));
  const others = [...located.mistakes, ...issues].filter(({ path }) => !unset.has(pathText(path)));
  return { ok: false, mistakes: inOrder([...interpolated.mistakes, ...others], file, name) };
}

function inOrder(mistakes: Mistake[], file: YamlFile, name: string): string[] {
  const lines = mistakes
    .map(({ path, text }) => ({
      position: file.positionOf(path),
      line: [name, pathText(path), text].filter(Boolean).join(': '),
    }))
    .sort((a, b) => a.position - b.position)
    .map(({ line }) => line);
  return [...new Set(lines)];
}

/**
 * The configuration that `--target NAME=URL` (repeated; the first is the baseline) stands for: defaults, no replicas.
 * `folder` is where `taillight-data` is kept; a bounded run may measure one target alone (`least` 1).
 */
export function configFromTargets(
  targets: readonly string[],
  overrides: WorkloadOverrides = {},
  folder = process.cwd(),
  least = 2,
): ConfigResult {
  const mistakes: string[] = [];
  const read = targets.map((target) => {
    const [, name, url] = /^([^=]*)=(.*)$/.exec(target) ?? [];
    const [goodName, goodUrl] = [targetName.read(name), apiUrl.read(url)];
    const at = `--target ${JSON.stringify(name ?? target.replace(/\/\/[^/]*@/, '//***@'))}`;
    if (name === undefined) mistakes.push(`${at}: is not NAME=URL; write it like vllm=http://host:8000/v1`);
    else if (goodName === null) mistakes.push(`${at}: is not ${targetName.is}; ${targetName.use}`);
    else if (goodUrl === null) mistakes.push(`${at}: its URL is not ${apiUrl.is}; ${apiUrl.use}`);
    return { name: goodName ?? '', url: goodUrl ?? '' };
  });
  if (targets.length < least)
    mistakes.push('--target: is given once only; add the deployment to compare it with');
  const names = read.map(({ name }) => name).filter((name) => name !== '');
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined)
    mistakes.push(`--target: the name "${double}" is given twice; give each target its own`);
  if (mistakes.length > 0) return { ok: false, mistakes };

  const config = resolveConfig({ targets: read }, resolve(folder, DEFAULTS.data_dir));
  config.probe.workload = resolveWorkload(overrides);
  return { ok: true, config: freeze(config), warnings: [] };
}

/** The same configuration with another workload, e.g. from the options of `run`; frozen. */
export function withWorkload(config: Config, overrides: WorkloadOverrides): Config {
  const workload = resolveWorkload(overrides, config.probe.workload);
  return freeze({ ...config, probe: { ...config.probe, workload } });
}

/**
 * The same configuration with some of its targets, in the order of the file; the first is the baseline where the baseline is
 * not among them. The mistake is one line.
 */
export function withTargets(
  config: Config,
  names: readonly string[],
): { ok: true; config: Config } | { ok: false; mistake: string } {
  const known = config.targets.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const mistake = `--targets: there is no target "${unknown}"; there are ${known.join(', ')}`;
    return { ok: false, mistake };
  }
  const chosen = config.targets.filter(({ name }) => names.includes(name));
  const baseline = chosen.find(({ role }) => role === 'baseline') ?? chosen[0];
  const targets = chosen.map((target) => ({
    ...target,
    role: target === baseline ? ('baseline' as const) : ('candidate' as const),
  }));
  return { ok: true, config: freeze({ ...config, targets }) };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
