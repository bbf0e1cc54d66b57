import {
  failure,
  input,
  record,
  recordedTarget,
  records,
  replicas,
  START,
  type Side,
} from '../../../test/stats/workload';
import type { CaveatReason } from '../model/caveat';
import type { ReplicaSummary } from '../model/comparison';
import type { TimedRecord } from '../model/record';
import { createRandom } from '../stats/random';
import { compareNow } from './comparison';
import type { ComparisonInput } from './input';

const quick = { min_effect: 0.05, resamples: 20, seed: 1 };

function caveats(baseline: Side = {}, candidate: Side = {}, changes: Partial<ComparisonInput> = {}) {
  return compareNow(input(baseline, candidate, { options: quick, ...changes })).comparisons[0]!.caveats;
}

const textOf = (found: ReturnType<typeof caveats>, reason: CaveatReason) =>
  found.filter((one) => one.reason === reason).map(({ text }) => text);

const reasons = (found: ReturnType<typeof caveats>) => [...new Set(found.map(({ reason }) => reason))];

/** Changes those records that a test picks. */
const changed = (list: TimedRecord[], which: (one: TimedRecord) => boolean, change: Partial<TimedRecord>) =>
  list.map((one) => (which(one) ? { ...one, ...change } : one));

const spread = (cv: number, max_to_mean = 2) => ({ cv, max_to_mean });

test('two alike targets have no caveat at all', () => {
  expect(caveats()).toEqual([]);
});

test('a large gain has no caveat either', () => {
  expect(caveats({}, { records: records('llm-d', { later_ms: 40 }) })).toEqual([]);
});

describe('servers', () => {
  test.each<[CaveatReason, Side['observation'], string]>([
    [
      'model_differs',
      { model: 'meta/Llama' },
      'The targets serve different models: vllm Qwen/Qwen3-0.6B, llm-d meta/Llama',
    ],
    [
      'engine_version_differs',
      { engine: { name: 'vllm', version: '0.20.2' } },
      'The engines are of different versions: vllm vllm 0.32.0, llm-d vllm 0.20.2',
    ],
    [
      'replica_count_differs',
      { replica_count: 1, block_size: 16 },
      'The targets differ in size: vllm has 4 replicas, llm-d has 1 replica',
    ],
    [
      'kv_capacity_differs',
      { kv_capacity_tokens: 100_000 },
      'The KV caches of a replica differ in size: vllm 174 384 tokens, llm-d 100 000 tokens',
    ],
    ['gpu_model_differs', { gpu_model: 'NVIDIA H200' }, 'The GPUs differ: vllm NVIDIA L4, llm-d NVIDIA H200'],
    ['target_down', { up: false }, 'llm-d does not answer'],
    [
      'hit_rate_unreliable',
      { queries_per_prompt_token: 4.6 },
      'llm-d counts 4.60 cache queries per prompt token: waiting or aborted requests are counted again, so its measured hit rate is unreliable',
    ],
  ])('%s is said with both values', (reason, observation, text) => {
    const found = caveats({}, { observation: observation! });
    expect(found).toEqual([{ reason, target: found[0]!.target, text }]);
  });

  test('what one side does not tell is no difference', () => {
    const untold: Side = {
      observation: {
        model: null,
        engine: { name: null, version: null },
        gpu_model: null,
        kv_capacity_tokens: null,
        replica_count: null,
        queries_per_prompt_token: null,
      },
    };
    expect(caveats({}, untold)).toEqual([]);
  });

  test('two names of one model do not block when the user says so', () => {
    const other: Side = { observation: { model: 'qwen-vllm' } };
    expect(caveats(other, {}, { options: { ...quick, same_model: true } })).toEqual([]);
  });

  test('a KV capacity within 2 % and queries within 2 % are silent', () => {
    const near: Side = { observation: { kv_capacity_tokens: 172_000, queries_per_prompt_token: 1.02 } };
    expect(caveats({}, near)).toEqual([]);
  });

  test('hit_rate_unreliable: prompts that are still under way are no recount', () => {
    const counted = (prompt_tokens: number): Side => ({
      observation: { queries_per_prompt_token: 1.05, prompt_tokens },
    });
    expect(caveats({}, counted(500_000))).toEqual([]);
    expect(caveats({}, counted(50_000_000)).map(({ reason }) => reason)).toEqual(['hit_rate_unreliable']);
  });

  test('windows_apart: only where the windows do not overlap', () => {
    const shifted = (by: number) => records('llm-d').map((one) => ({ ...one, sent_at: one.sent_at + by }));
    expect(caveats({}, { records: shifted(100) })).toEqual([]);
    expect(textOf(caveats({}, { records: shifted(3600) }), 'windows_apart')).toEqual([
      'The targets were measured at different times: vllm 2026-11-21 13:20:00Z to 2026-11-21 13:22:57Z, llm-d 2026-11-21 14:20:00Z to 2026-11-21 14:22:57Z',
    ]);
  });
});

