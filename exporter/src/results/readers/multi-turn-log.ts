/**
 * The printed log of the multi-turn benchmark of the demo. Its lines per request are raw samples (one decimal of a
 * millisecond); where a log lacks some of them, as after `grep` or a rotated Pod log, the printed summary is used instead.
 */
import type { TimedRecord } from '../../model/record';
import type { Distribution, SummaryStatistics } from '../../model/result';
import { importedRecord, outcomeOfText } from '../imported-record';
import { distribution, emptyPart, emptySummary, type Reading } from '../reading';
import { Refusal } from '../refusal';
import type { Source } from '../source';
import { toSeconds } from '../units';

const NUMBER = '(\\d+(?:\\.\\d+)?)';
const REQUEST = new RegExp(
  `Conv\\s+(\\d+)\\s*(?:\\((CODE|TEXT)\\))?\\s*\\|\\s*Turn\\s+(\\d+)\\s*/\\s*\\d+\\s*\\|(.*)$`,
  'i',
);
const TTFT = new RegExp(`TTFT:\\s*${NUMBER}\\s*(ms|s)\\b`, 'i');
const TOTAL = new RegExp(`Total:\\s*${NUMBER}\\s*(ms|s)\\b`, 'i');
const TOKENS = /Tokens:\s*(\d+)/i;
const STATISTIC = new RegExp(`^(Min|Max|Mean|P50|P90|P95|P99):\\s*${NUMBER}\\s*(ms|s)$`, 'i');
const BY_TURN = new RegExp(`^Turn\\s+(\\d+):\\s*${NUMBER}\\s*(ms|s) avg \\((\\d+) requests\\)$`, 'i');

export const isMultiTurnLog = (text: string): boolean =>
  REQUEST.test(text) || /BENCHMARK SUMMARY|Time to First Token \(TTFT\):/.test(text);

interface Log {
  records: TimedRecord[];
  /** Heading -> statistic -> seconds. */
  sections: Map<string, Map<string, number>>;
  by_turn: SummaryStatistics['ttft_by_turn'];
  wall: number | null;
  total: number | null;
  model: string | null;
}

const seconds = (found: RegExpExecArray | null): number | null =>
  found === null ? null : toSeconds(Number(found[1]), found[2]);

function request(found: RegExpExecArray, run: string, index: number): TimedRecord {
  const [, conversation = '', kind, turn = '0', rest = ''] = found;
  const [ttft, total] = [seconds(TTFT.exec(rest)), seconds(TOTAL.exec(rest))];
  const tokens = TOKENS.exec(rest)?.[1];
  const ok = ttft !== null;
  const record = importedRecord(run, index, {
    conversation: `conversation ${conversation}`,
    turn: Number(turn),
    sent_at: index,
    ttft_ms: ok ? ttft * 1000 : null,
    e2e_ms: ok && total !== null ? total * 1000 : null,
    tpot_ms: null,
    prompt_tokens: null,
    completion_tokens: tokens === undefined ? null : Number(tokens),
    outcome: ok ? 'ok' : outcomeOfText(rest),
  });
  return kind === undefined
    ? record
    : { ...record, document: kind.toUpperCase() === 'CODE' ? 'code' : 'text' };
}

async function readLog(source: Source): Promise<Log> {
  const log: Log = { records: [], sections: new Map(), by_turn: [], wall: null, total: null, model: null };
  let heading = '';
  for await (const batch of source.lines()) {
    for (const { text } of batch) {
      const line = text.trim();
      const made = REQUEST.exec(line);
      if (made !== null) {
        if (TTFT.test(line) || /error|fail|exception|timed? ?out/i.test(line))
          log.records.push(request(made, source.name, log.records.length));
        continue;
      }
      heading = /^([^:]+):$/.exec(line)?.[1] ?? heading;
      const statistic = STATISTIC.exec(line);
      if (statistic !== null) {
        const known = log.sections.get(heading) ?? new Map<string, number>();
        const value = toSeconds(Number(statistic[2]), statistic[3]);
        if (value !== null) log.sections.set(heading, known.set((statistic[1] ?? '').toLowerCase(), value));
      }
      const turn = BY_TURN.exec(line);
      const average = turn === null ? null : toSeconds(Number(turn[2]), turn[3]);
      if (turn !== null && average !== null)
        log.by_turn.push({ turn: Number(turn[1]), n: Number(turn[4]), mean: average });
      log.wall = seconds(/^Total time:\s*(\d+(?:\.\d+)?)\s*(ms|s)$/i.exec(line)) ?? log.wall;
      const total = /^Total requests:\s*(\d+)$/i.exec(line)?.[1];
      if (total !== undefined) log.total = Number(total);
      log.model = /^(?:Using )?model:\s*(\S+)$/i.exec(line)?.[1] ?? log.model;
    }
  }
  return log;
}

/** `n` counts failed requests too: the script does not say how many failed. */
function summaryOf(log: Log): SummaryStatistics {
  const summary = emptySummary();
  const of = (heading: string): Distribution | undefined => {
    const told = log.sections.get(heading);
    return told && distribution(log.total, (name) => told.get(name) ?? null);
  };
  const [ttft, e2e] = [of('Time to First Token (TTFT)'), of('Total Request Time')];
  if (ttft !== undefined) summary.latencies.ttft.all = ttft;
  if (e2e !== undefined) summary.latencies.e2e.all = e2e;
  summary.ok = log.total;
  summary.ttft_by_turn = log.by_turn;
  summary.requests_per_second = log.total === null || !log.wall ? null : log.total / log.wall;
  return summary;
}

export async function readMultiTurnLog(source: Source): Promise<Reading> {
  const log = await readLog(source);
  const { records, total } = log;
  const whole = records.length > 0 && (total === null || records.length >= total * 0.5);
  const summary = whole ? null : summaryOf(log);
  if (summary !== null && summary.latencies.ttft.all === undefined)
    throw new Refusal('holds neither lines of requests nor the summary of TTFT');
  const part = {
    ...emptyPart('multi-turn-log', source.name),
    model: log.model,
    records: whole ? records : null,
    summary,
    identity: whole ? ('conversation' as const) : ('none' as const),
    wall_seconds: log.wall,
    requests_missing: whole && total !== null ? Math.max(0, total - records.length) : 0,
    definitions: { ttft: 'first_content', e2e: 'stream_end' } as const,
    notes: whole
      ? []
      : ['The script counts failed requests as requests and prints its percentiles without interpolation'],
  };
  return { parts: [part], unread: [] };
}
