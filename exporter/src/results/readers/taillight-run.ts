/** Taillight's own `run.jsonl`: a header, then one record a line. A torn last line is what a crash leaves and is skipped. */
import type { ProbeRecord, RunHeader, TimedRecord } from '../../model/record';
import type { Level, ResultPart } from '../../model/result';
import { recordMistake } from '../../store/run-file';
import { amount, at, isObject, list } from '../json-values';
import { emptyPart, Skipped, tooManyRecords, type Located, type Reading } from '../reading';
import { Refusal } from '../refusal';
import type { Source } from '../source';

export const isRunHeader = (value: unknown): boolean => at(value, 'schema') === 'taillight.run/1';

const TIMES = [
  'ttft_ms',
  'e2e_ms',
  'tpot_ms',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
] as const;

function mistakeOf(value: unknown): string | null {
  if (!isObject(value)) return 'not a JSON object';
  const mistake = recordMistake(value);
  if (mistake !== null) return mistake;
  const negative = TIMES.find((key) => (value[key] as number | null) !== null && (value[key] as number) < 0);
  return negative === undefined ? null : `${negative} is negative`;
}

/** The load that the run was made with: a rate where it had one, else its concurrency. */
function levelOf(workload: unknown): Level | null {
  const rate = amount(at(workload, 'rate'));
  const concurrency = amount(at(workload, 'concurrency'));
  if (rate !== null && rate > 0) return { value: rate, unit: 'qps' };
  return concurrency !== null && concurrency > 0 ? { value: concurrency, unit: 'concurrency' } : null;
}

function timed(value: ProbeRecord, started: number): TimedRecord {
  const round = Number.isInteger(value.round) ? value.round : 0;
  const gaps = value.itl_ms as unknown;
  return {
    ...value,
    round,
    itl_ms: isObject(gaps) && amount(gaps['p50']) !== null ? value.itl_ms : null,
    sent_at: (started + value.sent_ms) / 1000,
  };
}

/** The load level of a record's stage; of the whole workload in a run without stages. */
function levelAt(header: RunHeader, stage: number | null): Level | null {
  const told: unknown = stage === null ? null : list(header.stages)[stage];
  const [level, unit] = [amount(at(told, 'level')), at(told, 'unit')];
  if (level !== null && (unit === 'qps' || unit === 'concurrency')) return { value: level, unit };
  return levelOf(header.workload);
}

interface Group {
  target: string;
  stage: number | null;
  header: RunHeader;
  records: TimedRecord[];
}

const partOf = ({ target, stage, header, records }: Group, file: string): ResultPart => ({
  ...emptyPart('taillight-run', file),
  target,
  level: levelAt(header, stage),
  records,
  identity: 'conversation',
  clock: 'wall',
  definitions: {
    ttft: 'first_token',
    e2e: 'last_token',
    tpot: 'per_decoded_token',
    itl: 'per_request_median_gap',
  },
});

export async function readTaillightRun(values: AsyncIterable<Located>, source: Source): Promise<Reading> {
  const skipped = new Skipped(source.name);
  const groups = new Map<string, Group>();
  let header: RunHeader | null = null;
  let count = 0;
  for await (const { value, line } of values) {
    if (isRunHeader(value)) {
      // Shards of one run that were put together one after the other bring their headers along.
      header = value as RunHeader;
      if (Number.isNaN(Date.parse(String(header.started))))
        throw new Refusal('the header does not tell when the run started', line);
      continue;
    }
    if (header === null) throw new Refusal('not a taillight.run/1 header', line);
    const mistake = mistakeOf(value);
    if (mistake !== null) {
      skipped.add(line, mistake);
      continue;
    }
    const record = timed(value as ProbeRecord, Date.parse(header.started));
    const stage = amount(record.stage);
    const key = JSON.stringify([record.target, stage]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { target: record.target, stage, header, records: [record] });
    else known.records.push(record);
    count += 1;
    const much = tooManyRecords(count);
    if (much !== null) throw new Refusal(much, line);
  }
  if (groups.size === 0) throw new Refusal('has a header but no record');
  // Where there are stages, what belongs to none is the warm-up before them.
  const staged = [...groups.values()].some(({ stage }) => stage !== null);
  const counted = [...groups.values()].filter(({ stage }) => !staged || stage !== null);
  // As the run names them, the baseline first, whichever answered first.
  const place = ({ header: { targets }, target }: Group) => {
    const found = list(targets).indexOf(target);
    return found < 0 ? Infinity : found;
  };
  counted.sort((one, other) => (place(one) < place(other) ? -1 : Number(place(one) > place(other))));
  return { parts: counted.map((group) => partOf(group, source.name)), unread: skipped.list() };
}
