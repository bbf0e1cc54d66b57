/** What a report of a finished run tells beyond the comparison: counts of conversations, kinds of document. */
import type { TimedRecord } from '../model/record';

export interface DocumentFact {
  document: 'code' | 'text';
  n: number;
  mean_ttft_seconds: number;
}

export interface TargetFacts {
  requests: number;
  /** From the first request to the last answer; null without any. */
  total_seconds: number | null;
  /** A conversation is completed when none of its turns failed and it came as far as the longest. */
  completed: number;
  started: number;
  /** Empty where the workload does not know. */
  documents: DocumentFact[];
}

export function targetFacts(records: readonly TimedRecord[]): TargetFacts {
  const counted = records.filter((record) => record.warmup !== true);
  const conversations = new Map<string, { last: number; failed: boolean }>();
  let [start, done, turns] = [Infinity, -Infinity, 0];
  for (const record of counted) {
    const key = `${record.run} ${record.round} ${record.conversation}`;
    const known = conversations.get(key) ?? { last: 0, failed: false };
    conversations.set(key, {
      last: Math.max(known.last, record.turn),
      failed: known.failed || record.outcome !== 'ok',
    });
    start = Math.min(start, record.sent_at);
    done = Math.max(done, record.sent_at + (record.e2e_ms ?? 0) / 1000);
    turns = Math.max(turns, record.turn);
  }
  return {
    requests: counted.length,
    total_seconds: counted.length > 0 ? done - start : null,
    completed: [...conversations.values()].filter(({ last, failed }) => !failed && last === turns).length,
    started: conversations.size,
    documents: (['code', 'text'] as const).flatMap((document) => documentFact(counted, document)),
  };
}

function documentFact(records: readonly TimedRecord[], document: 'code' | 'text'): DocumentFact[] {
  const values = records
    .filter((record) => record.document === document && record.outcome === 'ok')
    .flatMap((record) => record.ttft_ms ?? [])
    .sort((left, right) => left - right);
  if (values.length === 0) return [];
  const sum = values.reduce((total, value) => total + value, 0);
  return [{ document, n: values.length, mean_ttft_seconds: sum / values.length / 1000 }];
}