describe('requests', () => {
  test('requests_missing: a hole in conversations that went on', () => {
    const holes = records('llm-d').filter((one) => one.turn !== 5);
    const found = caveats({}, { records: holes });
    expect(found).toEqual([
      { reason: 'requests_missing', target: 'llm-d', text: 'llm-d lacks 48 of 480 requests (10.0 %)' },
    ]);
  });

  test('requests_missing: whole conversations that one side went past', () => {
    const gaps = records('llm-d').filter((one) => !['c010', 'c020', 'c030'].includes(one.conversation));
    expect(textOf(caveats({}, { records: gaps }), 'requests_missing')).toEqual([
      'llm-d lacks 30 of 480 requests (6.3 %)',
    ]);
  });

  test('requests_missing: what an imported result says about itself', () => {
    expect(textOf(caveats({}, { requests_missing: 20 }), 'requests_missing')).toEqual([
      'llm-d lacks 20 of 500 requests (4.0 %)',
    ]);
  });

  test('requests_missing is silent where a window cuts, where one side is further on, and after a recorded failure', () => {
    const late = records('llm-d').filter((one) => one.sent_at > START + 30);
    const behind = records('llm-d').filter((one) => one.sent_at < START + 140);
    expect(textOf(caveats({}, { records: late }), 'requests_missing')).toEqual([]);
    expect(textOf(caveats({}, { records: behind }), 'requests_missing')).toEqual([]);
    // The candidate falls behind more and more; some conversations last far longer than others; one window cuts both.
    const lagging = (target: string, lag: number): TimedRecord[] =>
      Array.from({ length: 60 }, (_, k) => k).flatMap((k) =>
        [1, 2, 3].map((turn) => {
          const pause = k % 5 === 0 ? 100 : 10;
          return record(target, `c${String(k).padStart(3, '0')}`, turn, {
            sent_at: START + 10 * k * (1 + lag) + pause * (turn - 1),
          });
        }),
      );
    const inWindow = (list: TimedRecord[]) =>
      list.filter(({ sent_at }) => sent_at >= START + 400 && sent_at < START + 620);
    const cut = caveats(
      { records: inWindow(lagging('vllm', 0)) },
      { records: inWindow(lagging('llm-d', 0.25)) },
    );
    expect(textOf(cut, 'requests_missing')).toEqual([]);
    const broken = records('llm-d')
      .filter((one) => one.conversation !== 'c007' || one.turn <= 3)
      .map((one) =>
        one.conversation === 'c007' && one.turn === 3 ? { ...one, ...failure('stream_cut') } : one,
      );
    expect(reasons(caveats({}, { records: broken }))).toEqual(['errors']);
  });

  test('prompts_differ: first prompts of another length', () => {
    const other = changed(records('llm-d'), (one) => one.turn === 1 && one.conversation < 'c012', {
      prompt_tokens: 5000,
    });
    expect(textOf(caveats({}, { records: other }), 'prompts_differ')).toEqual([
      '12 of 48 common first prompts differ in length by more than 2 %',
    ]);
  });

  test('prompts_differ: histories that drift apart; a few tokens of another tokenisation are let pass', () => {
    const longer = (by: number) =>
      records('llm-d').map((one) => ({
        ...one,
        prompt_tokens: one.prompt_tokens! + (one.turn === 1 ? 0 : by),
      }));
    expect(caveats({}, { records: longer(20) })).toEqual([]);
    expect(textOf(caveats({}, { records: longer(400) }), 'prompts_differ')[0]).toMatch(
      /^The prompts of the common requests differ: vllm 2 244 000 tokens, llm-d 2 416 800 tokens \(7\.1 %\)$/,
    );
  });

  test('output_tokens_differ: beyond 2 %, paired and unpaired', () => {
    const answers = (tokens: number, prefix = '') =>
      records('llm-d').map((one) => ({
        ...one,
        completion_tokens: tokens,
        conversation: prefix + one.conversation,
      }));
    expect(caveats({}, { records: answers(65) })).toEqual([]);
    expect(textOf(caveats({}, { records: answers(70) }), 'output_tokens_differ')).toEqual([
      'The answers to the common requests differ in length: vllm 30 720 tokens, llm-d 33 600 tokens (8.6 %)',
    ]);
    expect(textOf(caveats({}, { records: answers(70, 'x') }), 'output_tokens_differ')).toEqual([
      'The answers differ in length: vllm 64.0 tokens on average, llm-d 70.0 (8.6 %)',
    ]);
  });

  test('errors and shed_load are told apart, and counted', () => {
    const failing = records('llm-d').map((one, index) =>
      index < 3 ? { ...one, ...failure('timeout') } : index < 5 ? { ...one, ...failure('http_503') } : one,
    );
    const found = caveats({}, { records: failing });
    expect(found).toEqual([
      { reason: 'errors', target: 'llm-d', text: 'llm-d: 3 of 480 requests failed (3 timeout)' },
      {
        reason: 'shed_load',
        target: 'llm-d',
        text: 'llm-d refused 2 of 480 requests with 429 or 503 (0.4 %)',
      },
    ]);
  });

  test('error_rate_differs: beyond 2 points, with the claim that it forbids', () => {
    const failing = records('vllm').map((one, index) =>
      index % 20 === 9 ? { ...one, ...failure('http_5xx') } : one,
    );
    expect(textOf(caveats({ records: failing }), 'error_rate_differs')).toEqual([
      'The shares of failed requests differ by 5 points: vllm 5.0 % (24 of 480), llm-d 0.0 % (0 of 480); vllm is not called faster',
    ]);
  });

  test('few_conversations and unpaired', () => {
    const eleven = { conversations: 11 };
    const few = caveats({ records: records('vllm', eleven) }, { records: records('llm-d', eleven) });
    expect(textOf(few, 'few_conversations')).toEqual([
      'The intervals rest on 11 common conversations, fewer than 40: they are rough',
    ]);
    const other = records('llm-d').map((one) => ({ ...one, conversation: `x${one.conversation}` }));
    expect(reasons(caveats({}, { records: other }))).toEqual(['unpaired']);
  });

  test('a target that has not answered yet is not blamed for missing pairs', () => {
    expect(caveats({}, { records: [] })).toEqual([]);
  });
});

