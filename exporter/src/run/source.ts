import type { WorkloadConfig } from '../model/config';
import { readConversations } from '../probe/conversations-file';
import type { PlanSource } from '../probe/probe-plan';
import { SourceError } from '../probe/source-error';
import { readTrace } from '../probe/trace-file';

/** Conversations from a file instead of the workload. */
export interface RunSource {
  plan: PlanSource;
  /** For the report. */
  text: string;
  /** What is offered to each target, in words; null: what the workload says. */
  offered: string | null;
}

export interface SourceChoice {
  /** What was given on the command line; undefined: not. */
  conversations: number | undefined;
  turns: number | undefined;
  concurrency: number | undefined;
}

export type OpenedSource =
  { ok: true; source: RunSource; workload: WorkloadConfig } | { ok: false; mistake: string };

/** An open loop must not be held back by the number of workers. */
const TRACE_CONCURRENCY = 256;

/** Looks into the file and fits the workload to it. Reads it whole; the probing thread reads it again. */
export function openSource(plan: PlanSource, workload: WorkloadConfig, chosen: SourceChoice): OpenedSource {
  try {
    return plan.kind === 'trace'
      ? openTrace(plan, workload, chosen)
      : openConversations(plan, workload, chosen);
  } catch (error) {
    if (error instanceof SourceError) return { ok: false, mistake: error.message };
    throw error;
  }
}

function openConversations(
  plan: Extract<PlanSource, { kind: 'conversations' }>,
  workload: WorkloadConfig,
  chosen: SourceChoice,
): OpenedSource {
  const all = readConversations(plan.path);
  const conversations = Math.min(chosen.conversations ?? all.length, all.length);
  const longest = all
    .slice(0, conversations)
    .reduce((most, { questions }) => Math.max(most, questions.length), 1);
  const turns = Math.min(chosen.turns ?? longest, longest);
  const text = `${conversations} conversations of up to ${turns} turns from ${plan.path}`;
  return {
    ok: true,
    source: { plan, text, offered: null },
    workload: { ...workload, conversations, turns, warmup: 0 },
  };
}

function openTrace(
  plan: Extract<PlanSource, { kind: 'trace' }>,
  workload: WorkloadConfig,
  chosen: SourceChoice,
): OpenedSource {
  const all = readTrace(plan.path);
  const played = all.slice(0, chosen.conversations ?? all.length);
  const seconds = (played.at(-1)?.at_seconds ?? 0) / plan.speed;
  const rate = seconds > 0 ? ` (${(played.length / seconds).toFixed(2)} req/s)` : '';
  const speed = plan.speed === 1 ? '' : `, ${plan.speed} times as fast`;
  const concurrency = chosen.concurrency ?? TRACE_CONCURRENCY;
  return {
    ok: true,
    source: {
      plan,
      text: `${played.length} requests of the trace ${plan.path}${speed}`,
      offered: `as recorded: ${played.length} requests in ${seconds.toFixed(0)} s${rate}, at most ${concurrency} at once`,
    },
    workload: {
      ...workload,
      conversations: played.length,
      turns: played.reduce((most, { turn }) => Math.max(most, turn), 1),
      rate: null,
      concurrency,
      warmup: 0,
    },
  };
}
