/**
 * The draws of a cluster bootstrap: how often each cluster is in each resample. Arms of equally many clusters are drawn alike
 * (which is what pairs them), so draws are made once and kept.
 */
import { createRandom } from './random';

export interface DrawsWanted {
  seed: number;
  stream: number;
  clusters: number;
  resamples: number;
}

/** Multiplicities that are kept at most, over everything: 8 MiB. */
const MOST_KEPT = 2 ** 21;

export class Draws {
  private readonly known = new Map<string, Uint32Array[]>();
  private kept = 0;

  constructor(private readonly most = MOST_KEPT) {}

  /** One array a resample, valid until the next one is asked for; drawn when asked for, so that a caller may pause between. */
  *of({ seed, stream, clusters, resamples }: DrawsWanted): Generator<Uint32Array, void, undefined> {
    const key = [seed, stream, clusters, resamples].join(' ');
    const known = this.known.get(key);
    if (known !== undefined) return yield* known;
    const random = createRandom(seed, stream);
    const keep = this.kept + clusters * resamples <= this.most;
    const drawn: Uint32Array[] = [];
    const scratch = new Uint32Array(clusters);
    for (let resample = 0; resample < resamples; resample += 1) {
      const multiplicities = keep ? new Uint32Array(clusters) : scratch.fill(0);
      random.drawInto(multiplicities);
      if (keep) drawn.push(multiplicities);
      yield multiplicities;
    }
    if (!keep || this.known.has(key)) return;
    this.kept += clusters * resamples;
    this.known.set(key, drawn);
  }
}
