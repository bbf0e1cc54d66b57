import { freePort, ProbeBench, until } from '../support/probe-bench';
import { answer, openStream, refuse, type Reply, type ScriptedLlm } from '../support/scripted-llm';

let bench: ProbeBench;
beforeEach(() => (bench = new ProbeBench()));
afterEach(() => bench.close());

describe('a run', () => {
  it('plays every conversation turn by turn on each target', async () => {
    const [a, b] = [await bench.serve(), await bench.serve()];
    const { prober, log } = bench.probe({ vllm: a.url, 'llm-d': b.url });
    await prober.done;
    for (const target of ['vllm', 'llm-d']) {
      const records = log.of(target);
      expect(records).toHaveLength(12);
      expect(records.every(({ outcome }) => outcome === 'ok')).toBe(true);
      const conversations = [...new Set(records.map(({ conversation }) => conversation))];
      expect(conversations).toHaveLength(4);
      for (const id of conversations) {
        expect(records.filter(({ conversation }) => conversation === id).map(({ turn }) => turn)).toEqual([
          1, 2, 3,
        ]);
      }
      expect(log.progress.get(target)).toMatchObject({
        planned: 4,
        due: 4,
        finished: 4,
        cut_short: 0,
        in_flight: 0,
        requests: 12,
      });
    }
    expect(log.targets.map(({ target, up, model }) => [target, up, model]).sort()).toEqual([
      ['llm-d', true, 'scripted'],
      ['vllm', true, 'scripted'],
    ]);
  });

  it('says byte for byte the same on both targets', async () => {
    const [a, b] = [await bench.serve(), await bench.serve()];
    await bench.probe({ a: a.url, b: b.url }, { shared_prefix_tokens: 50 }).prober.done;
    const texts = (llm: ScriptedLlm) => llm.requests.map(({ raw }) => raw).sort();
    expect(texts(a)).toHaveLength(12);
    expect(texts(b)).toEqual(texts(a));
  });

  it('continues each conversation with the true answers', async () => {
    const llm = await bench.serve((response, request) =>
      answer({ words: [`answer ${request.number}`] })(response, request),
    );
    await bench.probe({ a: llm.url }, { conversations: 1, concurrency: 1 }, { conversations: 1 }).prober.done;
    const [first, second, third] = llm.requests.map(({ body }) => body.messages);
    expect(first!.map(({ role }) => role)).toEqual(['user']);
    expect(second!.slice(0, 2)).toEqual([first![0], { role: 'assistant', content: 'answer 0' }]);
    expect(third!.slice(0, 3)).toEqual(second);
    expect(third!.slice(3).map(({ role }) => role)).toEqual(['assistant', 'user']);
  });

  it('names each request by run, target, conversation and turn, and rounds after the first', async () => {
    const llm = await bench.serve();
    const { prober, log } = bench.probe(
      { vllm: llm.url },
      { conversations: 1, turns: 2 },
      { conversations: 2 },
    );
    await prober.done;
    const id = log.records[0]!.conversation;
    const expected = [
      `run1/vllm/${id}/1`,
      `run1/vllm/${id}/2`,
      `run1/vllm/${id}.r1/1`,
      `run1/vllm/${id}.r1/2`,
    ];
    expect(log.records.map(({ request_id }) => request_id).sort()).toEqual(expected.sort());
    expect(llm.requests.map(({ headers }) => headers['x-request-id']).sort()).toEqual(expected.sort());
    expect(log.records.map(({ round }) => round).sort()).toEqual([0, 0, 1, 1]);
    const firsts = llm.requests.filter(({ body }) => body.messages.length === 1);
    expect(new Set(firsts.map(({ raw }) => raw)).size).toBe(2);
  });

  it('marks warm-up conversations and plays them beside the measured ones', async () => {
    const llm = await bench.serve();
    const { prober, log } = bench.probe({ a: llm.url }, { warmup: 2, turns: 1 }, { conversations: 4 });
    await prober.done;
    expect(log.records.filter(({ warmup }) => warmup === true)).toHaveLength(2);
    expect(new Set(log.records.map(({ conversation }) => conversation)).size).toBe(6);
  });

  it('keeps to the concurrency', async () => {
    let open = 0;
    let most = 0;
    const llm = await bench.serve(async (response, request) => {
      most = Math.max(most, (open += 1));
      await answer({ first_ms: 15 })(response, request);
      open -= 1;
    });
    await bench.probe({ a: llm.url }, { concurrency: 3 }, { conversations: 9 }).prober.done;
    expect(most).toBe(3);
  });

  it('does not make one target wait for another', async () => {
    const fast = await bench.serve();
    const stuck = await bench.serve((response) => openStream(response));
    const { log } = bench.probe({ fast: fast.url, stuck: stuck.url });
    await until(() => log.of('fast').length === 12);
    expect(log.of('stuck')).toHaveLength(0);
  });

  it('records the intended time beside the time of sending', async () => {
    const llm = await bench.serve();
    const { prober, log } = bench.probe(
      { a: llm.url },
      { think_time: { min_seconds: 0.05, max_seconds: 0.05 }, concurrency: 1 },
      { conversations: 1 },
    );
    await prober.done;
    for (const { intended_ms, sent_ms } of log.records) expect(sent_ms).toBeGreaterThanOrEqual(intended_ms);
    const [first, second] = log.records;
    expect(second!.intended_ms - (first!.sent_ms + first!.e2e_ms!)).toBeGreaterThanOrEqual(50);
  });

  it('gives every gap with its record', async () => {
    const llm = await bench.serve(answer({ words: ['a', 'b', 'c', 'd'] }));
    const { prober, log } = bench.probe({ a: llm.url }, {}, { conversations: 1 });
    await prober.done;
    expect(log.gaps.map((gaps) => gaps.length)).toEqual([3, 3, 3]);
    expect(log.records.every(({ itl_ms }) => itl_ms?.count === 3)).toBe(true);
  });
});

