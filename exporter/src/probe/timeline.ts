import type { GapSummary } from '../model/record';
import { quantile, sortedFinite } from '../stats/quantile';

/** What the clock said during one request, in ms of one monotonic clock; null where it did not happen. */
export interface RawTimeline {
  /** The request was handed to the (connected) socket. */
  sent: number | null;
  headers: number | null;
  /** First server-sent event, with or without text: usually the one that only tells the role. */
  first_event: number | null;
  /** First and last non-empty content, reasoning or tool-call delta. */
  first_token: number | null;
  last_token: number | null;
  /** `[DONE]`, or the end of the answer. */
  done: number | null;
  /** Gaps between consecutive token-bearing events. */
  gaps_ms: number[];
}

export interface Latencies {
  ttft_ms: number | null;
  e2e_ms: number | null;
  tpot_ms: number | null;
  itl_ms: GapSummary | null;
}

/**
 * The latencies of one answer, in ms.
 *
 * - TTFT = first token - sent; also known of an answer that broke off later.
 * - E2E = last token - sent, and TPOT = (last token - first token) / (completion tokens - 1) with the server's count: both only
 *   of a complete answer. TPOT is null if all tokens came in one event, as their pace is then not visible.
 * - ITL = the gaps between token-bearing events; several tokens may share an event, so this is honestly inter-chunk latency.
 */
export function latencies(raw: RawTimeline, completion_tokens: number | null, complete: boolean): Latencies {
  const { sent, first_token, last_token, gaps_ms } = raw;
  const itl_ms = summarizeGaps(gaps_ms);
  if (sent === null || first_token === null || last_token === null) {
    return { ttft_ms: null, e2e_ms: null, tpot_ms: null, itl_ms };
  }
  const paced = complete && completion_tokens !== null && completion_tokens > 1 && gaps_ms.length > 0;
  return {
    ttft_ms: first_token - sent,
    e2e_ms: complete ? last_token - sent : null,
    tpot_ms: paced ? (last_token - first_token) / (completion_tokens - 1) : null,
    itl_ms,
  };
}

function summarizeGaps(gaps_ms: readonly number[]): GapSummary | null {
  const sorted = sortedFinite(gaps_ms);
  const [p50, p95, max] = [quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 1)];
  if (p50 === null || p95 === null || max === null) return null;
  return { p50, p95, max, count: sorted.length };
}
