/** Which format a file is, from its content: one explicit table. */
import type { ResultFormat } from '../model/result';
import { at, isObject } from './json-values';
import type { Reading, TextReader, ValueReader } from './reading';
import { Refusal } from './refusal';
import { isAiperfRecord, readAiperfRecords } from './readers/aiperf-records';
import { isAiperfSummary, readAiperfSummary } from './readers/aiperf-summary';
import { isBenchmarkReport, readBenchmarkReport } from './readers/benchmark-report';
import { isGuidellm, readGuidellm } from './readers/guidellm';
import { isInferencePerfRequests, readInferencePerfRequests } from './readers/inference-perf-requests';
import { isInferencePerfSummary, readInferencePerfSummary } from './readers/inference-perf-summary';
import { lmbenchHeader, readLmbench } from './readers/lmbench';
import { isMultiTurnLog, readMultiTurnLog } from './readers/multi-turn-log';
import { isObservations, readObservations } from './readers/observations';
import { isRunHeader, readTaillightRun } from './readers/taillight-run';
import { isVllmBench, readVllmBench } from './readers/vllm-bench';
import type { Source } from './source';
import { documentValue, lineValue, lineValues, single, yamlValue } from './values';

/** Formats that are JSON (or YAML): told by what the first value holds. */
const VALUE_FORMATS: readonly {
  format: ResultFormat | 'observations';
  is: (value: unknown) => boolean;
  read: ValueReader;
}[] = [
  { format: 'taillight-run', is: isRunHeader, read: readTaillightRun },
  { format: 'observations', is: isObservations, read: readObservations },
  { format: 'guidellm', is: isGuidellm, read: readGuidellm },
  { format: 'aiperf-records', is: isAiperfRecord, read: readAiperfRecords },
  { format: 'aiperf-summary', is: isAiperfSummary, read: readAiperfSummary },
  { format: 'inference-perf-requests', is: isInferencePerfRequests, read: readInferencePerfRequests },
  { format: 'inference-perf-summary', is: isInferencePerfSummary, read: readInferencePerfSummary },
  { format: 'vllm-bench', is: isVllmBench, read: readVllmBench },
  { format: 'benchmark-report', is: isBenchmarkReport, read: readBenchmarkReport },
];

/** Lines of a text in which its format must show: the multi-turn script loads its documents first. */
const LOOK_LINES = 5000;

/** Formats that are text: told by one of the first `within` lines that are not blank. */
const TEXT_FORMATS: readonly {
  format: ResultFormat;
  is: (line: string) => boolean;
  within: number;
  read: TextReader;
}[] = [
  // Further down, such a line is a text about the format.
  { format: 'lmbench', is: (line) => lmbenchHeader(line) !== null, within: 1, read: readLmbench },
  { format: 'multi-turn-log', is: isMultiTurnLog, within: LOOK_LINES, read: readMultiTurnLog },
];

/** What people take for the result of a tool that has a better one beside it. */
const LESSER: readonly { is: RegExp; reason: string }[] = [
  {
    is: /^Metric,avg,min,max,/,
    reason: "AIPerf's table: give profile_export.jsonl or profile_export_aiperf.json, which stand beside it",
  },
  { is: /^Run Info,Run Info,/, reason: "GuideLLM's table: give benchmarks.json, which GuideLLM writes too" },
];

const KNOWN =
  'Taillight run.jsonl, LMBenchmark CSV, GuideLLM, AIPerf, inference-perf, vllm bench serve, Benchmark Report, multi-turn log';

/** What was found in a file: a reading, or a file of another kind (no mistake where a folder is searched). */
export type Found = { known: true; reading: Reading } | { known: false; reason: string };

const UNKNOWN = { known: false, reason: `not a result that Taillight knows (${KNOWN})` } as const;

/** Reads a file of any known format. Throws a refusal where the file is broken. */
export async function readAny(source: Source): Promise<Found> {
  const first = await source.firstLine();
  if (first === null) throw new Refusal('the file is blank');
  const whole = lineValue(first);
  if (whole !== null) return readValues(whole.value, () => lineValues(source), source);
  if (/^\s*[[{]/.test(first.text)) {
    const value = await documentValue(source);
    return readValues(value, () => single(value), source);
  }
  const lesser = LESSER.find(({ is }) => is.test(first.text));
  if (lesser !== undefined) return { known: false, reason: lesser.reason };
  const text = await textFormat(source);
  if (text !== null) return { known: true, reading: await text.read(source) };
  return readYaml(source);
}

/** A Benchmark Report, or a JSON report that someone turned into YAML. Other text is not tried: most text parses as YAML. */
async function readYaml(source: Source): Promise<Found> {
  if (!/\.ya?ml(\.gz)?$/i.test(source.path) && !(await mentions(source, /^version: *['"]?0\.[12]/)))
    return UNKNOWN;
  const value = await yamlValue(source);
  return readValues(value, () => single(value), source);
}

async function readValues(
  first: unknown,
  values: () => ReturnType<typeof lineValues>,
  source: Source,
): Promise<Found> {
  // What Taillight writes itself is no input.
  if (isObject(first) && String(at(first, 'schema')).startsWith('taillight.comparison/'))
    return { known: false, reason: 'a comparison that Taillight made, not a result' };
  const found = VALUE_FORMATS.find(({ is }) => is(first));
  return found === undefined ? UNKNOWN : { known: true, reading: await found.read(values(), source) };
}

async function textFormat(source: Source) {
  let seen = 0;
  for await (const batch of source.lines()) {
    for (const { text, number } of batch) {
      if (text.trim() !== '') seen += 1;
      const found = TEXT_FORMATS.find(({ is, within }) => seen <= within && is(text));
      if (found !== undefined) return found;
      if (number > LOOK_LINES) return null;
    }
  }
  return null;
}

async function mentions(source: Source, pattern: RegExp): Promise<boolean> {
  for await (const batch of source.lines()) {
    if (batch.some(({ text }) => pattern.test(text))) return true;
    if ((batch[0]?.number ?? 0) > LOOK_LINES) return false;
  }
  return false;
}
