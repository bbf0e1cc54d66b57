import { parseArgs } from 'node:util';
import { configFromTargets, loadConfig, type ConfigResult } from '../config/load-config';
import { checkEndpoints } from './check-endpoints';
import { firstLine, type Io } from './io';

const HELP = `usage: taillight check --config taillight.yaml | --target NAME=URL --target NAME=URL …

Validates the configuration, then reaches every endpoint in it once (lists of models, discovery, pages of replicas,
routers and GPUs) and says in words what is wrong. Sends no prompt.

  --config F           the configuration (docs/CONFIGURATION.md)
  --target NAME=URL    instead of a configuration; the first is the baseline

Ends with 0, or 2 when anything fails.
`;

/**
 * `taillight check`.
 *
 * @param argv what follows the command's name.
 * @returns the exit code: 0, or 2 with each mistake of the configuration on `stderr`, or each failure among the findings.
 */
export async function check(
  argv: string[],
  io: Io,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const loaded = load(argv, env);
  if (loaded === 'help') {
    io.stdout(HELP);
    return 0;
  }
  if (!loaded.ok) {
    for (const mistake of loaded.mistakes) io.stderr(`${mistake}\n`);
    return 2;
  }
  for (const warning of loaded.warnings) io.stdout(`warn  ${warning}\n`);
  const findings = await checkEndpoints(loaded.config);
  for (const { level, place, text } of findings) io.stdout(`${level.padEnd(4)}  ${place}: ${text}\n`);

  const count = (wanted: string) => findings.filter(({ level }) => level === wanted).length;
  const [ok, warn, fail] = [count('ok'), count('warn') + loaded.warnings.length, count('fail')];
  io.stdout(`${ok} ok, ${warn} to know, ${fail} failed\n`);
  return fail === 0 ? 0 : 2;
}

function load(argv: string[], env: Readonly<Record<string, string | undefined>>): ConfigResult | 'help' {
  const refuse = (why: string): ConfigResult => ({ ok: false, mistakes: [`taillight check: ${why}`] });
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        config: { type: 'string' },
        target: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const { config, target } = values;
    if (config !== undefined && target === undefined) return loadConfig(config, env);
    if (target !== undefined && config === undefined) return configFromTargets(target);
    return refuse('give either --config FILE or --target NAME=URL (twice or more)');
  } catch (error) {
    return refuse(`${firstLine(error)}; see taillight check --help`);
  }
}
