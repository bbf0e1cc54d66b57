import fc from 'fast-check';
import { PRESETS } from './presets';
import { chatBody, History, refusedFields, requestFields } from './chat-body';
import type { ProbeConfig } from '../model/config';

const CONFIG = {
  workload: PRESETS.live,
  extra_body: { top_k: 1, stream: false, max_tokens: 9 },
} as unknown as ProbeConfig;

it('the body is what JSON.stringify would make of the whole request', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ unit: 'binary' })), (model, texts) => {
      const messages = texts.map((content) => ({ role: 'user' as const, content }));
      const history = messages.reduce((all, { role, content }) => all.with(role, content), new History());
      const body = chatBody(model, history, { a: 1, b: { c: null } });
      expect(JSON.parse(body.toString('utf8'))).toEqual({ model, messages, a: 1, b: { c: null } });
    }),
  );
});

it('half a surrogate pair is replaced, a whole one kept', () => {
  const history = new History().with('assistant', 'a\ud83d b\ud83d\ude00');
  expect(JSON.parse(`[${history.json}]`)).toEqual([{ role: 'assistant', content: 'a\ufffd b😀' }]);
});

it('a continued history leaves the old one as it was', () => {
  const first = new History().with('user', 'one');
  const json = first.json;
  first.with('assistant', 'two');
  expect(first.json).toBe(json);
});

it('extra fields change the request, except that it streams', () => {
  expect(requestFields(CONFIG)).toEqual({
    max_tokens: 9,
    temperature: 0,
    ignore_eos: true,
    stream_options: { include_usage: true },
    top_k: 1,
    stream: true,
  });
});

describe('a refusal', () => {
  const fields = requestFields(CONFIG);
  const error = (message: string, param: string | null = null) =>
    JSON.stringify({ error: { message, param } });

  it.each([
    ['names a field as param', 400, error('nope', 'stream_options.include_usage'), ['stream_options']],
    ['names a field in its text', 422, error('Extra inputs are not permitted: ignore_eos'), ['ignore_eos']],
    ['names two fields', 400, error("unknown fields 'ignore_eos', 'top_k'"), ['ignore_eos', 'top_k']],
    ['is plain text', 400, 'json: unknown field "ignore_eos"', ['ignore_eos']],
    ['is a list of FastAPI', 422, '{"detail":[{"loc":["body","ignore_eos"],"msg":"extra"}]}', ['ignore_eos']],
    ['is about something else', 400, error('the context is too long', 'messages'), []],
    ['is about what is needed', 400, error('max_tokens is too large', 'max_tokens'), []],
    ['has another status', 500, error('ignore_eos', 'ignore_eos'), []],
    ['only contains the name in a longer one', 400, error('not_ignore_eos_at_all'), []],
  ])('that %s leads to dropping what it is about', (_, status, body, dropped) => {
    expect(refusedFields(status, body, fields)).toEqual(dropped);
  });
});
