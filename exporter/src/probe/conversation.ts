import type { Outcome, ProbeRecord } from '../model/record';
import { History } from './chat-body';
import { sleepUntil, type Clock } from './clock';
import type { Reply, TargetSession } from './target-session';
import { latencies } from './timeline';
import { openingMessages, type ConversationScript } from './workload';

/** One conversation as a target is to play it. */
export interface Part {
  script: ConversationScript;
  round: number;
  warmup: boolean;
  /** When turn 1 is wanted, on the monotonic clock. */
  intended: number;
}

export interface Stage {
  run: string;
  /** Stands for the run in the nonces of conversations. */
  nonce: string;
  target: string;
  session: TargetSession;
  now: Clock;
  /** The run's zero on `now`. */
  zero_ms: number;
  /** Asked before each turn: may it be sent? */
  mayGoOn(): boolean;
  /** No further turn; ends pauses. */
  stop: AbortSignal;
  /** Drops even a request under way. */
  cut: AbortSignal;
  onReply(record: ProbeRecord, gaps_ms: readonly number[]): void;
}

/** What the server refuses once it refuses again; nothing follows from asking on. */
const FINAL: ReadonlySet<Outcome> = new Set(['http_4xx', 'tls_error']);
const MAX_FAILURES_IN_A_ROW = 2;

/**
 * Plays a conversation turn by turn; true if it got to its last turn. The history holds the true answers. A failed turn is
 * recorded, and the conversation goes on without that exchange, as a user would; it ends early after two failures in a row, a
 * refusal (4xx), or a failed first turn, without whose document there is nothing to talk about.
 */
export async function playConversation(part: Part, stage: Stage): Promise<boolean> {
  const opening = openingMessages(part.script, stage, part.round);
  const history = opening.reduce((all, { role, content }) => all.with(role, content), new History());
  const state: State = { history, failures: 0, intended: part.intended };
  for (let turn = 1; turn <= part.script.think_seconds.length; turn += 1) {
    await sleepUntil(state.intended, stage.stop, stage.now);
    if (stage.stop.aborted || !stage.mayGoOn() || !(await playTurn(part, turn, state, stage))) return false;
  }
  return true;
}

interface State {
  history: History;
  failures: number;
  /** When the next turn is wanted. */
  intended: number;
}

/** One turn: sends, records, and prepares the next; false if the conversation ends here. */
async function playTurn(part: Part, turn: number, state: State, stage: Stage): Promise<boolean> {
  const { script } = part;
  const question = script.follow_ups[turn - 2];
  const asked = question === undefined ? state.history : state.history.with('user', question);
  const name = part.round === 0 ? script.id : `${script.id}.r${part.round}`;
  const numbered = turn + (script.earlier_turns ?? 0);
  const request_id = `${stage.run}/${stage.target}/${name}/${numbered}`;
  const reply = await stage.session.ask(asked, request_id, stage.cut, script.max_tokens);
  if (reply === null) return false;
  stage.onReply(
    recordOf(reply, { request_id, turn: numbered, intended: state.intended }, part, stage),
    reply.timeline.gaps_ms,
  );
  state.intended = stage.now() + (script.think_seconds[turn] ?? 0) * 1000;
  if (reply.outcome === 'ok') {
    state.history = asked.with('assistant', reply.answer);
    state.failures = 0;
    return true;
  }
  state.failures += 1;
  return turn > 1 && state.failures < MAX_FAILURES_IN_A_ROW && !FINAL.has(reply.outcome);
}

/** The record of a reply: times relative to the run's zero. A request that never got a connection counts from when it was asked for. */
export function recordOf(
  reply: Reply,
  at: { request_id: string; turn: number; intended: number },
  part: Pick<Part, 'script' | 'round' | 'warmup'>,
  stage: Pick<Stage, 'run' | 'target' | 'zero_ms'>,
): ProbeRecord {
  const { usage, timeline, outcome } = reply;
  return {
    request_id: at.request_id,
    run: stage.run,
    target: stage.target,
    conversation: part.script.id,
    round: part.round,
    turn: at.turn,
    intended_ms: at.intended - stage.zero_ms,
    sent_ms: (timeline.sent ?? reply.asked) - stage.zero_ms,
    ...latencies(timeline, usage.completion_tokens, outcome === 'ok'),
    ...usage,
    outcome,
    http_status: reply.status,
    ...(reply.error !== null && { error: reply.error }),
    ...(part.warmup && { warmup: true as const }),
    document: part.script.document,
    ...(reply.replica !== null && { replica: reply.replica }),
  };
}
