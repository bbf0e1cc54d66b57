import type { Endpoint } from '../../exporter/src/http/endpoint';
import type { HttpSettings, ProbeConfig } from '../../exporter/src/model/config';
import { History } from '../../exporter/src/probe/chat-body';
import { TargetSession } from '../../exporter/src/probe/target-session';
import { openTestEndpoint, probeConfig } from '../support/probe-setup';
import {
  answer,
  delta,
  event,
  openStream,
  pause,
  refuse,
  startScriptedLlm,
  usage,
  type Reply,
  type ScriptedLlm,
} from '../support/scripted-llm';

const PROMPT = 'The gradual river explains the northern market of each bridge.';
const NEVER = new AbortController().signal;

let llm: ScriptedLlm;
let endpoint: Endpoint;
let dropped: string[][];

beforeEach(async () => {
  llm = await startScriptedLlm(answer());
  endpoint = openTestEndpoint();
  dropped = [];
});
afterEach(async () => {
  await endpoint.close();
  await llm.close();
});

function session(config: ProbeConfig = probeConfig(), url = llm.url): TargetSession {
  const made = new TargetSession(url, endpoint, config, {
    onFieldDropped: (field, text) => dropped.push([field, text]),
  });
  made.model = 'scripted';
  return made;
}

async function ask(reply: Reply, rest: Partial<ProbeConfig> = {}) {
  llm.reply = reply;
  const result = await session(probeConfig({}, rest)).ask(
    new History().with('user', PROMPT),
    'r/t/c/1',
    NEVER,
  );
  return result!;
}

describe('a normal answer', () => {
  it('is measured, and its text, usage and replica are read', async () => {
    const reply = await ask(
      answer({ words: ['a', 'b', 'c'], cached: 8, headers: { 'x-inference-pod': 'pod-1' } }),
    );
    expect(reply).toMatchObject({
      outcome: 'ok',
      error: null,
      status: 200,
      answer: 'abc',
      replica: 'pod-1',
      usage: { completion_tokens: 3, cached_tokens: 8 },
    });
    const { sent, headers, first_event, first_token, last_token, done, gaps_ms } = reply.timeline;
    const order = [reply.asked, sent!, headers!, first_event!, first_token!, last_token!, done!];
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(gaps_ms).toHaveLength(2);
  });

  it('is asked for with pinned length, temperature 0, usage, and our request id', async () => {
    await ask(answer());
    const { body, headers } = llm.requests[0]!;
    expect(body).toEqual({
      model: 'scripted',
      messages: [{ role: 'user', content: PROMPT }],
      max_tokens: 3,
      temperature: 0,
      ignore_eos: true,
      stream_options: { include_usage: true },
      stream: true,
    });
    expect(headers['x-request-id']).toBe('r/t/c/1');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(llm.requests[0]!.raw)));
  });

  it('may consist of reasoning alone, which then is the answer', async () => {
    const reply = await ask((response) => {
      openStream(response);
      response.write(delta({ role: 'assistant', content: '' }));
      response.write(delta({ reasoning: 'let me ' }));
      response.write(delta({ reasoning_content: 'think' }, 'length'));
      response.end(event('[DONE]'));
    });
    expect(reply).toMatchObject({ outcome: 'ok', answer: 'let me think' });
    expect(reply.timeline.first_token).not.toBeNull();
  });

  it('is complete at [DONE], whatever the connection does afterwards', async () => {
    const reply = await ask((response) => {
      openStream(response);
      response.write(delta({ content: 'x' }, 'length') + usage(4, 1) + event('[DONE]'));
    });
    expect(reply).toMatchObject({ outcome: 'ok', usage: { completion_tokens: 1 } });
  });
});

