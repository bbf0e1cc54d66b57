/** Reads results of any known tool, one file or a folder of them. */
import { dirname } from 'node:path';
import type { ResultPart, ResultSet } from '../model/result';
import type { TargetObservation } from '../model/observation';
import { bundle, withoutExports } from './bundle';
import { readAny } from './detect';
import { findFiles, type FoundFile } from './find-files';
import { tooManyRecords, type Reading } from './reading';
import { refusalOf } from './refusal';
import { Source } from './source';

/**
 * Reads a result file, or a folder of result files and up to two levels of folders below it. The format of each file is told
 * by its content: Taillight `run.jsonl`, LMBenchmark CSV, GuideLLM, AIPerf, inference-perf, `vllm bench serve`, llm-d Benchmark
 * Report, the log of the multi-turn benchmark; each also packed with gzip.
 *
 * @returns parts (one a load level of a target of a workload), and one entry for each file or line that could not be used; it
 * never rejects for what a file holds. `parts` is empty where nothing could be read. Times are milliseconds in records and
 * seconds in summaries, whatever the file's units; what a file does not tell is null.
 */
export async function readResults(path: string): Promise<ResultSet> {
  const { files, folder, unread } = await findFiles(path);
  const byFolder = new Map<string, Pick<Reading, 'parts'> & { observations: TargetObservation[] }>();
  let records = 0;
  for (const file of files) {
    const reading = await readFile(file, folder);
    unread.push(...reading.unread);
    records += reading.parts.reduce((sum, part) => sum + (part.records?.length ?? 0), 0);
    const much = tooManyRecords(records);
    if (much !== null) {
      unread.push({ file: file.name, line: null, reason: `the result holds ${much}; the rest is not read` });
      break;
    }
    const place = dirname(file.path);
    const known = byFolder.get(place) ?? { parts: [], observations: [] };
    known.parts.push(...reading.parts);
    known.observations.push(...(reading.observations ?? []));
    byFolder.set(place, known);
  }
  const parts = withoutExports(byFolder).flatMap((found) =>
    bundle(found.parts).map(observed(found.observations)),
  );
  if (parts.length === 0 && unread.length === 0)
    unread.push({ file: path, line: null, reason: 'the folder holds no result that Taillight knows' });
  return { path, parts, unread };
}

/** A part with what was seen of its servers, of which their target's name tells. */
const observed =
  (observations: readonly TargetObservation[]) =>
  (part: ResultPart): ResultPart => {
    const observation = observations.find(({ name }) => name === part.target);
    return observation === undefined ? part : { ...part, observation, model: observation.model };
  };

/** In a folder a file of another kind is nobody's mistake; where it was asked for, it is. */
async function readFile({ path, name }: FoundFile, folder: boolean): Promise<Reading> {
  try {
    const found = await readAny(await Source.open(path, name));
    if (found.known) return found.reading;
    return { parts: [], unread: folder ? [] : [{ file: name, line: null, reason: found.reason }] };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return { parts: [], unread: [{ file: name, line: refusal.line, reason: refusal.reason }] };
  }
}
