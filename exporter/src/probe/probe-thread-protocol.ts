import type { ProbePlan, ProberEvents } from './probe-plan';

/** What the probing thread is started with. */
export interface ProbeThreadData {
  role: 'probe';
  plan: ProbePlan;
}

/** Host to thread. */
export type ProbeCommand = { kind: 'stop'; grace_seconds: number };

/** Delay of the thread's event loop over the last window: how late the measuring itself was. */
export interface LoopDelay {
  p50_seconds: number;
  p99_seconds: number;
}

/** Thread to host: one call of `ProberEvents` with its arguments, or something about the thread itself. */
export type ProbeMessage =
  | {
      [Name in keyof ProberEvents]: { kind: 'event'; name: Name; args: Parameters<ProberEvents[Name]> };
    }[keyof ProberEvents]
  | { kind: 'delay'; delay: LoopDelay }
  /** All is played, or stopped. */
  | { kind: 'done' }
  /** The plan cannot be carried out (its documents cannot be read): starting again would not help. */
  | { kind: 'refused'; text: string };

export function isProbeThreadData(data: unknown): data is ProbeThreadData {
  return typeof data === 'object' && data !== null && (data as { role?: unknown }).role === 'probe';
}
