import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { parseFault } from '../../demo/fleet/control';
import type { RunningFleet } from '../../demo/fleet/main';
import { runFleet } from '../../demo/fleet/main';
import { get, post, total } from './pages';
import { chat } from './player';

let fleet: RunningFleet;

beforeEach(async () => {
  fleet = await runFleet({
    scenario: 'multi-turn',
    replicas: 2,
    host: '127.0.0.1',
    base_port: 0,
    seed: 2,
    speed: 20,
  });
});
afterEach(() => fleet.stop());

const MESSAGES = [{ role: 'user', content: 'Tell me about bridges and harbours. '.repeat(40) }];

function ask(url: string, tokens = 8) {
  return chat(url, MESSAGES, tokens);
}

function direct(replica: number): string {
  return `${fleet.baseline.replicas[replica]!.url}/v1`;
}

async function fault(command: Record<string, unknown>): Promise<void> {
  const answer = await post(`${fleet.control_url}/fault`, command);
  expect(answer.status).toBe(200);
}

/** Asks until the condition holds; fails after 10 s. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
    if (await condition()) return;
  }
  throw new Error('the condition did not come true within 10 s');
}

describe('faults of a replica', () => {
  it('kill: its port refuses, the plain router passes Envoy’s 503 on until the replica is taken off, then all is well', async () => {
    await fault({ fleet: 'baseline', replica: 'vllm-0', fault: 'kill' });
    expect((await ask(direct(0))).error).toBe('ECONNREFUSED');
    const replies = await Promise.all([ask(fleet.baseline.url), ask(fleet.baseline.url)]);
    const failed = replies.find(({ status }) => status === 503);
    expect(failed?.body).toBe(
      'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure',
    );
    await until(async () => {
      const two = [await ask(fleet.baseline.url), await ask(fleet.baseline.url)];
      return two.every(({ status }) => status === 200);
    });
  });

  it('kill: streams under way are cut without an end', async () => {
    const stream = ask(direct(0), 4000);
    await until(
      async () => total((await get(`${direct(0)}/../metrics`)).text, 'vllm:num_requests_running') === 1,
    );
    await fault({ fleet: 'baseline', replica: 0, fault: 'kill' });
    const answer = await stream;
    expect(answer.status).toBe(200);
    expect(answer.done).toBe(false);
    expect(answer.error).not.toBeNull();
  });

  it('kill of all: the prefix-aware router answers 503 rejected-no-endpoints itself once it knows', async () => {
    expect((await ask(fleet.candidate.url)).headers['x-went-into-resp-headers']).toBe('true');
    await fault({ fleet: 'candidate', replica: 'all', fault: 'kill' });
    const early = await ask(fleet.candidate.url);
    expect([early.status, early.headers['x-went-into-resp-headers']]).toEqual([503, 'true']);
    await until(async () => {
      const answer = await ask(fleet.candidate.url);
      return answer.headers['x-llm-d-request-dropped-reason'] === 'rejected-no-endpoints';
    });
    const late = await ask(fleet.candidate.url);
    expect(late.status).toBe(503);
    expect(late.headers['x-went-into-resp-headers']).toBeUndefined();
    const models = await get(`${fleet.candidate.url}/models`);
    expect([models.status, models.text]).toEqual([
      500,
      'inference error: Internal - no pods available in datastore',
    ]);
    await until(
      async () =>
        total((await get(fleet.candidate.router_metrics_url)).text, 'llm_d_epp_ready_endpoints') === 0,
    );
    await fault({ fleet: 'candidate', replica: 'all', fault: 'clear' });
    await until(async () => (await ask(fleet.candidate.url)).status === 200);
  });

  it('restart: back on the same port with an empty cache, zero counters and a new start time', async () => {
    expect((await ask(direct(0))).cachedTokens).toBe(0);
    expect((await ask(direct(0))).cachedTokens).toBeGreaterThan(0);
    const before = (await get(`${direct(0)}/../metrics`)).text;
    expect(total(before, 'vllm:prompt_tokens_total')).toBeGreaterThan(0);
    await fault({ fleet: 'baseline', replica: 0, fault: 'restart', seconds: 0.2 });
    expect((await ask(direct(0))).error).toBe('ECONNREFUSED');
    await until(async () => (await ask(direct(0))).status === 200);
    expect((await ask(direct(0))).cachedTokens).toBeGreaterThan(0);
    const after = (await get(`${direct(0)}/../metrics`)).text;
    expect(total(after, 'vllm:prompt_tokens_total')).toBeLessThanOrEqual(
      total(before, 'vllm:prompt_tokens_total'),
    );
    expect(total(after, 'process_start_time_seconds')).toBeGreaterThan(
      total(before, 'process_start_time_seconds'),
    );
  });

  it('hang: nothing is answered, streams stand still, and all goes on afterwards', async () => {
    const stream = ask(direct(0), 2000);
    await until(
      async () => total((await get(`${direct(0)}/../metrics`)).text, 'vllm:num_requests_running') === 1,
    );
    await fault({ fleet: 'baseline', replica: 0, fault: 'hang', seconds: 0.5 });
    const metrics = get(`${direct(0)}/../metrics`);
    const first = await Promise.race([metrics.then(() => 'answered'), sleep(200).then(() => 'silent')]);
    expect(first).toBe('silent');
    expect((await metrics).status).toBe(200);
    const answer = await stream;
    expect([answer.done, answer.completionTokens]).toEqual([true, 2000]);
  });

  it.each([429, 500, 503] as const)(
    '%i: chat is refused with that status and a JSON error, metrics go on',
    async (status) => {
      await fault({ fleet: 'baseline', replica: 1, fault: String(status) });
      const answer = await ask(direct(1));
      expect(answer.status).toBe(status);
      expect((JSON.parse(answer.body) as { error: { code: number } }).error.code).toBe(status);
      const page = await get(`${direct(1)}/../metrics`);
      expect(total(page.text, 'http_requests_total', `status="${String(status)[0]}xx"`)).toBe(1);
      await fault({ fleet: 'baseline', replica: 1, fault: 'clear' });
      expect((await ask(direct(1))).status).toBe(200);
    },
  );

  it('cut: a stream ends after some tokens, also through a router', async () => {
    await fault({ fleet: 'all', replica: 'all', fault: 'cut', factor: 3 });
    for (const url of [direct(0), fleet.baseline.url, fleet.candidate.url]) {
      const answer = await ask(url);
      expect(answer.text.split(' ')).toHaveLength(3);
      expect([answer.status, answer.done]).toEqual([200, false]);
      expect(answer.error).not.toBeNull();
    }
  });

  it('slow: takes the factor longer', async () => {
    const usual = await ask(direct(0), 100);
    await fault({ fleet: 'baseline', replica: 0, fault: 'slow', factor: 20 });
    const slowed = await ask(direct(0), 100);
    expect(slowed.done).toBe(true);
    expect(slowed.seconds).toBeGreaterThan(Math.max(0.6, usual.seconds * 1.5));
  });

  it('lose-cache: the next request misses what hit before', async () => {
    await ask(direct(0));
    expect((await ask(direct(0))).cachedTokens).toBeGreaterThan(0);
    await fault({ fleet: 'baseline', replica: 0, fault: 'lose-cache' });
    expect((await ask(direct(0))).cachedTokens).toBe(0);
  });

  it('garbage-metrics: the page is no exposition, chat goes on', async () => {
    await fault({ fleet: 'baseline', replica: 0, fault: 'garbage-metrics' });
    const page = await get(`${direct(0)}/../metrics`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('<html>');
    expect(page.text).not.toContain('process_start_time_seconds');
    expect((await ask(direct(0))).status).toBe(200);
  });
});

describe('faults of a router', () => {
  it('kill and clear: refuses, then answers on the same port', async () => {
    await fault({ fleet: 'candidate', replica: 'router', fault: 'kill' });
    expect((await ask(fleet.candidate.url)).error).toBe('ECONNREFUSED');
    expect((await ask(fleet.baseline.url)).status).toBe(200);
    await fault({ fleet: 'candidate', replica: 'router', fault: 'clear' });
    expect((await ask(fleet.candidate.url)).status).toBe(200);
  });

  it('503 and hang', async () => {
    await fault({ fleet: 'baseline', replica: 'router', fault: '503' });
    const refused = await ask(fleet.baseline.url);
    expect([refused.status, refused.body]).toEqual([503, 'no healthy upstream']);
    await fault({ fleet: 'baseline', replica: 'router', fault: 'clear' });
    await fault({ fleet: 'baseline', replica: 'router', fault: 'hang', seconds: 0.3 });
    const answer = await ask(fleet.baseline.url);
    expect(answer.status).toBe(200);
    expect(answer.seconds).toBeGreaterThan(0.25);
  });
});

describe('the control port', () => {
  it('tells the state of every replica and router', async () => {
    await fault({ fleet: 'baseline', replica: 1, fault: 'slow' });
    const state = JSON.parse((await get(`${fleet.control_url}/state`)).text) as Record<
      string,
      {
        router: { up: boolean };
        replicas: { name: string; up: boolean; faults: string[]; kvUsage: number }[];
      }
    >;
    expect(state['baseline']?.replicas.map(({ name, faults }) => [name, faults])).toEqual([
      ['vllm-0', []],
      ['vllm-1', ['slow']],
    ]);
    expect(state['candidate']?.replicas.map(({ up }) => up)).toEqual([true, true]);
    expect(state['candidate']?.router.up).toBe(true);
  });

  it.each([
    ['{', 'the body is not JSON'],
    [
      '[]',
      'fault must be one of kill, hang, 503, 429, 500, cut, slow, lose-cache, garbage-metrics, restart, clear',
    ],
    ['{"fleet":"green","fault":"kill"}', 'fleet must be baseline, candidate or all'],
    ['{"fault":"slow","factor":-1}', 'factor must be a number above 0'],
    ['{"fault":"hang","seconds":"5"}', 'seconds must be between 0 and 86400'],
    ['{"fault":"kill","replica":{}}', 'replica must be a name, a number, all or router'],
  ])('refuses %s in words', (text, sentence) => {
    expect(parseFault(text)).toBe(sentence);
  });

  it('answers 400 for what does not exist', async () => {
    const strange = await post(`${fleet.control_url}/fault`, {
      fleet: 'baseline',
      replica: 9,
      fault: 'kill',
    });
    expect(strange).toEqual({ status: 400, json: { error: 'no replica 9 in fleet baseline' } });
    const router = await post(`${fleet.control_url}/fault`, {
      fleet: 'all',
      replica: 'router',
      fault: 'slow',
    });
    expect(router).toEqual({ status: 400, json: { error: 'a router cannot have the fault slow' } });
    expect((await request(`${fleet.control_url}/else`)).statusCode).toBe(404);
  });
});
