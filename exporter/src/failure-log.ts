import type { Logger } from './log';
import type { Outcome, ProbeRecord } from './model/record';

/** A way of failing is over when the target has answered and not failed so for this long. */
const QUIET_MS = 60_000;

interface Trouble {
  failed: number;
  /** When it was seen last, ms on the monotonic clock. */
  last: number;
}

/**
 * Failed requests in the log: one line when a target begins to fail in some way, one when that is over, however many there
 * were in between. Each single one is told at level `debug`; all are counted in `taillight_probe_requests_total`.
 */
export class FailureLog {
  private readonly troubles = new Map<string, Map<Outcome, Trouble>>();

  constructor(
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  record({ target, conversation, turn, outcome, http_status: status, error: detail }: ProbeRecord): void {
    const troubles = this.troubles.get(target) ?? new Map<Outcome, Trouble>();
    if (outcome === 'ok') return this.wellAgain(target, troubles);
    this.logger.debug('probe_failed', { target, conversation, turn, outcome, status, detail });
    const known = troubles.get(outcome);
    if (known === undefined) this.logger.warn('probes_failing', { target, outcome, status, detail });
    troubles.set(outcome, { failed: (known?.failed ?? 0) + 1, last: this.now() });
    this.troubles.set(target, troubles);
  }

  /** Forgets targets that are no longer configured. */
  keepTargets(targets: ReadonlySet<string>): void {
    for (const target of this.troubles.keys()) if (!targets.has(target)) this.troubles.delete(target);
  }

  private wellAgain(target: string, troubles: Map<Outcome, Trouble>): void {
    for (const [outcome, { failed, last }] of troubles) {
      if (this.now() - last < QUIET_MS) continue;
      troubles.delete(outcome);
      this.logger.info('probes_recovered', { target, outcome, failed });
    }
  }
}
