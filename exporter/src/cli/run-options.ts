import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { configFromTargets, loadConfig, withTargets, withWorkload } from '../config/load-config';
import { listenAddress } from '../config/network-specs';
import { choice } from '../config/specs';
import {
  readWorkloadFlags,
  WORKLOAD_HELP,
  WORKLOAD_OPTIONS,
  type WorkloadFlags,
} from '../config/workload-flags';
import type { Gate } from '../gates/gate';
import { unknownGateTargets } from '../gates/evaluate-gates';
import { parseGate } from '../gates/parse-gate';
import type { Config, WorkloadConfig } from '../model/config';
import type { Shard } from '../probe/pacer';
import type { PlanSource } from '../probe/probe-plan';
import { LEVEL_PRESETS, presetLevels } from '../probe/presets';
import { EXPORT_FORMATS, readExports, type ExportFormat } from '../run/exports/export-files';
import { chooseShard, shardFolder } from '../run/shard';
import { openSource, type RunSource } from '../run/source';
import { planStages, type Level, type Stage } from '../run/stage';
import { firstLine } from './io';

export interface RunOptions {
  config: Config;
  warnings: string[];
  run: string;
  nonce: string;
  stages: Stage[];
  levels: Level[];
  shard: Shard | null;
  source: RunSource | null;
  out: string;
  /** Formats of other tools that the results are also written in. */
  exports: ExportFormat[];
  gates: Gate[];
  listen: { host: string; port: number } | null;
  live: boolean;
  /** Where the reference is saved; null: it is not. */
  reference_dir: string | null;
}

export type ReadOptions = { ok: true; options: RunOptions } | { ok: false; mistakes: string[] } | 'help';

