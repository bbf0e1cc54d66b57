/**
 * LMBenchmark's CSV (LMCache/LMBenchmark): seconds, Unix times, one row a request that was answered. A request that failed has
 * no row, as the tool that defines the format writes none; an answer without any token has the times 0, as there.
 */
import { createHash } from 'node:crypto';
import type { TimedRecord } from '../../model/record';
import { levelText, type ExportPart } from './export-part';

const TIMES = ['prompt_tokens', 'generation_tokens', 'ttft', 'generation_time'] as const;
const IDENTITY = ['user_id', 'question_id'] as const;
const CLOCK = ['launch_time', 'finish_time'] as const;
type Column = (typeof TIMES)[number] | (typeof IDENTITY)[number] | (typeof CLOCK)[number];

/** LMBenchmark's names of its workloads; others have ours. */
const WORKLOADS: Readonly<Record<string, string>> = {
  'long-input': 'long_input',
  'short-input': 'short_input',
  'sharegpt-like': 'sharegpt',
};

/**
 * `LMBench_long_input_output_0.1.csv`: the number is the QPS level. Where there is none the name has no such number, as a reader
 * would take it for one: `LMBench_concurrency_sweep_concurrency8.csv`, `LMBench_multi_turn.csv`.
 */
export function lmbenchFile({ result, level }: ExportPart): string {
  const key = workloadKey(result.workload.preset, result.source);
  if (level === null) return `LMBench_${key}.csv`;
  return `LMBench_${key}_${level.unit === 'qps' ? 'output_' : 'concurrency'}${levelText(level)}.csv`;
}

const workloadKey = (preset: string, source: string | null) =>
  source === null ? (WORKLOADS[preset] ?? preset.replaceAll('-', '_')) : 'own';

export function lmbenchCsv({ result, records }: ExportPart): string {
  // LMBenchmark's ShareGPT client knows no users.
  const anonymous = workloadKey(result.workload.preset, result.source) === 'sharegpt';
  const columns: readonly Column[] = [...TIMES, ...(anonymous ? [] : IDENTITY), ...CLOCK];
  const rows = records.flatMap((record) => {
    const row = rowOf(record);
    return row === null ? [] : [columns.map((column) => row[column] ?? '').join(',')];
  });
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

/** null is an empty cell. */
function rowOf(record: TimedRecord): Record<Column, number | null> | null {
  const { outcome, ttft_ms, e2e_ms } = record;
  if (outcome !== 'ok' && outcome !== 'empty') return null;
  const answered = outcome === 'ok' && ttft_ms !== null;
  return {
    prompt_tokens: record.prompt_tokens,
    generation_tokens: record.completion_tokens,
    ttft: answered ? ttft_ms / 1000 : 0,
    generation_time: !answered ? 0 : e2e_ms === null ? null : (e2e_ms - ttft_ms) / 1000,
    user_id: userNumber(record.conversation),
    question_id: record.turn,
    launch_time: record.sent_at,
    finish_time: e2e_ms === null ? null : record.sent_at + e2e_ms / 1000,
  };
}

/** A conversation's number: the same in every run that plays it, so that results of two runs can be paired by it. */
function userNumber(conversation: string): number {
  return Number.parseInt(createHash('sha256').update(conversation).digest('hex').slice(0, 12), 16);
}
