import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import fc from 'fast-check';
import { NONCE_WORDS } from './lexicon';
import { PRESETS } from './presets';
import {
  assignment,
  buildConversation,
  buildScripts,
  nonceFor,
  openingMessages,
  sharedNonceFor,
} from './workload';
import type { WorkloadConfig } from '../model/config';

const SMALL: WorkloadConfig = {
  ...PRESETS.live,
  conversations: 8,
  turns: 4,
  document_tokens: { min: 200, max: 1000 },
};

describe('a conversation script', () => {
  it('is the same whenever it is built', () => {
    expect(buildConversation(SMALL, 3)).toEqual(buildConversation(SMALL, 3));
  });

  it('has a stable id that names its index', () => {
    expect(buildConversation(SMALL, 3).id).toMatch(/^c003-[0-9a-f]{8}$/);
    expect(buildConversation({ ...SMALL, seed: 2 }, 3).id).not.toBe(buildConversation(SMALL, 3).id);
  });

  it.each([
    ['seed', { seed: 2 }],
    ['document length', { document_tokens: { min: 300, max: 900 } }],
    ['shared prefix', { shared_prefix_tokens: 100 }],
    ['answer length', { max_tokens: 65 }],
    ['kind of document', { documents: 'code' as const }],
  ])('gets another id with another %s', (_, change) => {
    expect(buildConversation({ ...SMALL, ...change }, 1).id).not.toBe(buildConversation(SMALL, 1).id);
  });

  it('keeps id and texts when more turns, conversations or load are asked for', () => {
    const long = buildConversation(
      {
        ...SMALL,
        turns: 9,
        conversations: 50,
        rate: 3,
        concurrency: 9,
        think_time: { min_seconds: 0, max_seconds: 0 },
      },
      2,
    );
    const short = buildConversation(SMALL, 2);
    expect(long.id).toBe(short.id);
    expect(long.first).toBe(short.first);
    expect(long.follow_ups.slice(0, 3)).toEqual(short.follow_ups);
  });

  it('has one follow-up less than turns, and a pause for each turn within the range', () => {
    const script = buildConversation(SMALL, 0);
    expect(script.follow_ups).toHaveLength(3);
    expect(script.think_seconds).toHaveLength(4);
    for (const pause of script.think_seconds) {
      expect(pause).toBeGreaterThanOrEqual(1);
      expect(pause).toBeLessThanOrEqual(4);
    }
  });

  it('alternates code and prose when mixed', () => {
    expect([0, 1, 2, 3].map((index) => buildConversation(SMALL, index).document)).toEqual([
      'code',
      'text',
      'code',
      'text',
    ]);
  });

  it('spreads document lengths evenly over the range, however many there are', () => {
    const lengths = Array.from(
      { length: 40 },
      (_, index) => encode(buildConversation(SMALL, index).first).length,
    );
    const quarter = (n: number) =>
      lengths.filter((l) => l - 18 >= 200 + 200 * n && l - 18 < 400 + 200 * n).length;
    for (const n of [0, 1, 2, 3]) expect(quarter(n)).toBeGreaterThanOrEqual(7);
  });

  it('takes the documents of the user round and round', () => {
    const own = [
      { name: 'a.py', kind: 'code' as const, text: 'print(1)\n' },
      { name: 'b.md', kind: 'text' as const, text: '# Title' },
    ];
    expect(buildConversation(SMALL, 2, own).first).toMatch(/\n\n```\nprint\(1\)\n```$/);
    expect(buildConversation(SMALL, 3, own).document).toBe('text');
    expect(buildConversation(SMALL, 2, own).id).not.toBe(
      buildConversation(SMALL, 2, [{ ...own[0]!, text: 'print(2)\n' }]).id,
    );
  });
});

describe('the nonce', () => {
  it('stands at the very beginning, and differs for each run, conversation and round', () => {
    const script = buildConversation(SMALL, 0);
    const start = (run: string, round: number) =>
      openingMessages(script, { run, nonce: run }, round)[0]!.content;
    expect(start('r1', 0).startsWith(nonceFor('r1', script.id, 0))).toBe(true);
    expect(
      new Set([start('r1', 0), start('r1', 1), start('r2', 0)].map((text) => text.slice(0, 30))).size,
    ).toBe(3);
  });

  it('is equally long in tokens whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (run, round) => {
        const nonce = nonceFor(run, 'c001-00000000', round);
        expect(nonce.split(' ').every((word) => NONCE_WORDS.includes(word))).toBe(true);
        expect(encode(nonce)).toHaveLength(6);
      }),
    );
  });

  it('is shared by all conversations of a run before a shared prefix, and only there', () => {
    const config = { ...SMALL, shared_prefix_tokens: 300 };
    const [a, b] = [0, 1].map((index) =>
      openingMessages(buildConversation(config, index), { run: 'r', nonce: 'r' }, 0),
    );
    expect(a!.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(a![0]).toEqual(b![0]);
    expect(a![0]!.content.startsWith(sharedNonceFor('r'))).toBe(true);
    expect(a![1]!.content.slice(0, 20)).not.toBe(b![1]!.content.slice(0, 20));
    expect(Math.abs(encode(buildConversation(config, 0).system!).length - 300)).toBeLessThanOrEqual(15);
  });
});

describe('the order of conversations', () => {
  const config = { ...SMALL, conversations: 3, warmup: 2 };

  it('begins with warm-up scripts that no measured conversation repeats, then goes round the pool', () => {
    expect(Array.from({ length: 9 }, (_, sequence) => assignment(config, sequence))).toEqual([
      { script: 3, round: 0, warmup: true },
      { script: 4, round: 0, warmup: true },
      { script: 0, round: 0, warmup: false },
      { script: 1, round: 0, warmup: false },
      { script: 2, round: 0, warmup: false },
      { script: 0, round: 1, warmup: false },
      { script: 1, round: 1, warmup: false },
      { script: 2, round: 1, warmup: false },
      { script: 0, round: 2, warmup: false },
    ]);
    expect(new Set(buildScripts(config).map(({ id }) => id)).size).toBe(5);
  });
});

describe('the preset multi-turn', () => {
  const scripts = buildScripts(PRESETS['multi-turn']);

  it('has 11 documents of 12 to 56 kB, code and prose', () => {
    expect(scripts).toHaveLength(11);
    for (const { first } of scripts) {
      expect(first.length).toBeGreaterThan(12_000);
      expect(first.length).toBeLessThan(57_000);
    }
    expect(scripts.filter(({ document }) => document === 'code')).toHaveLength(6);
  });

  it('fits into 16 000 tokens with ten answers of 500', () => {
    for (const { first, follow_ups } of scripts) {
      const template = 10 * 12;
      const texts = encode(first).length + follow_ups.reduce((sum, text) => sum + encode(text).length, 0);
      expect(texts + 10 * 500 + template).toBeLessThan(16_000);
    }
  });
});
