import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateGates, unknownGateTargets } from '../gates/evaluate-gates';
import type { Gate } from '../gates/gate';
import { parseGate } from '../gates/parse-gate';
import type { Unread } from '../model/result';
import { compareResults } from '../results/compare-results';
import { readResults } from '../results/read-results';
import { resultText, unreadLine } from '../results/result-text';
import { sidesOf, sidesOfOne, type Chosen, type Sides } from '../results/select-sides';
import { drawComparison } from '../results/draw-comparison';
import {
  comparisonFiles,
  comparisonJson,
  removeOldPlots,
  writeFiles,
  type ComparisonOutput,
} from '../results/write-comparison';
import { RUN_FILE } from '../run/out-folder';
import { firstLine, type Io } from './io';
import { loadPlots } from './load-plots';

export const COMPARE_HELP = `usage: taillight compare BASELINE CANDIDATE [--out DIR] [--json] [--gate EXPR]…
       taillight compare RESULT
       taillight compare --standalone-dir DIR --llmd-dir DIR [--output-dir DIR]

Compares two results. Each is a file, or a folder that is searched two levels deep; the format is told by the content:
Taillight run.jsonl, LMBenchmark CSV, GuideLLM, AIPerf, inference-perf, vllm bench serve, llm-d Benchmark Report, the log of
the multi-turn benchmark; also gzip. Load levels that both have are compared one by one.

  NAME=PATH            gives a side its name
  PATH#TARGET          one target of a run.jsonl that holds several
  RESULT               a run.jsonl of two targets, or a folder with standalone/ (or vllm/) and llm-d/
  --out DIR            writes comparison.json, README.md, report.html and plots/ there; with --standalone-dir and
                       --llmd-dir ./comparison-results unless named
  --json               prints the comparison as JSON instead of the text
  --gate EXPR          e.g. ttft.p95.ratio<=0.9; repeatable; for every level
  --same-model         differing model names mean the same model

Of --standalone-dir and --llmd-dir the folder below is taken that STANDALONE_LLMDBENCH_HARNESS_STACK_NAME and
LLMD_LLMDBENCH_HARNESS_STACK_NAME name, where these are set.

Ends with 0, 2 (nothing to compare, or a mistake in the options) or 3 (a gate failed).
`;

interface Options {
  /** One or two paths. */
  paths: readonly string[];
  out: string | null;
  json: boolean;
  gates: Gate[];
  same_model: boolean;
}

/**
 * `taillight compare`.
 *
 * @param argv what follows the command's name.
 * @param entry path of the running bundle, beside which the plots' is.
 * @returns the exit code: 0, 2 with one line on `stderr`, or 3 when a gate failed.
 */
export async function compare(
  argv: string[],
  io: Io,
  entry: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const refuse = (why: string) => {
    io.stderr(`taillight compare: ${why.replace(/\s+/g, ' ')}\n`);
    return 2;
  };
  const options = readOptions(argv, env);
  if (options === 'help') {
    io.stdout(COMPARE_HELP);
    return 0;
  }
  if (typeof options === 'string') return refuse(options);
  const occupied = options.out === null ? null : occupiedBy(options.out);
  if (occupied !== null) return refuse(occupied);
  const sides = await readSides(options.paths);
  if (!sides.ok) return refuse(sides.reason);
  const compared = compareResults(sides.baseline, sides.candidate, { same_model: options.same_model });
  if (!compared.ok) {
    // The reason names one of them already.
    tellUnread(
      compared.unread.filter((one) => !compared.reason.includes(unreadLine(one))),
      io,
    );
    return refuse(compared.reason);
  }
  tellUnread(compared.unread, io);

  const { comparison, unread } = compared;
  const names = [sides.baseline.name, sides.candidate.name];
  const [unknown] = unknownGateTargets(options.gates, names);
  if (unknown !== undefined) return refuse(unknown);
  const sources = names.map((name, index) => [name, options.paths[index] ?? options.paths[0] ?? ''] as const);
  io.stdout(options.json ? comparisonJson(comparison) : resultText({ comparison, unread, sources }));
  if (options.out !== null) {
    const files = await outputFiles({ ...compared, sources }, entry, io);
    const problem = await writeFiles(options.out, files);
    if (problem !== null) return refuse(problem);
    await removeOldPlots(options.out, files);
    if (!options.json) io.stdout(`Written to ${options.out}\n`);
  }
  const judged = evaluateGates(options.gates, comparison);
  for (const { text } of judged) io.stderr(`${text}\n`);
  return judged.every(({ passed }) => passed) ? 0 : 3;
}

