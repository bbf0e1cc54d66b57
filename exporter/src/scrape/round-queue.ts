/** One page to scrape in a round. */
export interface RoundTask {
  /** It failed the last time, so it may take until its deadline. */
  suspect: boolean;
  /** Number of the round in which it was tried last. */
  triedInRound: number;
  /** Never rejects. */
  run(): Promise<void>;
}

interface Waiting {
  task: RoundTask;
  done: () => void;
}

/**
 * Runs the scrapes of one round, a few at a time. Pages that failed the last time come after the others and in at most half
 * of the places, and none of them is begun once the round's budget is used up (but for one set of places): a hundred
 * hanging replicas then cost the healthy ones nothing, and are tried in turn over the next rounds.
 */
export class RoundQueue {
  private readonly sound: Waiting[] = [];
  private suspects: Waiting[] = [];
  private running = 0;
  private suspectsRunning = 0;
  private suspectsBegun = 0;
  private readonly suspectPlaces: number;

  constructor(
    private readonly places: number,
    /** Whether the round has used up its time. */
    private readonly overdue: () => boolean,
  ) {
    this.suspectPlaces = Math.max(1, Math.floor(places / 2));
  }

  /** Resolves when the task has run or was left for a later round. */
  run(task: RoundTask): Promise<void> {
    return new Promise((done) => {
      (task.suspect ? this.suspects : this.sound).push({ task, done });
      // Only when all that are handed over together are here can the best of them be chosen.
      queueMicrotask(() => this.fill());
    });
  }

  private fill(): void {
    while (this.running < this.places) {
      const next = this.sound.shift() ?? this.nextSuspect();
      if (next === undefined) return;
      void this.begin(next);
    }
  }

  private async begin({ task, done }: Waiting): Promise<void> {
    this.running += 1;
    if (task.suspect) this.suspectsRunning += 1;
    await task.run();
    this.running -= 1;
    if (task.suspect) this.suspectsRunning -= 1;
    done();
    this.fill();
  }

  /** The suspect that was tried the longest ago. */
  private nextSuspect(): Waiting | undefined {
    if (this.suspectsRunning >= this.suspectPlaces) return undefined;
    if (this.suspectsBegun >= this.suspectPlaces && this.overdue()) {
      for (const { done } of this.suspects) done();
      this.suspects = [];
      return undefined;
    }
    const oldest = this.suspects.reduce<Waiting | undefined>(
      (best, one) => (best === undefined || one.task.triedInRound < best.task.triedInRound ? one : best),
      undefined,
    );
    if (oldest === undefined) return undefined;
    this.suspects.splice(this.suspects.indexOf(oldest), 1);
    this.suspectsBegun += 1;
    return oldest;
  }
}
