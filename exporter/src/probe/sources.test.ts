import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readConversations, scriptsOf } from './conversations-file';
import { PRESETS } from './presets';
import { SourceError } from './source-error';
import { promptOf, readTrace, TraceScripts } from './trace-file';
import { openingMessages } from './workload';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taillight-source-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(...lines: unknown[]): string {
  const path = join(folder, 'file.jsonl');
  writeFileSync(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return path;
}

const user = (content: string) => ({ role: 'user', content });

describe('a file of conversations', () => {
  test('may be of either kind; questions and system prompt are used, answers are not', () => {
    const read = readConversations(
      file(
        {
          id: 'a.1',
          messages: [
            { role: 'system', content: 's' },
            user('1'),
            { role: 'assistant', content: 'x' },
            user('2'),
          ],
        },
        '',
        {
          conversations: [
            { from: 'human', value: '3' },
            { from: 'gpt', value: 'y' },
          ],
          max_tokens: 7,
        },
      ),
    );
    expect(read).toEqual([
      { id: 'a.1', system: 's', questions: ['1', '2'], max_tokens: null },
      { id: expect.stringMatching(/^f003-[0-9a-f]+$/), system: null, questions: ['3'], max_tokens: 7 },
    ]);
  });

  test('is cut to the turns of the workload, and two readings have the same ids and pauses', () => {
    const path = file({ messages: [user('1'), user('2'), user('3')] }, { messages: [user('4')] });
    const scripts = () => scriptsOf(readConversations(path), { ...PRESETS['multi-turn'], turns: 2 });
    expect(
      scripts().map(({ first, follow_ups, think_seconds }) => [first, follow_ups, think_seconds.length]),
    ).toEqual([
      ['1', ['2'], 2],
      ['4', [], 1],
    ]);
    expect(scripts()).toEqual(scripts());
  });

  test.each([
    [['{'], 'line 1: is not a JSON object'],
    [['[]'], 'line 1: is not a JSON object'],
    [[{ messages: 'x' }], 'line 1: has no list `messages` (or `conversations`) of texts with their roles'],
    [[{ messages: [{ role: 'tool', content: 'x' }] }], 'line 1: has no list `messages`'],
    [
      [{ messages: [user('1')] }, { messages: [{ role: 'assistant', content: 'x' }] }],
      'line 2: asks nothing',
    ],
    [[{ messages: [user('1')], max_tokens: 0 }], 'line 1: max_tokens is not a whole number from 1'],
    [
      [
        { id: 'a', messages: [user('1')] },
        { id: 'a', messages: [user('2')] },
      ],
      'conversation 2: has the id a of conversation 1',
    ],
    [[''], 'holds no conversation; write one JSON object per line'],
  ])('%j is refused', (lines, why) => {
    expect(() => readConversations(file(...lines))).toThrow(
      new SourceError(`${join(folder, 'file.jsonl')}: ${why}`).message,
    );
  });

  test('any lines end as conversations or as one line that says why not', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.json(), fc.string())), (lines) => {
        try {
          expect(readConversations(file(...lines)).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(SourceError);
          expect((error as Error).message).not.toContain('\n');
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a trace', () => {
  const request = (timestamp: number, input_length: number, hash_ids: number[]) => ({
    timestamp,
    input_length,
    output_length: 5,
    hash_ids,
  });
  const joined = (...lines: unknown[]) =>
    readTrace(file(...lines)).map(({ conversation, turn }) => `${conversation}.${turn}`);

  test('is put in order of time; a prompt that goes on where another ended is its next turn', () => {
    expect(
      joined(
        request(30, 1700, [0, 1, 3, 4]),
        request(10, 1100, [0, 1, 2]),
        request(20, 600, [7, 8]),
        request(40, 2100, [0, 1, 3, 9, 10]),
      ),
    ).toEqual(['0.1', '1.1', '0.2', '0.3']);
  });

  test('what many begin with belongs to nobody, and a conversation goes on once', () => {
    // Block 0 is a system prompt that the second and third share with the first, without being its turns.
    expect(
      joined(request(0, 1100, [0, 1, 2]), request(1, 1100, [0, 5, 6]), request(2, 1100, [0, 7, 8])),
    ).toEqual(['0.1', '1.1', '2.1']);
    expect(
      joined(request(0, 1100, [0, 1, 2]), request(1, 1700, [0, 1, 3, 4]), request(2, 1700, [0, 1, 5, 6])),
    ).toEqual(['0.1', '0.2', '2.1']);
  });

  test.each([
    ['{', 'line 1: is not JSON'],
    ['null', 'line 1: timestamp is not a number of milliseconds'],
    [{ timestamp: 1, input_length: 'x' }, 'line 1: input_length is not a number of tokens'],
    [
      { timestamp: 1, input_length: 5, output_length: 1e12 },
      'line 1: output_length is not a number of tokens',
    ],
    [
      { timestamp: 1, input_length: 5, output_length: 1, hash_ids: [1.5] },
      'line 1: hash_ids is not a list of numbers',
    ],
    ['', 'holds no request; write one JSON object per line'],
  ])('%j is refused', (line, why) => {
    expect(() => readTrace(file(line))).toThrow(`${join(folder, 'file.jsonl')}: ${why}`);
  });

  test('its prompts have so many words, share what their blocks share, and differ from the first other block on', () => {
    const [one, other, third] = [
      [0, 1, 2],
      [0, 1, 3],
      [4, 1, 2],
    ].map((blocks) => promptOf({ blocks, input_tokens: 1100 }).split(' '));
    expect([one, other, third].map((words) => words!.length)).toEqual([1100, 1100, 1100]);
    expect(other!.slice(0, 1024)).toEqual(one!.slice(0, 1024));
    expect(other!.slice(1024)).not.toEqual(one!.slice(1024));
    expect(third!.slice(0, 512)).not.toEqual(one!.slice(0, 512));
    expect(promptOf({ blocks: [], input_tokens: 700 }).split(' ')).toHaveLength(700);
  });

  test('all its prompts begin with one nonce, another in each run; its clock may run faster', () => {
    const scripts = new TraceScripts(readTrace(file(request(0, 40, [1]), request(9000, 40, [2]))), 3);
    const start = (index: number, nonce: string) =>
      openingMessages(scripts.get(index), { run: 'r', nonce }, 0)[0]!.content.split('\n\n')[0];
    expect(start(0, 'a')).toBe(start(1, 'a'));
    expect(start(0, 'a')).not.toBe(start(0, 'b'));
    expect(scripts.arrivals).toEqual([0, 3]);
    expect(scripts.get(1)).toBe(scripts.get(1));
    expect(() => scripts.get(2)).toThrow('the trace has no request 2');
  });
});
