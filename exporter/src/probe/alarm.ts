import { sleepUntil, type Clock } from './clock';

/** A sleep that others may end. A ring while nobody sleeps ends the next sleep at once, so that none is lost. */
export class Alarm {
  #controller = new AbortController();

  constructor(readonly now: Clock) {}

  ring = (): void => this.#controller.abort();

  async sleepUntil(at: number): Promise<void> {
    await sleepUntil(at, this.#controller.signal, this.now);
    this.#controller = new AbortController();
  }
}
