import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { RunningFleet } from '../../demo/fleet/main';
import { runFleet } from '../../demo/fleet/main';
import { fixture, get, total } from './pages';
import { chat } from './player';

let fleet: RunningFleet;
let url: string;

beforeAll(async () => {
  fleet = await runFleet({
    scenario: 'multi-turn',
    replicas: 1,
    host: '127.0.0.1',
    base_port: 0,
    seed: 3,
    speed: 20,
  });
  url = `${fleet.baseline.replicas[0]!.url}/v1`;
});
afterAll(() => fleet.stop());

const MESSAGES = [{ role: 'user', content: 'What is a lamp? '.repeat(60) }];

/** Keys of a JSON value, deeply, with the types of the leaves: its shape. */
function jsonShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonShape);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonShape(inner)]));
}

function eventShapes(stream: string): unknown[] {
  return stream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : jsonShape(JSON.parse(data))));
}

async function postRaw(body: string, path = '/chat/completions') {
  const answer = await request(`${url}${path}`, { method: 'POST', body });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    json: JSON.parse(await answer.body.text()) as unknown,
  };
}

describe('chat completions of a simulated replica', () => {
  it('streams the events of a vLLM 0.32, key by key: role, deltas, finish, usage, [DONE]', async () => {
    const recorded = eventShapes(fixture('vllm-0.32-stream.txt'));
    const answer = await chat(url, MESSAGES, recorded.length - 3);
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(eventShapes(answer.body)).toEqual(recorded);
    expect(answer.completionTokens).toBe(recorded.length - 3);
  });

  it('answers a request that does not stream with the keys of a vLLM 0.32', async () => {
    const body = { model: 'Qwen/Qwen3-0.6B', messages: MESSAGES, max_tokens: 5, ignore_eos: true };
    const answer = await postRaw(JSON.stringify(body));
    expect(answer.status).toBe(200);
    expect(jsonShape(answer.json)).toEqual(jsonShape(JSON.parse(fixture('vllm-0.32-answer.json'))));
  });

  it('says cached_tokens 0 for a cold prompt and all but the last block for a warm one', async () => {
    const messages = [{ role: 'user', content: 'A cold prompt about an island. '.repeat(50) }];
    const cold = await chat(url, messages, 3);
    const warm = await chat(url, messages, 3);
    expect(cold.body).toContain('"prompt_tokens_details":{"cached_tokens":0,"created_cache_tokens":0}');
    expect(warm.cachedTokens).toBe(16 * Math.floor((warm.promptTokens - 1) / 16));
    const salted = await chat(url, messages, 3, { cache_salt: 'other' });
    expect(salted.cachedTokens).toBe(0);
  });

  it('keeps its own answer in the cache: the follow-up recomputes only what is new', async () => {
    const messages = [{ role: 'user', content: 'Tell a story about a valley. '.repeat(50) }];
    const first = await chat(url, messages, 64);
    const question = { role: 'user', content: 'And then?' };
    const second = await chat(url, [...messages, { role: 'assistant', content: first.text }, question], 8);
    // The last token of an answer is never computed, and only full blocks are kept.
    expect(second.cachedTokens).toBe(16 * Math.floor((first.promptTokens + 63) / 16));
  });

  it('sends usage only when asked', async () => {
    const answer = await chat(url, MESSAGES, 3, { stream_options: undefined });
    expect(answer.body).not.toContain('usage');
    expect(answer.done).toBe(true);
  });

  it('may stop by itself without ignore_eos', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map((i) =>
        chat(url, [{ role: 'user', content: `question ${i}` }], 4000, { ignore_eos: false }),
      ),
    );
    expect(answers.every(({ completionTokens }) => completionTokens < 4000)).toBe(true);
    expect(answers.every(({ body }) => body.includes('"finish_reason":"stop"'))).toBe(true);
  });

  it.each([
    ['no JSON', '{nonsense', 400, 'BadRequestError', null],
    ['no messages', JSON.stringify({ model: 'Qwen/Qwen3-0.6B' }), 400, 'BadRequestError', 'messages'],
    [
      'content that is no text',
      JSON.stringify({ messages: [{ role: 'user', content: 7 }] }),
      400,
      'BadRequestError',
      'messages',
    ],
    [
      'an unknown model',
      JSON.stringify({ model: 'nope', messages: MESSAGES }),
      404,
      'NotFoundError',
      'model',
    ],
    [
      'no output tokens',
      JSON.stringify({ messages: MESSAGES, max_tokens: 0 }),
      400,
      'BadRequestError',
      'max_tokens',
    ],
    [
      'more than the context holds',
      JSON.stringify({ messages: MESSAGES, max_tokens: 40_000 }),
      400,
      'BadRequestError',
      'input_tokens',
    ],
    [
      'stream options without a stream',
      JSON.stringify({ messages: MESSAGES, stream_options: {} }),
      400,
      'BadRequestError',
      'stream_options',
    ],
  ])('refuses %s', async (_case, body, status, type, param) => {
    const answer = await postRaw(body);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({
      error: { message: expect.any(String) as string, type, param, code: status },
    });
  });

  it('says how long the prompt was when the context does not hold it', async () => {
    const { json } = await postRaw(JSON.stringify({ messages: MESSAGES, max_tokens: 40_000 }));
    expect((json as { error: { message: string } }).error.message).toMatch(
      /^This model's maximum context length is 32768 tokens\. However, you requested 40000 output tokens and your prompt contains \d+ input tokens/,
    );
  });

  it('counts an aborted request as vLLM does: its lookup and its tokens so far, no success', async () => {
    const metrics = async () => (await get(url.replace('/v1', '/metrics'))).text;
    const before = await metrics();
    const controller = new AbortController();
    const answer = await request(`${url}/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      body: JSON.stringify({ messages: MESSAGES, max_tokens: 5000, stream: true, ignore_eos: true }),
    });
    answer.body.on('error', () => undefined);
    await answer.body.once('data', () => controller.abort());
    // Pages tell the state after the engine's latest step: the first may be of before the request, and one and the same page
    // must show that it came and that it is gone.
    const settled = (page: string) =>
      total(page, 'vllm:prefix_cache_queries_total') > total(before, 'vllm:prefix_cache_queries_total') &&
      total(page, 'vllm:num_requests_running') === 0 &&
      total(page, 'vllm:kv_cache_usage_perc') === 0;
    let after = await metrics();
    for (let i = 0; i < 200 && !settled(after); i++) {
      await sleep(20);
      after = await metrics();
    }
    const delta = (name: string) => total(after, name) - total(before, name);
    expect(delta('vllm:prefix_cache_queries_total')).toBeGreaterThan(0);
    expect(delta('vllm:prompt_tokens_total')).toBe(delta('vllm:prefix_cache_queries_total'));
    expect(delta('vllm:generation_tokens_total')).toBeGreaterThan(0);
    expect(delta('vllm:request_success_total')).toBe(0);
    expect(total(after, 'vllm:kv_cache_usage_perc')).toBe(0);
    expect(delta('http_requests_total')).toBe(1);
  });

  it('tells its model, version and health', async () => {
    const models = JSON.parse((await get(`${url}/models`)).text) as {
      data: { id: string; max_model_len: number }[];
    };
    expect(models.data.map(({ id, max_model_len }) => [id, max_model_len])).toEqual([
      ['Qwen/Qwen3-0.6B', 32_768],
    ]);
    expect((await get(url.replace('/v1', '/version'))).text).toBe('{"version":"0.32.0"}');
    expect(await get(url.replace('/v1', '/health'))).toMatchObject({ status: 200, text: '' });
  });
});
