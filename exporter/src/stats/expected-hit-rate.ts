/**
 * What share of prompt tokens a prefix cache can serve, from the conversations alone: no eviction, nothing warm before.
 *
 * Turn t of a conversation repeats the prompt of every earlier turn s. If the same replica served s, it holds that prompt in
 * blocks; only whole blocks are reused, and the last token of a prompt is always computed (vLLM, llm-d-inference-sim).
 *
 *     cached(s, t) = min( floor(known(s) / B) B, floor((prompt_t - 1) / B) B )
 *     known(s)     = prompt_s, or prompt_s + completion_s - 1 where answers come back token for token
 *
 * Random routing over N replicas: the latest earlier turn on the same replica is s with chance (1/N) (1 - 1/N)^(t-1-s).
 * Sticky routing: it is t - 1. Held against real recordings in expected-hit-rate.test.ts.
 */

/** Lengths in tokens. */
export interface PromptTurn {
  prompt_tokens: number;
  completion_tokens: number;
}

/** `cached_tokens` as the server told it, or null. */
export interface ObservedTurn extends PromptTurn {
  cached_tokens: number | null;
}

export interface CacheModel {
  /** Tokens per block. */
  block_size: number;
  /** Whether the tokens of an answer are found again when the next prompt repeats it. */
  answers_reused: boolean;
  /** Tokens at the start of every prompt that all conversations share, cached on every replica. */
  shared_prefix_tokens: number;
}

export interface HitRateBounds {
  random: number;
  sticky: number;
}

/**
 * The textbook form for T equal uses of a prefix on N replicas: random 1 - (1 - (1 - 1/N)^T) N/T, sticky (T - 1)/T.
 * Some points too high for growing prompts and real blocks: a check on the exact form, not a stand-in.
 */
export function closedFormHitRate(replicas: number, turns: number): HitRateBounds {
  return {
    random: 1 - ((1 - (1 - 1 / replicas) ** turns) * replicas) / turns,
    sticky: (turns - 1) / turns,
  };
}

const wholeBlocks = (tokens: number, size: number) => Math.floor(Math.max(0, tokens) / size) * size;

/** Tokens of `turn` that a replica serves from its cache when it last served `earlier` (null: nothing of the conversation). */
export function cachedTokens(turn: PromptTurn, earlier: PromptTurn | null, model: CacheModel): number {
  const reusable = wholeBlocks(turn.prompt_tokens - 1, model.block_size);
  const known = earlier === null ? 0 : knownTokens(earlier, turn, model.answers_reused);
  return Math.min(reusable, wholeBlocks(Math.max(known, model.shared_prefix_tokens), model.block_size));
}

/** The answer counts only where the later prompt is long enough to hold it (a template may drop reasoning). */
function knownTokens(earlier: PromptTurn, later: PromptTurn, answersReused: boolean): number {
  const withAnswer = earlier.prompt_tokens + earlier.completion_tokens - 1;
  return answersReused && later.prompt_tokens > withAnswer ? withAnswer : earlier.prompt_tokens;
}

/**
 * Expected hit rate, token-weighted over conversations (each its turns in order, from turn 1). Null without any prompt token,
 * replica or block size.
 */
export function expectedHitRate(
  conversations: readonly (readonly PromptTurn[])[],
  replicas: number,
  model: CacheModel,
): HitRateBounds | null {
  if (!(replicas >= 1) || !(model.block_size >= 1)) return null;
  let prompt = 0;
  let random = 0;
  let sticky = 0;
  for (const turns of conversations) {
    turns.forEach((turn, t) => {
      prompt += turn.prompt_tokens;
      sticky += cachedTokens(turn, turns[t - 1] ?? null, model);
      random += expectedCachedAtRandom(turns, t, replicas, model);
    });
  }
  return prompt > 0 ? { random: random / prompt, sticky: sticky / prompt } : null;
}

/** Beyond this chance the remaining earlier turns cannot change a result that is shown with three digits. */
const NEGLIGIBLE = 1e-6;

function expectedCachedAtRandom(
  turns: readonly PromptTurn[],
  t: number,
  replicas: number,
  model: CacheModel,
): number {
  const turn = turns[t] as PromptTurn;
  let expected = 0;
  let remaining = 1;
  for (let s = t - 1; s >= 0 && remaining > NEGLIGIBLE; s -= 1) {
    expected += (remaining / replicas) * cachedTokens(turn, turns[s] ?? null, model);
    remaining *= 1 - 1 / replicas;
  }
  return expected + remaining * cachedTokens(turn, null, model);
}

/**
 * Whether this engine finds the tokens of answers again, from what it told: among the turns that hit all whole blocks of the
 * prompt before, do most also hit those that the answer filled? Null where nothing tells (no cached tokens, or answers that
 * fill no block).
 */
export function answersReused(
  conversations: readonly (readonly ObservedTurn[])[],
  blockSize: number,
): boolean | null {
  const model = { block_size: blockSize, shared_prefix_tokens: 0 };
  let withAnswer = 0;
  let promptOnly = 0;
  for (const turns of conversations) {
    turns.forEach((turn, t) => {
      const earlier = turns[t - 1];
      if (earlier === undefined || turn.cached_tokens === null) return;
      const least = cachedTokens(turn, earlier, { ...model, answers_reused: false });
      const most = cachedTokens(turn, earlier, { ...model, answers_reused: true });
      if (most === least || turn.cached_tokens < least) return;
      if (turn.cached_tokens >= most) withAnswer += 1;
      else promptOnly += 1;
    });
  }
  return withAnswer + promptOnly === 0 ? null : withAnswer > promptOnly;
}

/** A prefix is taken for shared when at least this share of first turns hit the same number of tokens ... */
const SHARED_MAJORITY = 0.5;
/** ... which is clearly less than a whole prompt, as a warm cache would give. */
const SHARED_AT_MOST = 0.9;
/** Fewer first turns than this do not tell. */
const SHARED_LEAST_TURNS = 6;

/**
 * Tokens that all conversations share at their start, from what the first turns hit; 0 where they show none. `known`: what
 * the workload says (0: nothing is shared); it is an estimate in tokens, so the engine's own number is preferred.
 */
export function sharedPrefixTokens(firstTurns: readonly ObservedTurn[], known?: number): number {
  if (known === 0) return 0;
  if (firstTurns.length < SHARED_LEAST_TURNS) return known ?? 0;
  const times = new Map<number, number>();
  for (const { cached_tokens: cached } of firstTurns) {
    if (cached !== null && cached > 0) times.set(cached, (times.get(cached) ?? 0) + 1);
  }
  const [tokens, count] = [...times].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0]);
  if (count < firstTurns.length * SHARED_MAJORITY) return known ?? 0;
  const shortest = Math.min(...firstTurns.map((turn) => turn.prompt_tokens));
  return known !== undefined || tokens <= shortest * SHARED_AT_MOST ? tokens : 0;
}