describe('caches', () => {
  /** What the caches would tell if each request went to one of four replicas at random. */
  const randomly = (name: string) => {
    const random = createRandom(11);
    const last = new Map<string, TimedRecord>();
    return records(name).map((one) => {
      const key = `${random.below(4)} ${one.conversation}`;
      const earlier = last.get(key);
      last.set(key, one);
      const known = earlier === undefined ? 0 : earlier.prompt_tokens! + earlier.completion_tokens! - 1;
      return { ...one, cached_tokens: Math.floor(known / 16) * 16 };
    });
  };

  test('routing_near_random speaks of the candidate only', () => {
    expect(caveats({ records: randomly('vllm') })).toEqual([]);
    const found = caveats({}, { records: randomly('llm-d') });
    expect(found).toMatchObject([{ reason: 'routing_near_random', target: 'llm-d' }]);
    expect(found[0]!.text).toMatch(
      /^llm-d hits 6\d\.\d %, about what random routing would \(6\d\.\d %; sticky 89\.\d %\): its router does not follow the prefixes$/,
    );
  });

  test('routing on a single replica cannot be told from random, and is not', () => {
    expect(caveats({ observation: { replica_count: 1 } }, { observation: { replica_count: 1 } })).toEqual([]);
  });

  test('warm_cache: first turns that hit', () => {
    const warm = changed(records('llm-d'), (one) => one.turn === 1, { cached_tokens: 3984 });
    const found = caveats({}, { records: warm });
    expect(found).toMatchObject([{ reason: 'warm_cache', target: 'llm-d' }]);
    expect(found[0]!.text).toMatch(/first turns found 100 % of their tokens cached: the cache was warm/);
  });

  test('a prefix that all conversations share is no warm cache', () => {
    const shared = changed(records('llm-d'), (one) => one.turn === 1, { cached_tokens: 3504 });
    expect(caveats({}, { records: shared })).toEqual([]);
  });

  test('cache_overflow: the recorded GPU run, in words', () => {
    const found = caveats(
      {
        records: recordedTarget('vllm-gpu-random', 'vllm'),
        observation: { preemptions: 0, kv_cache_usage_max: 0.21 },
      },
      { records: recordedTarget('vllm-gpu-random', 'llm-d') },
    );
    expect(textOf(found, 'cache_overflow')[0]).toBe(
      'vllm: the hit rate 34.0 % is far below the no-eviction expectation 61.2 % (by 27 points) because the caches overflow (174 384 KV tokens per replica, KV use up to 21 %, 0 preemptions)',
    );
  });

  test('the recorded runs without evictions have no cache caveat on the plain side', () => {
    const found = caveats(
      { records: recordedTarget('llm-d-plain', 'vllm') },
      { records: recordedTarget('llm-d-routed', 'llm-d') },
    );
    expect(reasons(found)).toEqual(['few_conversations']);
  });

  test('cache_overflow from the fleet alone leaves room for other traffic', () => {
    const untold = records('vllm').map((one) => ({ ...one, cached_tokens: null }));
    const found = caveats({
      records: untold,
      observation: { hit_rate: { value: 0.3, source: 'prompt_tokens_cached' } },
    });
    expect(textOf(found, 'cache_overflow')[0]).toContain(
      'the caches overflow, or other traffic repeats less',
    );
  });

  test('no_cache_hits: a server that never hits has caching off, not evictions', () => {
    const off = records('vllm').map((one) => ({ ...one, cached_tokens: 0 }));
    const found = caveats({ records: off });
    expect(found).toMatchObject([{ reason: 'no_cache_hits', target: 'vllm' }]);
  });
});

