import * as fc from 'fast-check';
import { encode } from 'gpt-tokenizer';
import { answerTo } from './answer-text';
import { createTokenizer, tokenize } from './tokenizer';

const PROSE =
  'The harbour was quiet in the morning, and the ships lay still between the long stone walls. ' +
  'Nobody had expected the letter to arrive before the end of the week; still, there it was. ';
const CODE =
  'export function average(values: readonly number[]): number {\n' +
  '  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);\n}\n';

describe('the tokenizer', () => {
  it.each([
    ['prose', PROSE],
    ['code', CODE],
  ])('cuts %s into about as many pieces as a real one', (_name, text) => {
    const long = text.repeat(20);
    expect(Math.abs(tokenize(long).length / encode(long).length - 1)).toBeLessThan(0.25);
  });

  it('gives equal tokens for equal texts and reserves the control tokens', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const tokens = tokenize(text);
        expect(tokens).toEqual(tokenize(text));
        expect(tokens.every((token) => token > 15)).toBe(true);
        expect(tokens.length).toBeLessThanOrEqual(text.length);
        expect(tokens.length === 0).toBe(text === '');
      }),
    );
  });

  it('extends a chat by appending: the history is a prefix of the follow-up', () => {
    const tokenizer = createTokenizer();
    const history = [{ role: 'user', content: PROSE }];
    const first = tokenizer.encodeChat(history);
    const answer = answerTo(first);
    const words = Array.from({ length: 30 }, (_, k) => answer.text(k));
    const second = tokenizer.encodeChat([
      ...history,
      { role: 'assistant', content: words.join('') },
      { role: 'user', content: 'And?' },
    ]);
    expect(second.subarray(0, first.length)).toEqual(first);
    // What was generated comes back as the same tokens.
    const generated = Array.from({ length: 30 }, (_, k) => answer.token(k));
    expect([...second.subarray(first.length, first.length + 30)]).toEqual(generated);
  });

  it('remembers within its limit and forgets beyond it without a change of result', () => {
    const small = createTokenizer(100);
    const ask = (text: string) => small.encodeChat([{ role: 'user', content: text }]);
    const before = ask(PROSE);
    ask(CODE);
    expect(ask(PROSE)).toEqual(before);
  });
});

describe('the answer', () => {
  it('is a function of the prompt alone', () => {
    const prompt = tokenize(PROSE);
    const other = tokenize(`${PROSE}?`);
    const text = (tokens: Uint32Array) =>
      Array.from({ length: 20 }, (_, k) => answerTo(tokens).text(k)).join('');
    expect(text(prompt)).toBe(text(tokenize(PROSE)));
    expect(text(prompt)).not.toBe(text(other));
    expect(answerTo(prompt).naturalLength).toBeGreaterThanOrEqual(1);
  });
});
