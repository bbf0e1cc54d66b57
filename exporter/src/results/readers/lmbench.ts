/**
 * LMBenchmark CSV (LMCache/LMBenchmark): one row a request that ended well, seconds, launch and finish in Unix time. A request
 * that failed has no row at all, so what is missing can only be seen beside another result.
 */
import { parse } from 'csv-parse/sync';
import { basename } from 'node:path';
import type { Level, ResultPart } from '../../model/result';
import type { TimedRecord } from '../../model/record';
import { importedRecord, tpot } from '../imported-record';
import { levelFromName } from '../level';
import { emptyPart, Skipped, tooManyRecords, type Reading } from '../reading';
import { Refusal, refusalOf } from '../refusal';
import type { Source } from '../source';

const DELIMITERS = [',', ';', '\t'] as const;
const NEEDED = ['prompt_tokens', 'generation_tokens', 'ttft', 'generation_time'] as const;

interface Header {
  delimiter: string;
  columns: string[];
}

/** The header of such a file; null for any other line. The column names decide, in any order, index column or not. */
export function lmbenchHeader(line: string): Header | null {
  for (const delimiter of DELIMITERS) {
    const columns = cells(line, delimiter).map((name) => name.trim().toLowerCase());
    if (columns.includes('ttft') && columns.includes('generation_time')) return { delimiter, columns };
  }
  return null;
}

/** Cells of a line; numbers are never quoted, so the careful parser is only asked where there are quotes. */
function cells(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter);
  const rows = parse(line, { delimiter, relax_quotes: true, relax_column_count: true }) as string[][];
  return rows[0] ?? [];
}