describe('a connection', () => {
  const turns = async (made: TargetSession) => {
    for (let turn = 1; turn <= 3; turn += 1) {
      await made.ask(new History().with('user', 'x'), 'id', NEVER);
      // An answer is complete at `[DONE]`, a little before its connection is free again.
      await pause(100);
    }
    return llm.requests.map(({ connection }) => connection);
  };

  it('is new for each request by default', async () => {
    expect(await turns(session())).toEqual([0, 1, 2]);
    expect(llm.requests[0]!.headers.connection).toBe('close');
  });

  it('is kept if that is wanted', async () => {
    const kept = openTestEndpoint({}, true);
    const made = new TargetSession(llm.url, kept, probeConfig(), { onFieldDropped() {} });
    expect(await turns(made)).toEqual([0, 0, 0]);
    await kept.close();
  });
});

describe('credentials', () => {
  it('are sent, and never shown when the server repeats them', async () => {
    await endpoint.close();
    const http: Partial<HttpSettings> = { bearer_token: 'sk-secret-1', headers: { 'X-Tenant': 'tenant-77' } };
    endpoint = openTestEndpoint(http);
    const reply = await ask(refuse(401, 'wrong key sk-secret-1 of tenant-77'));
    expect(llm.requests[0]!.headers).toMatchObject({
      authorization: 'Bearer sk-secret-1',
      'x-tenant': 'tenant-77',
    });
    expect(reply).toMatchObject({ outcome: 'http_4xx', error: 'HTTP 401: wrong key *** of ***' });
  });
});

describe('a field that the server refuses', () => {
  const strict =
    (...refusedNames: string[]): Reply =>
    (response, request) => {
      const name = refusedNames.find((field) => field in request.body);
      const reply =
        name === undefined ? answer() : refuse(400, `Unrecognized field: ${name}`, { param: name });
      return reply(response, request);
    };

  it('is left out from then on, which is reported once', async () => {
    llm.reply = strict('ignore_eos');
    const made = session();
    const first = await made.ask(new History().with('user', PROMPT), 'r/t/c/1', NEVER);
    const second = await made.ask(new History().with('user', PROMPT), 'r/t/c/2', NEVER);
    expect([first!.outcome, second!.outcome]).toEqual(['ok', 'ok']);
    expect(llm.requests.map(({ body }) => 'ignore_eos' in body)).toEqual([true, false, false]);
    expect(llm.requests.map(({ body }) => 'stream_options' in body)).toEqual([true, true, true]);
    expect(dropped).toEqual([['ignore_eos', 'Unrecognized field: ignore_eos']]);
    expect(first!.asked).toBeGreaterThanOrEqual(llm.requests[0]!.at);
  });

  it('may be followed by another', async () => {
    const reply = await ask(strict('stream_options', 'ignore_eos'));
    expect(reply).toMatchObject({ outcome: 'ok', usage: { prompt_tokens: null, completion_tokens: null } });
    expect(dropped.map(([field]) => field)).toEqual(['stream_options', 'ignore_eos']);
  });

  it('is not tried without if the request cannot do without it', async () => {
    const reply = await ask(strict('max_tokens'));
    expect(reply).toMatchObject({ outcome: 'http_4xx', error: 'HTTP 400: Unrecognized field: max_tokens' });
    expect(llm.requests).toHaveLength(1);
  });

  it('is tried again after the target came back', async () => {
    llm.reply = strict('ignore_eos');
    const made = session();
    await made.ask(new History(), 'id', NEVER);
    made.forget();
    await made.ask(new History(), 'id', NEVER);
    expect(llm.requests.map(({ body }) => 'ignore_eos' in body)).toEqual([true, false, true, false]);
  });
});

it('an absent cached count is unknown until the server has told one, and 0 from then on', async () => {
  const counts = [undefined, 5, undefined];
  llm.reply = (response, request) =>
    answer({ ...(counts[request.number] !== undefined && { cached: 5 }) })(response, request);
  const made = session();
  const seen = [];
  for (let turn = 0; turn < 3; turn += 1) {
    seen.push((await made.ask(new History().with('user', 'x'), 'id', NEVER))!.usage.cached_tokens);
  }
  expect(seen).toEqual([null, 5, 0]);
});
