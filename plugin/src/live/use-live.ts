import { useEffect, useState } from 'react';
import { QUANTILE_LABEL } from '../data/names';
import type { Quantile, TurnClass } from '../types';
import { readAnswer, type LiveAnswer } from './answer';

const POLL_MS = 2000;
const PATIENCE_MS = 8000;

export interface LiveState {
  /** The newest one; it stays while the next is on its way or fails. */
  answer: LiveAnswer | null;
  /** What `answer` was asked for. */
  turn: TurnClass;
  percentile: Quantile;
  /** Why the exporter cannot be heard, and since when (Unix milliseconds); null while it can. */
  silent: { since: number; reason: string } | null;
}

async function ask(turn: TurnClass, percentile: Quantile, signal: AbortSignal): Promise<LiveAnswer> {
  const url = `api/v1/live?turn=${turn}&quantile=${QUANTILE_LABEL[percentile]}`;
  const response = await window.fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  if (!response.ok) throw new Error(`it answers with status ${response.status}`);
  const answer = readAnswer(await response.json());
  if (answer === null) throw new Error('what answers there is not a Taillight of this version');
  return answer;
}

function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`;
  return name === 'TypeError' ? 'no connection' : message;
}

/** Asks the exporter every two seconds while the page is seen. */
export function useLive(turn: TurnClass, percentile: Quantile): LiveState {
  const [state, setState] = useState<LiveState>({ answer: null, turn, percentile, silent: null });
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const poll = async () => {
      try {
        const answer = await ask(turn, percentile, stop.signal);
        setState((before) =>
          before.answer?.generated === answer.generated &&
          before.turn === turn &&
          before.percentile === percentile &&
          before.silent === null &&
          before.answer?.run === answer.run
            ? before // no comparison since: nothing to draw anew
            : { answer, turn, percentile, silent: null },
        );
      } catch (error) {
        if (stop.signal.aborted) return;
        const reason = reasonOf(error);
        setState((before) => ({ ...before, silent: { since: before.silent?.since ?? Date.now(), reason } }));
      }
      if (!stop.signal.aborted && !document.hidden) timer = window.setTimeout(() => void poll(), POLL_MS);
    };
    const onVisible = () => {
      window.clearTimeout(timer);
      if (!document.hidden) void poll();
    };
    document.addEventListener('visibilitychange', onVisible);
    void poll();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [turn, percentile]);
  return state;
}