/** A finite number, null for an empty cell; text for what is neither. */
function cellNumber(cell: string | undefined): number | null | string {
  const text = (cell ?? '').trim();
  if (text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : text.slice(0, 20);
}

/** `LMBench_short_input_qps2.5.csv`, `LMBench_sharegpt_output_0.67.csv`, `anything_4.csv` */
export function lmbenchName(path: string): { level: Level | null; workload: string | null } {
  const name = basename(path).replace(/(\.csv)?(\.gz)?$/i, '');
  const qps = /(?:^|_)(?:qps)?(\d+(?:\.\d+)?)$/i.exec(name)?.[1];
  const workload = /^[^_]+_(.+?)_(?:output_|qps)[\d.]+$/i.exec(name)?.[1] ?? null;
  return { level: qps === undefined ? levelFromName(name) : { value: Number(qps), unit: 'qps' }, workload };
}

const COLUMNS = [...NEEDED, 'user_id', 'question_id', 'launch_time', 'finish_time'] as const;
type Column = (typeof COLUMNS)[number];
type Row = Record<Column, number | null>;

/** A row, or why the line is none. */
function rowOf(line: string, header: Header, place: Record<Column, number>): Row | string {
  const found = cells(line, header.delimiter);
  if (found.length !== header.columns.length)
    return `has ${found.length} of ${header.columns.length} columns`;
  const row = {} as Row;
  for (const column of COLUMNS) {
    const value = place[column] === -1 ? null : cellNumber(found[place[column]]);
    if (typeof value === 'string') return `${column} is not a number: ${value}`;
    if (value !== null && value < 0) return `${column} is negative: ${value}`;
    row[column] = value;
  }
  return row;
}

/** What a whole row says twice must agree: a line that was cut inside its last number still has all its columns. */
function contradiction(row: Row): string | null {
  const { launch_time, finish_time, ttft, generation_time } = row;
  if (launch_time === null || finish_time === null || ttft === null || generation_time === null || ttft === 0)
    return null;
  const apart = Math.abs(finish_time - launch_time - ttft - generation_time);
  return apart <= 10 ? null : 'finish_time - launch_time is not ttft + generation_time';
}

function recordOf(row: Row, run: string, index: number): TimedRecord {
  const answered = row.ttft !== null && row.ttft > 0;
  const ttft = answered ? row.ttft : null;
  const e2e = ttft === null || row.generation_time === null ? null : ttft + row.generation_time;
  const perToken = tpot(ttft, e2e, row.generation_tokens);
  return importedRecord(run, index, {
    conversation: row.user_id === null ? '' : `user ${row.user_id}`,
    turn: row.user_id === null ? 0 : (row.question_id ?? 0),
    sent_at: row.launch_time ?? index,
    ttft_ms: ttft === null ? null : ttft * 1000,
    e2e_ms: e2e === null ? null : e2e * 1000,
    tpot_ms: perToken === null ? null : perToken * 1000,
    prompt_tokens: row.prompt_tokens,
    completion_tokens: row.generation_tokens,
    outcome: answered ? 'ok' : 'empty',
  });
}

/**
 * Users of the ramp-up begin at a later question with an empty history: their first request is a first turn whatever its
 * number says.
 */
function renumberTurns(records: TimedRecord[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { conversation, turn } of records)
    first.set(conversation, Math.min(first.get(conversation) ?? Infinity, turn));
  for (const record of records) {
    if (record.turn > 0) record.turn -= (first.get(record.conversation) ?? 1) - 1;
  }
  return first;
}

interface Table {
  header: Header;
  place: Record<Column, number>;
  records: TimedRecord[];
}

function headOf(text: string, line: number): Table {
  const header = lmbenchHeader(text);
  if (header === null) throw new Refusal('has no header with ttft and generation_time', line);
  return { header, place: placesOf(header, line), records: [] };
}

/** Takes a row in; the reason why it cannot be used, or null. */
function addRow({ header, place, records }: Table, text: string, run: string): string | null {
  const row = rowOf(text, header, place);
  if (typeof row === 'string') return row;
  const mistake = contradiction(row);
  if (mistake === null) records.push(recordOf(row, run, records.length));
  return mistake;
}

async function readTable(source: Source, skipped: Skipped): Promise<Table | null> {
  let table: Table | null = null;
  try {
    for await (const batch of source.lines()) {
      for (const { text, number } of batch) {
        if (text.trim() === '') continue;
        if (table === null) {
          table = headOf(text, number);
          continue;
        }
        const mistake = addRow(table, text, source.name);
        if (mistake !== null) skipped.add(number, mistake);
      }
      const much = tooManyRecords(table?.records.length ?? 0);
      if (much !== null) throw new Refusal(much);
    }
  } catch (error) {
    const refusal = refusalOf(error);
    // What stands before a break in the file is good.
    if (refusal === null || table === null || table.records.length === 0) throw error;
    skipped.add(refusal.line, refusal.reason);
  }
  return table;
}

export async function readLmbench(source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const table = await readTable(source, skipped);
  if (table === null || table.records.length === 0) {
    const [first] = skipped.list();
    throw new Refusal(first?.reason ?? 'has no row', first?.line ?? null);
  }
  const { records, place } = table;
  const first_turns = renumberTurns(records);
  const part: ResultPart = {
    ...emptyPart('lmbench', source.name),
    ...lmbenchName(source.name),
    records,
    first_turns,
    identity: place.user_id !== -1 && place.question_id !== -1 ? 'conversation' : 'prompts',
    clock: place.launch_time === -1 ? 'order' : 'wall',
    definitions: { ttft: 'first_content', e2e: 'stream_end', tpot: 'per_decoded_token' },
  };
  return { parts: [part], unread: skipped.list() };
}

function placesOf(header: Header, line: number): Record<Column, number> {
  const missing = NEEDED.filter((name) => !header.columns.includes(name));
  if (missing.length > 0) throw new Refusal(`has no column ${missing.join(', ')}`, line);
  return Object.fromEntries(COLUMNS.map((name) => [name, header.columns.indexOf(name)])) as Record<
    Column,
    number
  >;
}
