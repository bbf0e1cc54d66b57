import type { ProbeRecord } from '../model/record';
import type { ProbePlan, Probes } from '../probe/probe-plan';
import type { ProbeThreadEvents } from '../probe/probe-thread';

/**
 * Probes that send nothing: they hand to one exporter what bounded runs in the same process measure, one after the other. So its
 * page shows runs that are over, of deployments that may be gone.
 */
export class RelayedProbes implements Probes {
  readonly done: Promise<void>;
  private over: () => void = () => {};

  constructor(
    private readonly plan: ProbePlan,
    private readonly events: ProbeThreadEvents,
  ) {
    this.done = new Promise((resolve) => (this.over = resolve));
  }

  start(): void {}

  stop(): Promise<void> {
    this.over();
    return Promise.resolve();
  }

  /**
   * A run's events, which go to the exporter as well. Whether a target is up is not passed on: a run knows that only while it
   * lasts, the pages of the replicas tell it always.
   */
  alsoTo({ zero_ms }: ProbePlan, own: ProbeThreadEvents): ProbeThreadEvents {
    // Both clocks are the same monotonic one; only their zeros differ.
    const shift = zero_ms - this.plan.zero_ms;
    const shifted = (record: ProbeRecord): ProbeRecord => ({
      ...record,
      intended_ms: record.intended_ms + shift,
      sent_ms: record.sent_ms + shift,
    });
    return {
      ...own,
      onRecord: (record, gaps_ms) => {
        own.onRecord(record, gaps_ms);
        this.events.onRecord(shifted(record), gaps_ms);
      },
      onSkipped: (target, reason) => {
        own.onSkipped(target, reason);
        this.events.onSkipped(target, reason);
      },
      onProgress: (progress) => {
        own.onProgress(progress);
        this.events.onProgress(progress);
      },
      onDelay: (delay) => {
        own.onDelay(delay);
        this.events.onDelay(delay);
      },
    };
  }
}