describe('balance', () => {
  const piled: ReplicaSummary[] = replicas([10, 10, 970, 10]);
  const hot = { balance: { gpu: null, running: null, tokens: spread(1.66, 3.9) }, replicas: piled };

  test('hot_prefix_collapse names the busiest replica and its share', () => {
    const found = caveats({}, { observation: hot });
    expect(found).toEqual([
      {
        reason: 'hot_prefix_collapse',
        target: 'llm-d',
        text: expect.stringMatching(
          /^llm-d sends 97 % of the tokens to one replica of 4 \(replica-2\): a high hit rate \(89\.6 %\) on an overloaded replica$/,
        ) as string,
      },
    ]);
  });

  test('a pile with a poor hit rate is an imbalance, not a collapse of a hot prefix', () => {
    const poor = { ...hot, hit_rate: { value: 0.5, source: 'scrape' } };
    const found = caveats(
      { observation: { hit_rate: { value: 0.9, source: 'scrape' } } },
      { observation: poor },
    );
    expect(textOf(found, 'imbalanced')).toEqual([
      'llm-d spreads its work unevenly: 97 % of the tokens to one replica of 4 (replica-2) (variation 1.66, vllm 0.10)',
    ]);
    expect(textOf(found, 'hot_prefix_collapse')).toEqual([]);
  });

  test('sticky routing of forty conversations over four replicas is silent', () => {
    const sticky = { balance: { gpu: spread(0.35), running: spread(0.4), tokens: spread(0.3) } };
    expect(caveats({}, { observation: sticky })).toEqual([]);
  });

  test('an imbalance that the other side shares is silent', () => {
    const both = { balance: { gpu: null, running: null, tokens: spread(0.6) } };
    expect(caveats({ observation: both }, { observation: both })).toEqual([]);
  });

  test('gauges are not believed against even token counters, nor on idle GPUs', () => {
    const noisy = { balance: { gpu: spread(1.2), running: spread(1.5), tokens: spread(0.1) } };
    expect(caveats({}, { observation: noisy })).toEqual([]);
    const idle = {
      balance: { gpu: spread(1.2), running: null, tokens: null },
      replicas: piled.map((one) => ({ ...one, gpu_utilization: 0.02 })),
    };
    expect(caveats({}, { observation: idle })).toEqual([]);
  });

  test('GPU activity alone tells, where replicas are not known by name', () => {
    const gpu = { balance: { gpu: spread(1.2, 3.1), running: null, tokens: null }, replicas: [] };
    expect(textOf(caveats({}, { observation: gpu }), 'hot_prefix_collapse')[0]).toContain(
      'llm-d sends 3.1 times the mean of the GPU activity to one replica',
    );
  });

  test('one replica has nothing to spread', () => {
    const one = { ...hot, replica_count: 1, replicas: replicas([100]) };
    expect(textOf(caveats({}, { observation: one }), 'hot_prefix_collapse')).toEqual([]);
  });
});

test('a record of an unknown conversation on one side only moves nothing', () => {
  const extra = [...records('llm-d'), record('llm-d', 'zzz', 1, { sent_at: START + 177 })];
  expect(caveats({}, { records: extra })).toEqual([]);
});