/** Why a folder must not be written to: an unset variable, or a README.md that is somebody's own. */
function occupiedBy(out: string): string | null {
  if (out === '') return '--out and --output-dir need the name of a folder';
  const readme = join(out, 'README.md');
  return existsSync(readme) && !existsSync(join(out, 'comparison.json'))
    ? `${readme} is not of a comparison and would be overwritten: name another folder`
    : null;
}

/** With plots where their bundle is there; the numbers are worth having without it. */
async function outputFiles(output: ComparisonOutput, entry: string, io: Io) {
  const bundle = await loadPlots(entry);
  if (typeof bundle !== 'string') return drawComparison(output, bundle);
  io.stderr(`no plots and no report.html: ${bundle}\n`);
  return comparisonFiles(output);
}

const tellUnread = (unread: readonly Unread[], io: Io) => {
  for (const one of unread) io.stderr(`not read: ${unreadLine(one)}\n`);
};

/** The options; `help`, or what is wrong with them. */
function readOptions(
  argv: string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | 'help' | string {
  let parsed;
  try {
    parsed = parse(argv);
  } catch (error) {
    return `${firstLine(error)}; see taillight compare --help`;
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const gates: Gate[] = [];
  for (const text of values.gate ?? []) {
    const gate = parseGate(text);
    if (!gate.ok) return gate.mistake;
    gates.push(gate.gate);
  }
  const rest = { json: values.json, gates, same_model: values['same-model'] };
  const [standalone, llmd] = [values['standalone-dir'], values['llmd-dir']];
  if (standalone === undefined && llmd === undefined) {
    if (positionals.length < 1 || positionals.length > 2)
      return 'name two results, the baseline first; see taillight compare --help';
    return { paths: pathsOf(positionals), out: values.out ?? values['output-dir'] ?? null, ...rest };
  }
  if (standalone === undefined || llmd === undefined || positionals.length > 0)
    return 'give both --standalone-dir and --llmd-dir and no further path';
  const paths = [
    `standalone=${stack(standalone, env['STANDALONE_LLMDBENCH_HARNESS_STACK_NAME'])}`,
    `llm-d=${stack(llmd, env['LLMD_LLMDBENCH_HARNESS_STACK_NAME'])}`,
  ];
  // The original writes there unless it is told otherwise.
  return { paths, out: values.out ?? values['output-dir'] ?? './comparison-results', ...rest };
}

const parse = (argv: string[]) =>
  parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
      gate: { type: 'string', multiple: true },
      'same-model': { type: 'boolean', default: false },
      'standalone-dir': { type: 'string' },
      'llmd-dir': { type: 'string' },
      'output-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });

/** The folder of one stack below a folder of results, where the environment names it, as the original analysis does. */
const stack = (folder: string, name: string | undefined) =>
  name !== undefined && name !== '' && isFolder(join(folder, name)) ? join(folder, name) : folder;

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // not there, or below something that is no folder
  }
}

/** Folders that lie in one, the baseline first: of the comparison quickstart, and of the demo's walkthrough and its Jobs. */
const PAIRS = [
  ['standalone', 'llm-d'],
  ['vllm', 'llm-d'],
] as const;

/** A single folder that holds a known pair stands for both. */
function pathsOf(positionals: readonly string[]): string[] {
  const [only] = positionals;
  if (positionals.length !== 1 || only === undefined) return [...positionals];
  // The folders in that of a run hold its exports, which tell less.
  if (existsSync(join(only, RUN_FILE))) return [only];
  const pair = PAIRS.find((names) => names.every((name) => isFolder(join(only, name))));
  return pair === undefined ? [only] : pair.map((name) => `${name}=${join(only, name)}`);
}

async function readSides(paths: readonly string[]): Promise<Sides> {
  const chosen: Chosen[] = [];
  for (const path of paths) chosen.push(await choose(path));
  const [baseline, candidate] = chosen;
  if (baseline === undefined) return { ok: false, reason: 'no result is named' };
  return candidate === undefined ? sidesOfOne(baseline.set) : sidesOf(baseline, candidate);
}

/** `NAME=PATH#TARGET`; a path that exists is taken as it stands. */
async function choose(text: string): Promise<Chosen> {
  if (existsSync(text)) return { set: await readResults(text), target: null, name: null };
  const named = /^([A-Za-z0-9][\w.-]*)=(.+)$/.exec(text);
  const path = named?.[2] ?? text;
  const name = named?.[1] ?? null;
  const hash = path.lastIndexOf('#');
  if (existsSync(path) || hash <= 0) return { set: await readResults(path), target: null, name };
  return { set: await readResults(path.slice(0, hash)), target: path.slice(hash + 1), name };
}
