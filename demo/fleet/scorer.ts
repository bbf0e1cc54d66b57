/** What the endpoint picker believes of one replica when a request comes. */
export interface Candidate {
  /** Leading blocks of the prompt that were sent there before / blocks of the prompt, 0..1. */
  prefixMatch: number;
  /** Waiting requests, as of the last poll. */
  waiting: number;
  /** 0..1, as of the last poll. */
  kvUsage: number;
}

/** llm-d's default weights. */
export interface Weights {
  prefix: number;
  kvUsage: number;
  queue: number;
}

export const DEFAULT_WEIGHTS: Weights = { prefix: 3, kvUsage: 2, queue: 2 };

/**
 * Weighted scores, each part normalised to 0..1 as the llm-d scorers do: prefix = matched / total, KV = 1 - usage, queue =
 * (longest - own) / (longest - shortest), 1 where all queues are equal.
 */
export function scores(candidates: readonly Candidate[], weights: Weights): number[] {
  const queues = candidates.map((candidate) => candidate.waiting);
  const longest = Math.max(...queues);
  const spread = longest - Math.min(...queues);
  return candidates.map(
    ({ prefixMatch, waiting, kvUsage }) =>
      weights.prefix * prefixMatch +
      weights.kvUsage * (1 - kvUsage) +
      weights.queue * (spread === 0 ? 1 : (longest - waiting) / spread),
  );
}

/** Index of the best score, ties broken at random; -1 for none. */
export function pickBest(values: readonly number[], random: () => number): number {
  const best = Math.max(...values);
  const tied = values.flatMap((value, i) => (value === best ? [i] : []));
  return tied[Math.floor(random() * tied.length)] ?? -1;
}
