import type { Replica } from './replica';

const FAILURES_UNTIL_UNREADY = 3;

/**
 * The replicas that a Service lists: readiness probes once a period, three failures take a replica off, one success puts it
 * back. So a router keeps sending to a dead replica for a while, as in a cluster.
 */
export class Endpoints {
  private readonly failures = new Map<Replica, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    readonly replicas: readonly Replica[],
    periodSeconds: number,
  ) {
    this.timer = setInterval(() => this.probe(), periodSeconds * 1000);
  }

  ready(): Replica[] {
    return this.replicas.filter((replica) => (this.failures.get(replica) ?? 0) < FAILURES_UNTIL_UNREADY);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private probe(): void {
    for (const replica of this.replicas) {
      this.failures.set(replica, replica.healthy ? 0 : (this.failures.get(replica) ?? 0) + 1);
    }
  }
}
