import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AnswerReader } from '../../exporter/src/probe/answer-reader';
import { latencies } from '../../exporter/src/probe/timeline';

const FOLDER = join(__dirname, '../fixtures/sse');

/** Bodies as they arrived, chunked framing removed: one entry a read. */
interface Transcript {
  sent: number;
  reads: { at: number; body: Buffer }[];
}

interface Line {
  meta?: true;
  t_ms: number;
  dir?: 'send' | 'eof';
  bytes?: string;
  text?: string;
}

function load(file: string): Transcript {
  const lines = readFileSync(join(FOLDER, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const sent = lines.find(({ dir }) => dir === 'send')?.t_ms ?? 0;
  const received = lines.filter(({ meta, dir }) => meta === undefined && dir === undefined);
  if (received[0]?.text !== undefined) {
    return { sent, reads: received.map(({ t_ms, text }) => ({ at: t_ms, body: Buffer.from(text ?? '') })) };
  }
  return {
    sent,
    reads: dechunk(received.map(({ t_ms, bytes }) => ({ at: t_ms, raw: Buffer.from(bytes ?? '') }))),
  };
}

/** Removes the head and the chunked framing; a read whose body part is empty is left out. */
function dechunk(reads: { at: number; raw: Buffer }[]): { at: number; body: Buffer }[] {
  let rest = Buffer.alloc(0);
  let inHead = true;
  let left = 0;
  return reads
    .map(({ at, raw }) => {
      rest = Buffer.concat([rest, raw]);
      const body: Buffer[] = [];
      if (inHead && rest.includes('\r\n\r\n')) {
        rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4);
        inHead = false;
      }
      while (!inHead && rest.length > 0) {
        if (left === 0) {
          const line = rest.indexOf('\r\n', rest.subarray(0, 2).equals(Buffer.from('\r\n')) ? 2 : 0);
          if (line < 0) break;
          left = parseInt(rest.subarray(0, line).toString().trim(), 16);
          rest = rest.subarray(line + 2);
          if (left === 0) break;
        }
        const part = rest.subarray(0, left);
        body.push(part);
        left -= part.length;
        rest = rest.subarray(part.length);
      }
      return { at, body: Buffer.concat(body) };
    })
    .filter(({ body }) => body.length > 0);
}

/** The truth, found in another way than the reader's: by splitting the text into events and dating each by its last byte. */
function truth({ sent, reads }: Transcript) {
  const all = Buffer.concat(reads.map(({ body }) => body)).toString('utf8');
  const ends = reads.map(({ at }, index) => ({
    at,
    end: Buffer.concat(reads.slice(0, index + 1).map(({ body }) => body)).length,
  }));
  let position = 0;
  const stamps: number[] = [];
  let text = '';
  let usage: Record<string, unknown> | null = null;
  let finish: string | null = null;
  for (const block of all.split('\n\n')) {
    position += Buffer.byteLength(block) + 2;
    const at = ends.find(({ end }) => end >= Math.min(position, ends.at(-1)!.end))!.at;
    if (!block.startsWith('data: {')) continue;
    const value = JSON.parse(block.slice(6)) as {
      choices: { delta: Record<string, unknown>; finish_reason: string | null }[];
      usage?: Record<string, unknown> | null;
    };
    if (value.usage) usage = value.usage;
    const choice = value.choices[0];
    finish = choice?.finish_reason ?? finish;
    const said = ['content', 'reasoning', 'reasoning_content']
      .map((name) => (choice?.delta[name] as string) || '')
      .join('');
    text += said;
    if (said !== '') stamps.push(at - sent);
  }
  return { stamps, text, usage, finish };
}

const FILES = readdirSync(FOLDER, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.jsonl') && !name.endsWith('nonstream.jsonl'))
  .sort();

function replay(transcript: Transcript): AnswerReader {
  const reader = new AnswerReader({ max_answer_bytes: 1e7, max_event_chars: 1e6 });
  for (const { at, body } of transcript.reads) reader.feed(body, at);
  return reader;
}

it('there are recordings of three vLLM versions, of reasoning, and of llm-d', () => {
  const folders = new Set(FILES.map((name) => name.split('/')[0]));
  expect([...folders]).toEqual(['llm-d', 'vllm-0.12', 'vllm-0.17', 'vllm-0.32-reasoning', 'vllm-0.32']);
  expect(FILES.length).toBeGreaterThanOrEqual(30);
});

describe.each(FILES)('%s', (file) => {
  const transcript = load(file);
  const expected = truth(transcript);
  const reader = replay(transcript);
  const times = reader.tokenTimes();

  it('gives the recorded times', () => {
    const raw = { sent: transcript.sent, headers: null, first_event: null, done: null };
    const measured = latencies(
      { ...raw, first_token: times.first, last_token: times.last, gaps_ms: times.gaps_ms },
      reader.usage?.completion_tokens ?? null,
      true,
    );
    const { stamps, usage } = expected;
    expect(measured.ttft_ms).toBeCloseTo(stamps[0]!, 6);
    expect(measured.e2e_ms).toBeCloseTo(stamps.at(-1)!, 6);
    expect(measured.itl_ms?.count ?? 0).toBe(stamps.length - 1);
    if (typeof usage?.['completion_tokens'] === 'number' && stamps.length > 1) {
      expect(measured.tpot_ms).toBeCloseTo(
        (stamps.at(-1)! - stamps[0]!) / (usage['completion_tokens'] - 1),
        6,
      );
    }
  });

  it('gives the recorded text, usage and end', () => {
    const details = expected.usage?.['prompt_tokens_details'] as { cached_tokens: number } | null | undefined;
    expect(reader.content + reader.reasoning).toHaveLength(expected.text.length);
    expect(reader.finish_reason).toBe(expected.finish);
    expect(reader.done).not.toBeNull();
    expect(reader.problem).toBeNull();
    expect(reader.usage).toEqual(
      expected.usage && {
        prompt_tokens: expected.usage['prompt_tokens'],
        completion_tokens: expected.usage['completion_tokens'],
        cached_tokens: details?.cached_tokens ?? null,
      },
    );
  });

  it('gives the same whether it arrives byte by byte or at once', () => {
    const body = Buffer.concat(transcript.reads.map((read) => read.body));
    const bytes = replay({ sent: 0, reads: [...body].map((byte, at) => ({ at, body: Buffer.of(byte) })) });
    for (const other of [bytes, replay({ sent: 0, reads: [{ at: 0, body }] })]) {
      expect([other.content, other.reasoning, other.usage, other.events]).toEqual([
        reader.content,
        reader.reasoning,
        reader.usage,
        reader.events,
      ]);
    }
  });
});

describe('figures read off the recordings by eye', () => {
  it.each([
    [
      'vllm-0.32/normal.jsonl',
      72.556 - 0.021,
      145.692 - 0.021,
      { prompt_tokens: 116, completion_tokens: 24, cached_tokens: 0 },
    ],
    [
      'llm-d/sse-llmd-cold.jsonl',
      989.4,
      null,
      { prompt_tokens: 4016, completion_tokens: 16, cached_tokens: 16 },
    ],
  ])('%s', (file, ttft, e2e, usage) => {
    const transcript = load(file);
    const reader = replay(transcript);
    expect(reader.tokenTimes().first! - transcript.sent).toBeCloseTo(ttft, 6);
    if (e2e !== null) expect(reader.tokenTimes().last! - transcript.sent).toBeCloseTo(e2e, 6);
    expect(reader.usage).toEqual(usage);
  });

  it('an answer of reasoning alone has a first token', () => {
    const reader = replay(load('vllm-0.32-reasoning/reason-only.jsonl'));
    expect(reader.content).toBe('');
    expect(reader.reasoning.length).toBeGreaterThan(0);
    expect(reader.tokenTimes().first).not.toBeNull();
  });

  it('vLLM 0.12 leaves a cached count of 0 out and tells it when there is one', () => {
    expect(replay(load('vllm-0.12/normal-cold-4k.jsonl')).usage?.cached_tokens).toBeNull();
    expect(replay(load('vllm-0.12/normal-warm-4k.jsonl')).usage?.cached_tokens).toBe(3968);
  });
});
