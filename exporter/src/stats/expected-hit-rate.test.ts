import { conversationsOf, schedule, type RecordedTurn } from '../../../test/stats/workload';
import {
  answersReused,
  cachedTokens,
  closedFormHitRate,
  expectedHitRate,
  sharedPrefixTokens,
  type CacheModel,
} from './expected-hit-rate';

const model = (block_size: number, answers_reused = false): CacheModel => ({
  block_size,
  answers_reused,
  shared_prefix_tokens: 0,
});

const promptTokens = (turns: readonly RecordedTurn[]) =>
  turns.reduce((sum, turn) => sum + turn.prompt_tokens, 0);

/** The hit rate of the schedule that really happened: each turn finds the latest turn that the same replica served. */
function scheduledHitRate(turns: readonly RecordedTurn[], blocks: CacheModel): number {
  const cached = conversationsOf(turns).flatMap((conversation) =>
    conversation.map((turn, index) => {
      const earlier = conversation.slice(0, index).findLast((one) => one.replica === turn.replica) ?? null;
      return cachedTokens(turn, earlier, blocks);
    }),
  );
  return cached.reduce((sum, tokens) => sum + tokens, 0) / promptTokens(turns);
}

const measured = (turns: readonly RecordedTurn[]) =>
  turns.reduce((sum, turn) => sum + (turn.cached_tokens ?? 0), 0) / promptTokens(turns);

describe('the block rule on real recordings, with the replicas that really served', () => {
  test.each([
    ['vllm-cpu-rr', 128, 0.5642],
    ['vllm-cpu-rr-noisy', 128, 0.5733],
    ['vllm-cpu-rr-noisy-2', 128, 0.5804],
    ['vllm-cpu-rr-strict', 128, 0.5031],
    ['llm-d-plain', 16, 0.5438],
    ['llm-d-routed', 16, 0.863],
  ])('%s with blocks of %i: %f, within 0.2 points of the measured rate', (name, blockSize, expected) => {
    const turns = schedule(name);
    const rate = scheduledHitRate(turns, model(blockSize));
    expect(rate).toBeCloseTo(expected, 4);
    expect(Math.abs(rate - measured(turns))).toBeLessThan(0.002);
  });

  test('under eviction the rule is an upper bound: 0.687 where 0.536 was measured', () => {
    const turns = schedule('vllm-cpu-kv-random');
    expect(scheduledHitRate(turns, model(128))).toBeCloseTo(0.6867, 4);
    expect(measured(turns)).toBeCloseTo(0.5364, 4);
  });
});

describe('the expectation of a schedule', () => {
  test('GPU recording: 0.612 at random and 0.893 sticky, where sticky routing really reached 0.893', () => {
    const bounds = expectedHitRate(conversationsOf(schedule('vllm-gpu-random')), 4, model(16));
    expect(bounds!.random).toBeCloseTo(0.6118, 4);
    expect(bounds!.sticky).toBeCloseTo(0.8933, 4);
  });

  test('equal prompts of whole blocks and one token, which is always computed, give the closed form', () => {
    const turns = Array.from({ length: 10 }, () => ({ prompt_tokens: 160_001, completion_tokens: 1 }));
    const exact = expectedHitRate([turns, turns], 4, model(16));
    const closed = closedFormHitRate(4, 10);
    expect(exact!.random).toBeCloseTo(closed.random, 4);
    expect(exact!.sticky).toBeCloseTo(closed.sticky, 4);
    expect(closed.random).toBeCloseTo(0.6225, 4);
    expect(closed.sticky).toBe(0.9);
  });

  test('one replica makes random routing sticky', () => {
    const bounds = expectedHitRate(conversationsOf(schedule('llm-d-routed')), 1, model(16));
    expect(bounds!.random).toBeCloseTo(bounds!.sticky, 12);
  });

  test('a prefix that all conversations share is found by first turns too', () => {
    const turns = [{ prompt_tokens: 4000, completion_tokens: 10 }];
    const bounds = expectedHitRate([turns], 4, { ...model(16), shared_prefix_tokens: 3500 });
    expect(bounds).toEqual({ random: 3488 / 4000, sticky: 3488 / 4000 });
  });

  test('without prompts, replicas or blocks there is no expectation', () => {
    const turns = [[{ prompt_tokens: 100, completion_tokens: 1 }]];
    expect(expectedHitRate([], 4, model(16))).toBeNull();
    expect(expectedHitRate(turns, 0, model(16))).toBeNull();
    expect(expectedHitRate(turns, 4, model(0))).toBeNull();
  });
});

describe('one turn', () => {
  const earlier = { prompt_tokens: 1000, completion_tokens: 200 };

  test('finds whole blocks only', () => {
    expect(cachedTokens({ prompt_tokens: 1300, completion_tokens: 1 }, earlier, model(16))).toBe(992);
  });

  test('finds the answer too, but for its last token, where answers come back token for token', () => {
    expect(cachedTokens({ prompt_tokens: 1300, completion_tokens: 1 }, earlier, model(16, true))).toBe(1184);
  });

  test('does not find an answer that the next prompt is too short to hold', () => {
    expect(cachedTokens({ prompt_tokens: 1100, completion_tokens: 1 }, earlier, model(16, true))).toBe(992);
  });

  test('computes the last token of a prompt always', () => {
    expect(cachedTokens({ prompt_tokens: 992, completion_tokens: 1 }, earlier, model(16))).toBe(976);
  });
});

describe('what the answers tell about the engine', () => {
  test('recordings with random weights show that answers are not found again', () => {
    expect(answersReused(conversationsOf(schedule('llm-d-routed')), 16)).toBe(false);
    expect(answersReused(conversationsOf(schedule('vllm-gpu-random')), 16)).toBe(false);
  });

  test('an engine that hits the blocks of answers shows it', () => {
    const turns = [1000, 1300, 1600].map((prompt_tokens, index) => ({
      prompt_tokens,
      completion_tokens: 200,
      cached_tokens: index === 0 ? 0 : Math.floor((prompt_tokens - 300 + 199) / 16) * 16,
    }));
    expect(answersReused([turns], 16)).toBe(true);
  });

  test('an engine that does not tell cached tokens tells nothing', () => {
    const turns = [1000, 1300].map((prompt_tokens) => ({
      prompt_tokens,
      completion_tokens: 200,
      cached_tokens: null,
    }));
    expect(answersReused([turns], 16)).toBeNull();
  });

  const firsts = (cached: (index: number) => number) =>
    Array.from({ length: 12 }, (_, index) => ({
      prompt_tokens: 4000 + 17 * index,
      completion_tokens: 10,
      cached_tokens: cached(index),
    }));

  test('a shared prefix shows as the same hit on most first turns', () => {
    expect(sharedPrefixTokens(firsts((index) => (index < 4 ? 0 : 3488)))).toBe(3488);
  });

  test('a warm cache or a cold one is no shared prefix', () => {
    expect(sharedPrefixTokens(firsts((index) => Math.floor((3999 + 17 * index) / 16) * 16))).toBe(0);
    expect(sharedPrefixTokens(firsts(() => 0))).toBe(0);
    expect(sharedPrefixTokens(firsts(() => 3488).slice(0, 5))).toBe(0);
  });
});
