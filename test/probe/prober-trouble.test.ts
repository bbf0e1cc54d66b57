import { Prober } from '../../exporter/src/probe/prober';
import { freePort, ProbeBench, ProbeLog, until } from '../support/probe-bench';
import { answer, delta, openStream, pause, refuse, type Reply } from '../support/scripted-llm';

let bench: ProbeBench;
beforeEach(() => (bench = new ProbeBench()));
afterEach(() => bench.close());

describe('failing turns', () => {
  const fail = (turns: number[], reply: Reply): Reply => {
    const turnOf = (id: string) => Number(id.split('/').at(-1));
    return (response, request) =>
      turns.includes(turnOf(String(request.headers['x-request-id'])))
        ? reply(response, request)
        : answer()(response, request);
  };
  const play = async (reply: Reply, turns = 5) => {
    const llm = await bench.serve(reply);
    const { prober, log } = bench.probe(
      { a: llm.url },
      { conversations: 1, turns, concurrency: 1 },
      { conversations: 1 },
    );
    await prober.done;
    return { llm, log, outcomes: log.records.map(({ outcome }) => outcome) };
  };

  it('are recorded, and the conversation goes on without that exchange', async () => {
    const { llm, outcomes } = await play(fail([3], refuse(429, 'full')));
    expect(outcomes).toEqual(['ok', 'ok', 'http_429', 'ok', 'ok']);
    expect(llm.requests.map(({ body }) => body.messages.length)).toEqual([1, 3, 5, 5, 7]);
  });

  it('end the conversation when there are two in a row', async () => {
    const { outcomes, log } = await play(fail([2, 3], refuse(429, 'full')));
    expect(outcomes).toEqual(['ok', 'http_429', 'http_429']);
    expect(log.progress.get('a')).toMatchObject({ finished: 0, cut_short: 1 });
  });

  it('end the conversation when the first turn fails', async () => {
    expect((await play(fail([1], refuse(500, 'oops')))).outcomes).toEqual(['http_5xx']);
  });

  it('end the conversation when the server refuses it', async () => {
    const { outcomes, log } = await play(fail([2], refuse(400, 'maximum context length is 4096')));
    expect(outcomes).toEqual(['ok', 'http_4xx']);
    expect(log.records[1]).toMatchObject({
      http_status: 400,
      error: 'HTTP 400: maximum context length is 4096',
      e2e_ms: null,
    });
  });
});