describe('limits', () => {
  it('a number of requests per target is not exceeded', async () => {
    const llm = await bench.serve();
    await bench.probe({ a: llm.url }, { concurrency: 1 }, { requests: 5 }).prober.done;
    expect(llm.requests).toHaveLength(5);
  });

  it('a time limit ends an endless run, with the last requests finished', async () => {
    const llm = await bench.serve(answer({ first_ms: 30 }));
    const { prober, log } = bench.probe({ a: llm.url }, { turns: 100 }, { seconds: 0.4 });
    await prober.done;
    expect(log.records.length).toBe(llm.requests.length);
    expect(log.records.every(({ outcome }) => outcome === 'ok')).toBe(true);
  });
});

describe('an open loop', () => {
  it('has the same Poisson arrivals on both targets, however slow they are', async () => {
    const [a, b] = [await bench.serve(answer({ first_ms: 1 })), await bench.serve(answer({ first_ms: 40 }))];
    const { prober, log } = bench.probe(
      { a: a.url, b: b.url },
      { rate: 40, turns: 1, concurrency: 20, conversations: 15 },
      { conversations: 15 },
    );
    await prober.done;
    const intended = (target: string) =>
      log
        .of(target)
        .map(({ conversation, intended_ms }) => [conversation, intended_ms] as const)
        .sort(([x], [y]) => (x < y ? -1 : 1));
    const [left, right] = [intended('a'), intended('b')];
    expect(left).toHaveLength(15);
    expect(right.map(([id]) => id)).toEqual(left.map(([id]) => id));
    const offsets = left.map(([, time], index) => right[index]![1] - time);
    for (const offset of offsets) expect(offset).toBeCloseTo(offsets[0]!, 6);
  });

  it('queues what exceeds the concurrency, then skips it as saturated', async () => {
    const llm = await bench.serve((response) => openStream(response));
    const { log } = bench.probe(
      { a: llm.url },
      { rate: 1000, turns: 1, concurrency: 2 },
      { conversations: 30 },
    );
    await until(() => log.progress.get('a')?.due === 30 && llm.requests.length >= 2);
    expect(log.progress.get('a')).toMatchObject({
      in_flight: 2,
      waiting: 4,
      skipped: { saturated: 24, down: 0 },
    });
    expect(log.skipped).toEqual(Array(24).fill('a saturated'));
    expect(llm.requests).toHaveLength(2);
  });

  it('sends what waited later, and keeps its intended time', async () => {
    const llm = await bench.serve(answer({ first_ms: 60 }));
    const { prober, log } = bench.probe(
      { a: llm.url },
      { rate: 1000, turns: 1, concurrency: 1 },
      { conversations: 3 },
    );
    await prober.done;
    const lags = log.records.map(({ sent_ms, intended_ms }) => sent_ms - intended_ms);
    expect(lags).toHaveLength(3);
    expect(lags[2]! - lags[0]!).toBeGreaterThan(90);
  });
});

it('a refused field is reported with its target', async () => {
  const llm = await bench.serve((response, request) =>
    'ignore_eos' in request.body
      ? refuse(400, 'unknown field ignore_eos')(response, request)
      : answer()(response, request),
  );
  const { prober, log } = bench.probe({ a: llm.url }, { concurrency: 1 }, { conversations: 2 });
  await prober.done;
  expect(log.fields).toEqual(['a ignore_eos']);
  expect(log.records.every(({ outcome }) => outcome === 'ok')).toBe(true);
});

describe('abba', () => {
  it('plays one target at a time, block by block, in the order A B B A', async () => {
    const order: string[] = [];
    const open = new Set<string>();
    let overlaps = 0;
    const noting =
      (name: string, other: string): Reply =>
      async (response, request) => {
        order.push(name);
        open.add(name);
        if (open.has(other)) overlaps += 1;
        await answer()(response, request);
        open.delete(name);
      };
    const [a, b] = [await bench.serve(noting('A', 'B')), await bench.serve(noting('B', 'A'))];
    const { prober, log } = bench.probe(
      { a: a.url, b: b.url },
      { concurrency: 1, turns: 1, conversations: 5 },
      { conversations: 5 },
      { interleave: 'abba' },
    );
    await prober.done;
    expect(order.join('')).toBe('AABBBBAAAB');
    expect(overlaps).toBe(0);
    const ids = (target: string) => log.of(target).map(({ conversation }) => conversation);
    expect(ids('a')).toEqual(ids('b'));
  });

  it('ends when every target has had its number of requests', async () => {
    const [a, b] = [await bench.serve(), await bench.serve()];
    await bench.probe({ a: a.url, b: b.url }, {}, { requests: 7 }, { interleave: 'abba' }).prober.done;
    expect([a.requests.length, b.requests.length]).toEqual([7, 7]);
  });

  it('goes on with the other target while one is down', async () => {
    const a = await bench.serve();
    const port = await freePort();
    const { prober, log } = bench.probe(
      { a: a.url, b: `http://127.0.0.1:${port}/v1` },
      { turns: 1 },
      { conversations: 8 },
      { interleave: 'abba' },
    );
    await prober.done;
    expect(log.of('a')).toHaveLength(8);
    expect(log.skipped).toEqual(Array(8).fill('b down'));
  });
});
