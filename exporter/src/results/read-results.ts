/** Reads results of any known tool, one file or a folder of them. */
import { dirname } from 'node:path';
import type { ResultPart, ResultSet, Unread } from '../model/result';
import { bundle } from './bundle';
import { readAny } from './detect';
import { findFiles, type FoundFile } from './find-files';
import { tooManyRecords } from './reading';
import { refusalOf } from './refusal';
import { Source } from './source';

interface FileReading {
  parts: ResultPart[];
  unread: Unread[];
}

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
  const byFolder = new Map<string, ResultPart[]>();
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
    byFolder.set(place, [...(byFolder.get(place) ?? []), ...reading.parts]);
  }
  const parts = [...byFolder.values()].flatMap(bundle);
  if (parts.length === 0 && unread.length === 0)
    unread.push({ file: path, line: null, reason: 'the folder holds no result that Taillight knows' });
  return { path, parts, unread };
}

/** In a folder a file of another kind is nobody's mistake; where it was asked for, it is. */
async function readFile({ path, name }: FoundFile, folder: boolean): Promise<FileReading> {
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
