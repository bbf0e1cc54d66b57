import fc from 'fast-check';
import { delta, event, usage } from '../../../test/support/scripted-llm';
import { AnswerReader } from './answer-reader';

const LIMITS = { max_answer_bytes: 1e6, max_event_chars: 1e5 };

/** Reads chunks that arrive 10 ms apart, the first at 10. */
function read(chunks: (string | Buffer)[], limits = LIMITS): AnswerReader {
  const reader = new AnswerReader(limits);
  chunks.forEach((chunk, index) => reader.feed(Buffer.from(chunk as string), 10 * (index + 1)));
  return reader;
}

const ROLE = delta({ role: 'assistant', content: '' });
const DONE = event('[DONE]');

describe('the first token', () => {
  it.each([
    ['content', { content: 'x' }],
    ['reasoning', { reasoning: 'x' }],
    ['reasoning_content', { content: null, reasoning_content: 'x' }],
    ['a tool call', { tool_calls: [{ index: 0, function: { name: 'f' } }] }],
    ['content together with the role', { role: 'assistant', content: 'x' }],
  ])('is the first event with %s, not the role', (_, fields) => {
    const reader = read([ROLE, delta({ content: '' }), delta(fields), delta(fields), DONE]);
    expect(reader.first_event).toBe(10);
    expect(reader.tokenTimes()).toMatchObject({ first: 30, last: 40, gaps_ms: [10] });
  });

  it('is none if only empty text came', () => {
    expect(read([ROLE, delta({ content: '' }), DONE]).tokenTimes().first).toBeNull();
  });

  it('is the first empty delta if the server counts tokens that have no text', () => {
    const silent = [ROLE, delta({ content: '' }), delta({ content: '' }), delta({ content: '' }, 'length')];
    const reader = read([...silent, usage(9, 3), DONE]);
    expect(reader.tokenTimes()).toMatchObject({ first: 20, last: 40, gaps_ms: [10, 10] });
    expect(read([...silent, usage(9, 0), DONE]).tokenTimes().first).toBeNull();
  });

  it('does not come from an empty delta if other deltas have text', () => {
    const reader = read([delta({ content: '' }), delta({ content: 'a' }), usage(9, 2), DONE]);
    expect(reader.tokenTimes().first).toBe(20);
  });
});

it('events of one chunk share its time', () => {
  const reader = read([
    ROLE + delta({ content: 'a' }) + delta({ content: 'b' }),
    delta({ content: 'c' }) + DONE,
  ]);
  expect(reader.tokenTimes()).toMatchObject({ first: 10, last: 20, gaps_ms: [0, 10] });
  expect(reader.content).toBe('abc');
  expect(reader.done).toBe(20);
});

describe('usage', () => {
  it('is null where the server does not tell, and 0 where it tells 0', () => {
    expect(read([usage(5, 2)]).usage).toEqual({
      prompt_tokens: 5,
      completion_tokens: 2,
      cached_tokens: null,
    });
    expect(read([usage(5, 2, 0)]).usage).toEqual({
      prompt_tokens: 5,
      completion_tokens: 2,
      cached_tokens: 0,
    });
    expect(read([ROLE, DONE]).usage).toBeNull();
  });

  it('is the last of several', () => {
    expect(read([usage(5, 1), usage(5, 2, 4)]).usage?.completion_tokens).toBe(2);
  });

  it('of another shape is not believed', () => {
    const odd = event({ usage: { prompt_tokens: '7', completion_tokens: -1, prompt_tokens_details: [] } });
    expect(read([odd]).usage).toEqual({ prompt_tokens: null, completion_tokens: null, cached_tokens: null });
  });
});

describe('what makes the rest pointless', () => {
  it.each([
    ['an error event', event({ error: { message: 'engine died', code: 500 } }), 'error_event', 'engine died'],
    ['an error string', event({ error: 'no' }), 'error_event', 'no'],
    ['an old error object', event({ object: 'error', message: 'bad' }), 'error_event', 'bad'],
    ['an error without text', event({ error: {} }), 'error_event', 'an error without a message'],
    ['text that is not JSON', event('hello'), 'not_json', 'an event of the stream is not a JSON object'],
    ['a JSON list', event([1]), 'not_json', 'an event of the stream is not a JSON object'],
  ])('%s ends the reading', (_, text, kind, message) => {
    const reader = read([delta({ content: 'a' }), text, delta({ content: 'b' })]);
    expect(reader.problem).toEqual({ kind, text: message });
    expect(reader.content).toBe('a');
  });

  it('an endless event ends at its limit', () => {
    const reader = read(['data: ', ...Array<string>(30).fill('x'.repeat(5000))]);
    expect(reader.problem?.text).toBe('an event is longer than 100000 characters');
    expect(reader.bytes).toBeLessThan(110_000);
  });

  it('an endless answer ends at its limit', () => {
    const limits = { ...LIMITS, max_answer_bytes: 2000 };
    const reader = read(Array<string>(100).fill(delta({ content: 'abc' })), limits);
    expect(reader.problem?.text).toBe('the answer is longer than 2000 bytes');
    expect(reader.bytes).toBeLessThan(2200);
  });
});

it.each([
  ['a null error', event({ error: null, choices: [{ delta: { content: 'a' } }] })],
  ['comments and other fields', `: ping\n\nevent: x\nid: 1\nretry: 3\nnonsense\n${delta({ content: 'a' })}`],
  ['lines ending in CR LF', delta({ content: 'a' }).replaceAll('\n', '\r\n')],
  [
    'choices of other shapes',
    event({ choices: [null, 3, { delta: null }, { delta: { content: 7 } }, { delta: { content: 'a' } }] }),
  ],
])('%s do no harm', (_, text) => {
  const reader = read([text, DONE]);
  expect([reader.problem, reader.content]).toEqual([null, 'a']);
});

it('however the bytes are cut, the same is read', () => {
  const text =
    ROLE +
    delta({ content: 'Grüße 👋' }) +
    ': ping\r\n\r\n' +
    delta({ reasoning: '因为' }) +
    delta({}, 'stop') +
    usage(7, 3, 1) +
    DONE;
  const bytes = Buffer.from(text);
  const whole = read([bytes]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
      const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
      const reader = read(edges.slice(1).map((end, index) => bytes.subarray(edges[index], end)));
      for (const key of [
        'content',
        'reasoning',
        'usage',
        'finish_reason',
        'problem',
        'events',
        'bytes',
      ] as const) {
        expect([key, reader[key]]).toEqual([key, whole[key]]);
      }
      expect(reader.done).not.toBeNull();
      const { first, last } = reader.tokenTimes();
      expect(first! <= last! && last! <= reader.done!).toBe(true);
    }),
  );
});

it('no bytes make it throw', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(event(text))),
    fc.json().map((json) => Buffer.from(event(json))),
  );
  fc.assert(
    fc.property(fc.array(piece), (chunks) => {
      const reader = read(chunks);
      expect(typeof reader.content).toBe('string');
    }),
    { numRuns: 300 },
  );
});
