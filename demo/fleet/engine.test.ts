import type { EngineObserver, EngineSettings, Sequence } from './engine';
import { Engine } from './engine';
import type { LatencyModel } from './latency-model';
import { mix32 } from './random';

/** Round numbers and no jitter: a step takes 10 ms + 1 ms per prefill token + 1 ms per decoding sequence. */
const MODEL: LatencyModel = {
  frontend_seconds: 0.005,
  frontend_seconds_per_token: 0,
  frontend_sigma: 0,
  host_seconds_per_step: 0.004,
  gpu_seconds_per_step: 0.006,
  seconds_per_prefill_token: 0.001,
  seconds_per_decoding_sequence: 0.001,
  step_sigma: 0,
  max_batched_tokens: 100,
};

function setup(overrides: Partial<EngineSettings> = {}) {
  const counts = { queried: 0, hits: 0, preempted: 0, finished: 0, computed: 0, generated: 0 };
  const observer: EngineObserver = {
    admitted(queried, hits) {
      counts.queried += queried;
      counts.hits += hits;
    },
    firstToken() {},
    laterToken() {},
    finished: () => counts.finished++,
    preempted: () => counts.preempted++,
    stepped(computed, generated) {
      counts.computed += computed;
      counts.generated += generated;
    },
  };
  const settings = { block_size: 4, blocks: 1000, max_num_seqs: 16, model: MODEL, ...overrides };
  const engine = new Engine(settings, observer, () => 0.5);
  const submit = (tokens: number, outputTokens: number, at: number, stream = tokens) => {
    const times: number[] = [];
    const sequence: Sequence = engine.submit(
      {
        prompt: Uint32Array.from({ length: tokens }, (_, i) => mix32(stream, i)),
        cacheSalt: null,
        outputTokens,
        outputToken: (k) => mix32(stream, 10_000 + k),
        onToken: (_k, time) => times.push(Math.round(time * 1000)),
      },
      at,
    );
    return { sequence, times };
  };
  return { engine, counts, submit };
}

describe('the engine', () => {
  it('takes a prompt from its frontend, computes it in one step, then one token a step', () => {
    const { engine, submit } = setup();
    const { times } = submit(40, 3, 0);
    expect(engine.advance(0)).toBe(0.005);
    expect(engine.advance(10)).toBeNull();
    // 5 frontend, 10 + 40 prefill, then 10 + 1 for each decode.
    expect(times).toEqual([55, 66, 77]);
  });

  it('computes prompts in order of arrival within the token budget, decodes first', () => {
    const { engine, submit } = setup();
    const first = submit(80, 2, 0);
    const second = submit(60, 1, 0.001);
    engine.advance(10);
    // Step 1 (5 ms): 80 of the first, as the second is not there yet. Step 2: 1 decode + 60.
    expect(first.times).toEqual([95, 166]);
    expect(second.times).toEqual([166]);
  });

  it('cuts a long prompt into chunks of the budget', () => {
    const { engine, submit } = setup();
    const { times } = submit(250, 1, 0);
    engine.advance(10);
    expect(times).toEqual([5 + 110 + 110 + 60]);
  });

  it('a request that arrives during a step waits for the next, and is not counted as waiting before', () => {
    const { engine, submit } = setup();
    submit(90, 5, 0);
    engine.advance(0.01);
    const late = submit(20, 1, 0.02);
    engine.advance(0.05);
    expect(engine.load).toEqual({ running: 1, waiting: 0 });
    expect(engine.inFlight).toBe(2);
    engine.advance(10);
    expect(late.times).toEqual([105 + 10 + 20 + 1]);
  });

  it('recomputes at least the last token of a prompt that is cached whole', () => {
    const { engine, counts, submit } = setup();
    submit(40, 1, 0);
    engine.advance(1);
    submit(40, 1, 1);
    engine.advance(2);
    expect(counts).toMatchObject({ queried: 80, hits: 36, computed: 44, generated: 2, finished: 2 });
  });

  it('runs at most max_num_seqs at once and lets the others wait', () => {
    const { engine, submit } = setup({ max_num_seqs: 2 });
    for (let i = 0; i < 5; i++) submit(8, 50, 0, 100 + i);
    engine.advance(0.1);
    expect(engine.load).toEqual({ running: 2, waiting: 3 });
  });

  it('preempts the youngest when blocks run out, and still gives every token once', () => {
    // 12 blocks of 4: two prompts of 20 fit with 2 blocks to spare; their answers need 5 each.
    const { engine, counts, submit } = setup({ blocks: 12 });
    const old = submit(20, 20, 0, 1);
    const young = submit(20, 20, 0, 2);
    engine.advance(100);
    expect(counts.preempted).toBe(1);
    expect([old.sequence.preemptions, young.sequence.preemptions]).toEqual([0, 1]);
    expect([old.times.length, young.times.length]).toEqual([20, 20]);
    expect([...young.times].sort((a, b) => a - b)).toEqual(young.times);
    expect(counts).toMatchObject({ queried: 40, generated: 40, finished: 2 });
    expect(engine.cache.usage).toBe(0);
  });

  it('lets an aborted request go at once, with its blocks', () => {
    const { engine, counts, submit } = setup();
    const gone = submit(40, 100, 0, 1);
    const stays = submit(40, 3, 0, 2);
    engine.advance(0.2);
    engine.abort(gone.sequence);
    const heard = gone.times.length;
    engine.advance(10);
    expect(gone.times).toHaveLength(heard);
    expect(stays.times).toHaveLength(3);
    expect(counts.finished).toBe(1);
    expect(engine.cache.usage).toBe(0);
    expect(engine.inFlight).toBe(0);
  });

  it('is as busy as its steps: the GPU share leaves out the work of the host', () => {
    const { engine, submit } = setup();
    submit(490, 1, 0);
    engine.advance(10);
    // 5 steps: 4 of 110 ms and one of 100 ms between 5 and 545 ms, 4 ms of each without the GPU.
    const { any, gpu } = engine.activity(1);
    expect(any).toBeCloseTo(0.54, 6);
    expect(gpu).toBeCloseTo(0.54 - 5 * 0.004, 6);
    expect(engine.activity(2)).toEqual({ gpu: 0, any: 0 });
  });
});