const OPTIONS = {
  ...WORKLOAD_OPTIONS,
  config: { type: 'string' },
  target: { type: 'string', multiple: true },
  targets: { type: 'string' },
  out: { type: 'string' },
  export: { type: 'string', multiple: true },
  gate: { type: 'string', multiple: true },
  listen: { type: 'string' },
  'save-reference': { type: 'boolean', default: false },
  shard: { type: 'string' },
  'run-id': { type: 'string' },
  interleave: { type: 'string' },
  'conversations-file': { type: 'string' },
  trace: { type: 'string' },
  'trace-speed': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parse>;
type Environment = Readonly<Record<string, string | undefined>>;

const INTERLEAVE = choice('none', 'abba');
const RUN_ID = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i;

export const RUN_HELP = `usage: taillight run --config taillight.yaml | --target NAME=URL … [options]

One benchmark with an end: the same conversations on every target at the same time, a report, and results in a folder.
Ctrl-C ends early with everything that was measured.

  --config F           the configuration (docs/CONFIGURATION.md); its section \`probe\` is the workload
  --target NAME=URL    instead of a configuration (repeatable, one alone is enough); the first is the baseline;
                       the workload is the preset multi-turn
  --targets a,b        only these targets of the configuration
  --out DIR            folder of the results (default: taillight-results/<run>); a finished run in it is not repeated
  --export a,b         also in formats of other tools, a file per target and load level (repeatable):
                       ${EXPORT_FORMATS.join(', ')}
  --gate EXPR          ends with 3 if it does not hold (repeatable): ttft.p95<=500ms, ttft.later.p99.ratio<=0.9,
                       errors<=1%, hit_rate>=80%, llm-d:e2e.mean<=4s …
  --listen HOST:PORT   serves /metrics, /api/v1/comparison and the live page while it runs
  --save-reference     keeps the result in data_dir as the reference that the regression alert compares with
  --interleave abba    targets in turns instead of at the same time, where they share hardware
  --shard I/N          plays every N-th conversation; I from 0 to N - 1, one machine each (default: JOB_COMPLETION_INDEX of JOB_COMPLETIONS)
  --run-id ID          name of the run, the same on all shards (default: TAILLIGHT_RUN_ID, or a new one)

Workload, over that of the configuration:

${Object.entries(WORKLOAD_HELP)
  .map(([flag, text]) => `  --${flag.padEnd(18)} ${text}`)
  .join('\n')}

Instead of generated conversations:

  --conversations-file F   one JSON object per line: {"messages": [{"role": "user", "content": …}, …]}, or ShareGPT's
                           {"conversations": [{"from": "human", "value": …}, …]}
  --trace F                a trace in Mooncake's format, replayed by its own clock: {"timestamp", "input_length",
                           "output_length", "hash_ids"}; --conversations N plays its first N requests
  --trace-speed X          that many times as fast

Ends with 0; 2 for a mistake in the options, results that cannot be written or a target that answered nothing; 3 if a gate failed.
`;

const parse = (argv: string[]) => parseArgs({ args: argv, options: OPTIONS }).values;

/** Reads the options of `run`; mistakes are lines for people. Reads the configuration, writes nothing. */
export function readRunOptions(argv: string[], env: Environment): ReadOptions {
  let values: Values;
  try {
    values = parse(argv);
  } catch (error) {
    return { ok: false, mistakes: [`taillight run: ${firstLine(error)}; see taillight run --help`] };
  }
  if (values.help) return 'help';
  const base = loadBase(values, env);
  if (!base.ok) return base;
  const gates = readGates(values.gate ?? [], base.config);
  const exports = readExports(values.export ?? []);
  const shard = chooseShard(values.shard, env);
  const run = chooseRun(values, env, shard.ok && shard.shard !== null);
  const listen = values.listen === undefined ? null : listenAddress.read(values.listen);
  const mistakes = [
    ...gates.mistakes,
    ...(typeof exports === 'string' ? [exports] : []),
    ...(shard.ok ? [] : [shard.mistake]),
    ...(run.ok ? [] : [run.mistake]),
    ...(values.listen !== undefined && listen === null
      ? [`--listen: ${JSON.stringify(values.listen)} is not ${listenAddress.is}; ${listenAddress.use}`]
      : []),
    ...(values['save-reference'] && shard.ok && shard.shard !== null
      ? ['--save-reference: a shard is a part of its run only; save the reference from a run on one machine']
      : []),
    ...(values['save-reference'] && base.config.data_dir === null
      ? ['--save-reference: the configuration has data_dir: null; name a folder there']
      : []),
  ];
  if (!shard.ok || !run.ok || typeof exports === 'string' || mistakes.length > 0)
    return { ok: false, mistakes };
  const { config, warnings, stop, levels, source } = base;
  const stages = planStages(config.probe.workload, levels, stop, shard.shard);
  const least = Math.min(
    ...planStages(config.probe.workload, levels, stop).map((stage) => stage.workload.concurrency),
  );
  if (least < (shard.shard?.count ?? 1)) {
    const mistake = `--shard: ${least} conversations at once are too few for ${shard.shard?.count ?? 1} machines; raise --concurrency`;
    return { ok: false, mistakes: [mistake] };
  }
  const folder = resolve(values.out ?? join('taillight-results', run.id));
  return {
    ok: true,
    options: {
      config,
      warnings,
      run: run.id,
      // A further attempt of the same run must not find its own prompts in the caches.
      nonce: `${run.id}.${randomBytes(4).toString('hex')}`,
      stages,
      levels,
      shard: shard.shard,
      source,
      out: shard.shard === null ? folder : join(folder, shardFolder(shard.shard)),
      exports,
      gates: gates.gates,
      listen,
      live: listen !== null,
      reference_dir: values['save-reference'] ? config.data_dir : null,
    },
  };
}

type Base =
  | {
      ok: true;
      config: Config;
      warnings: string[];
      stop: { seconds: number | null; requests: number | null };
      levels: Level[];
      source: RunSource | null;
    }
  | { ok: false; mistakes: string[] };

/** The configuration with the chosen targets and the workload of the options. */
function loadBase(values: Values, env: Environment): Base {
  const { config: path, target, targets, interleave } = values;
  const refuse = (...mistakes: string[]): Base => ({ ok: false, mistakes });
  const flags = readWorkloadFlags(values);
  if (!flags.ok) return refuse(...flags.mistakes);
  if ((path === undefined) === (target === undefined))
    return refuse('taillight run: give either --config FILE or --target NAME=URL (once or more)');
  const loaded =
    target === undefined
      ? loadConfig(path ?? '', env)
      : configFromTargets(target, { preset: 'multi-turn' }, process.cwd(), 1);
  if (!loaded.ok) return loaded;
  const names = targets?.split(',').filter((name) => name !== '');
  if (names?.length === 0) return refuse('--targets: names no target; write it like vllm,llm-d');
  const chosen =
    names === undefined ? { ok: true as const, config: loaded.config } : withTargets(loaded.config, names);
  if (!chosen.ok) return refuse(chosen.mistake);
  const order = interleave === undefined ? chosen.config.probe.interleave : INTERLEAVE.read(interleave);
  if (order === null)
    return refuse(`--interleave: "${interleave}" is not ${INTERLEAVE.is}; ${INTERLEAVE.use}`);
  const config = withWorkload(chosen.config, flags.overrides);
  const opened = chooseSource(values, flags, config.probe.workload);
  if (!opened.ok) return refuse(opened.mistake);
  const { source, workload } = opened;
  const probe = { ...config.probe, workload, interleave: order };
  const stop = { seconds: flags.stop.stop_after_seconds, requests: flags.stop.requests };
  const levels = chooseLevels(config.probe.workload.preset, flags.levels);
  if (!levels.ok) return refuse(levels.mistake);
  return {
    ok: true,
    config: { ...config, probe },
    warnings: loaded.warnings,
    stop,
    levels: levels.levels,
    source,
  };
}

/** The file that conversations come from, if any, and the workload that fits it. */
function chooseSource(
  { 'conversations-file': file, trace, 'trace-speed': factor }: Values,
  { overrides, levels }: Extract<WorkloadFlags, { ok: true }>,
  workload: WorkloadConfig,
): { ok: true; source: RunSource | null; workload: WorkloadConfig } | { ok: false; mistake: string } {
  const refuse = (mistake: string) => ({ ok: false as const, mistake });
  const path = file ?? trace;
  if (factor !== undefined && trace === undefined)
    return refuse('--trace-speed: is of no use without --trace');
  if (path === undefined) return { ok: true, source: null, workload };
  if (file !== undefined && trace !== undefined)
    return refuse('--trace: stands beside --conversations-file; give one');
  if ((overrides.warmup ?? 0) > 0)
    return refuse('--warmup: a file of conversations has none to spare; leave it out');
  if (trace !== undefined && (levels !== null || presetLevels(workload.preset) !== null))
    return refuse(
      '--trace: has its own clock and no load levels; leave out --levels, or take another preset',
    );
  const speed = factor === undefined ? 1 : Number(factor);
  if (!(speed > 0 && speed <= 10_000))
    return refuse(`--trace-speed: "${factor}" is not a number above 0; use e.g. 2`);
  const plan: PlanSource =
    trace === undefined
      ? { kind: 'conversations', path: resolve(path) }
      : { kind: 'trace', path: resolve(path), speed };
  const { conversations, turns, concurrency } = overrides;
  return openSource(plan, workload, { conversations, turns, concurrency });
}

/** Those of the preset, or as many others as are given. */
function chooseLevels(
  preset: string,
  values: readonly number[] | null,
): { ok: true; levels: Level[] } | { ok: false; mistake: string } {
  const known = presetLevels(preset);
  if (known === null) {
    if (values === null) return { ok: true, levels: [] };
    const mistake = `--levels: the preset ${preset} has none; use --preset ${Object.keys(LEVEL_PRESETS).join(', ')}`;
    return { ok: false, mistake };
  }
  const { unit } = known;
  const chosen = values ?? known.values;
  if (unit === 'concurrency' && chosen.some((value) => !Number.isInteger(value) || value > 1024))
    return {
      ok: false,
      mistake: '--levels: conversations at once are whole numbers up to 1024; write them like 1,2,4',
    };
  return { ok: true, levels: chosen.map((level) => ({ level, unit })) };
}

function readGates(texts: readonly string[], config: Config): { gates: Gate[]; mistakes: string[] } {
  const read = texts.map(parseGate);
  const gates = read.flatMap((one) => (one.ok ? [one.gate] : []));
  const mistakes = read.flatMap((one) => (one.ok ? [] : [one.mistake]));
  const names = config.targets.map(({ name }) => name);
  return { gates, mistakes: [...mistakes, ...unknownGateTargets(gates, names)] };
}

function chooseRun(
  values: Values,
  env: Environment,
  sharded: boolean,
): { ok: true; id: string } | { ok: false; mistake: string } {
  const given = values['run-id'] ?? env['TAILLIGHT_RUN_ID'];
  if (given === undefined || given === '') {
    return sharded
      ? {
          ok: false,
          mistake:
            '--shard: needs a name that all machines share; give --run-id, or set TAILLIGHT_RUN_ID (e.g. to the uid of the Job)',
        }
      : { ok: true, id: `run-${randomBytes(4).toString('hex')}` };
  }
  return RUN_ID.test(given)
    ? { ok: true, id: given }
    : {
        ok: false,
        mistake: `--run-id: ${JSON.stringify(given)} is not a name; use letters, digits, dots and hyphens`,
      };
}
