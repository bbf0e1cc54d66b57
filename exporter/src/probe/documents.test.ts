import { encode as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { encode as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { DOCUMENT_STYLES } from './document-styles';
import { generateDocument, type DocumentKind } from './documents';
import { ACTIONS, ADJECTIVES, IDENTIFIERS, NONCE_WORDS, NOUNS, VERBS } from './lexicon';

const KINDS: DocumentKind[] = ['code', 'text'];
const TOKENIZERS = { cl100k, o200k };

describe.each(Object.entries(TOKENIZERS))('documents, counted by %s,', (_, encode) => {
  it.each([500, 1000, 2900, 6000, 16000])('of %d tokens are within 5 % of that length', (tokens) => {
    for (const kind of KINDS) {
      for (let seed = 0; seed < (tokens > 5000 ? 4 : 15); seed += 1) {
        const length = encode(generateDocument(`s${seed}`, kind, tokens)).length;
        expect(Math.abs(length / tokens - 1)).toBeLessThanOrEqual(0.05);
      }
    }
  });

  it('consist of words that are one token each', () => {
    for (const word of [...NOUNS, ...VERBS, ...ADJECTIVES, ...IDENTIFIERS, ...ACTIONS]) {
      expect([word, encode(` ${word}`).length]).toEqual([word, 1]);
    }
    for (const word of NONCE_WORDS) {
      expect([word, encode(word).length, encode(` ${word}`).length]).toEqual([word, 1, 1]);
    }
  });
});

it('the same seed gives the same document, another seed another one', () => {
  expect(generateDocument('a', 'code', 800)).toBe(generateDocument('a', 'code', 800));
  expect(generateDocument('a', 'code', 800)).not.toBe(generateDocument('b', 'code', 800));
});

it('no two of 400 documents begin with the same 80 characters', () => {
  for (const kind of KINDS) {
    const starts = Array.from({ length: 400 }, (_, seed) =>
      generateDocument(String(seed), kind, 60).slice(0, 80),
    );
    expect(new Set(starts).size).toBe(400);
  }
});

it('several styles of code and of prose occur', () => {
  const styles = (kind: DocumentKind) => DOCUMENT_STYLES.filter((style) => style.kind === kind).length;
  expect([styles('code'), styles('text')]).toEqual([3, 2]);
  const code = Array.from({ length: 30 }, (_, seed) => generateDocument(String(seed), 'code', 300)).join(
    '\n',
  );
  expect(code).toMatch(/^CREATE TABLE /m);
  expect(code).toMatch(/^ {4}return \w+$/m);
  expect(code).toMatch(/^ {2}const \w+ = /m);
});

it('no placeholder is left in a text', () => {
  for (const kind of KINDS) expect(generateDocument('x', kind, 8000)).not.toMatch(/\{[a-z]\}/);
});

it('the nonce alphabet has 256 different words', () => {
  expect(new Set(NONCE_WORDS).size).toBe(256);
});