describe('an absent target', () => {
  it('is down, not a stream of errors, and is probed when it appears', async () => {
    const port = await freePort();
    const there = await bench.serve();
    const { prober, log } = bench.probe({ there: there.url, absent: `http://127.0.0.1:${port}/v1` });
    await until(() => log.of('there').length === 12);
    expect(log.of('absent')).toHaveLength(0);
    expect(log.targets.find(({ target }) => target === 'absent')).toMatchObject({
      up: false,
      reason: 'unreachable',
      text: expect.stringMatching(/^connection refused/) as string,
    });
    await bench.serve(answer(), port);
    await prober.done;
    expect(log.of('absent')).toHaveLength(12);
    expect(log.of('absent').every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(log.targets.at(-1)).toMatchObject({ target: 'absent', up: true, model: 'scripted' });
  });

  it('has its arrivals of an open loop skipped and counted', async () => {
    const port = await freePort();
    const { prober, log } = bench.probe(
      { a: `http://127.0.0.1:${port}/v1` },
      { rate: 1000 },
      { conversations: 7 },
    );
    await prober.done;
    expect(log.skipped).toEqual(Array(7).fill('a down'));
    expect(log.records).toHaveLength(0);
  });

  it('without a ready replica is down too', async () => {
    const llm = await bench.serve();
    llm.modelsStatus = 503;
    const { log } = bench.probe({ a: llm.url });
    await until(() => log.targets.length > 0);
    expect(log.targets[0]).toMatchObject({ up: false, reason: 'no_ready_replica' });
    expect(log.targets[0]!.text).toContain('503');
    llm.modelsStatus = 200;
    await until(() => log.records.length > 0);
    expect(llm.modelChecks).toBeLessThan(8);
  });

  it('that disappears in the middle is found down after a few errors, and goes on when it is back', async () => {
    const llm = await bench.serve(answer({ first_ms: 5 }));
    const { log } = bench.probe({ a: llm.url }, { concurrency: 4 }, {});
    await until(() => log.records.length >= 8);
    await llm.close();
    await until(() => log.targets.some(({ up }) => !up));
    const errors = () => log.records.filter(({ outcome }) => outcome !== 'ok').length;
    // Those under way at that moment still end.
    await pause(200);
    const atDown = errors();
    expect(atDown).toBeGreaterThan(0);
    await pause(300);
    expect(errors()).toBe(atDown);
    const before = log.records.length;
    await bench.serve(answer(), llm.port, 'next-model');
    await until(() => log.records.length > before);
    expect(log.targets.map(({ up, model }) => [up, model])).toEqual([
      [true, 'scripted'],
      [false, null],
      [true, 'next-model'],
    ]);
    expect(log.records.at(-1)!.outcome).toBe('ok');
  });

  it('is not thought absent because of single failures', async () => {
    const llm = await bench.serve((response, request) =>
      request.number % 3 === 1 ? refuse(503, 'busy')(response, request) : answer()(response, request),
    );
    const { prober, log } = bench.probe({ a: llm.url }, { turns: 3 }, { conversations: 12 });
    await prober.done;
    expect(log.targets).toHaveLength(1);
    expect(log.records.some(({ outcome }) => outcome === 'http_503')).toBe(true);
  });
});

describe('stopping', () => {
  it('lets requests under way finish, records them, and sends no more', async () => {
    const llm = await bench.serve(answer({ words: ['a', 'b', 'c'], gap_ms: 60, first_ms: 60 }));
    const { prober, log } = bench.probe({ a: llm.url }, { concurrency: 2 }, {});
    await until(() => llm.requests.length === 2);
    await prober.stop(20);
    await prober.done;
    expect(log.records.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    expect(llm.requests).toHaveLength(2);
  });

  it('drops what does not finish within the grace, unrecorded, and loses nothing that was measured', async () => {
    const llm = await bench.serve((response, request) => {
      if (request.body.messages.length === 1) return answer()(response, request);
      openStream(response);
      response.write(delta({ content: 'x' }));
      return undefined;
    });
    const { prober, log } = bench.probe({ a: llm.url }, { concurrency: 2 }, {});
    await until(() => llm.requests.length === 4);
    await prober.stop(0.05);
    expect(log.records.map(({ turn, outcome }) => [turn, outcome])).toEqual([
      [1, 'ok'],
      [1, 'ok'],
    ]);
  });

  it('ends pauses, waits and back-offs at once', async () => {
    const port = await freePort();
    const llm = await bench.serve();
    const { prober, log } = bench.probe(
      { thinking: llm.url, absent: `http://127.0.0.1:${port}/v1` },
      { think_time: { min_seconds: 500, max_seconds: 500 } },
      {},
    );
    await until(() => log.targets.length === 2);
    await prober.stop(1000);
    expect(log.records).toHaveLength(0);
  });

  it('may come before the start', async () => {
    const llm = await bench.serve();
    const prober = new Prober(bench.probe({ a: llm.url }, {}, { conversations: 0 }).plan, new ProbeLog());
    await prober.stop(1);
    await prober.done;
  });
});

it('a folder of documents that is missing is said before anything is sent', async () => {
  const llm = await bench.serve();
  const { prober } = bench.probe({ a: llm.url }, { documents_dir: '/nowhere/documents' });
  await expect(prober.done).rejects.toThrow('documents_dir /nowhere/documents: cannot be read (ENOENT)');
  expect(llm.requests).toHaveLength(0);
});
