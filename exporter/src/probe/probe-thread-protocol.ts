import type { ProbePlan, ProberEvents } from './plan';

/** What the probing thread is started with. */
export interface ProbeThreadData {
  role: 'probe';
  plan: ProbePlan;
}

/** Host to thread. */
export type ProbeCommand = { kind: 'stop'; grace_seconds: number };

type Events = Required<ProberEvents>;

/** Thread to host: one call of `ProberEvents` with its arguments, or how the thread ends. */
export type ProbeMessage =
  | { [Name in keyof Events]: { kind: 'event'; name: Name; args: Parameters<Events[Name]> } }[keyof Events]
  /** All is played, or stopped. */
  | { kind: 'done' }
  /** The plan cannot be carried out (its documents cannot be read): starting again would not help. */
  | { kind: 'refused'; text: string };

export function isProbeThreadData(data: unknown): data is ProbeThreadData {
  return typeof data === 'object' && data !== null && (data as { role?: unknown }).role === 'probe';
}
