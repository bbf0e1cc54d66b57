import { Agent, request } from 'undici';
import { createRandom } from '../../demo/fleet/random';

/** A small multi-turn client of our own: it shares nothing with the exporter's prober. */

export interface PlayOptions {
  /** OpenAI base URL, ending in `/v1`. */
  url: string;
  conversations: number;
  turns: number;
  /** Words of each conversation's own document. */
  documentWords: number;
  /** Documents differ in length by up to this share. */
  spread?: number;
  /** Words of a system prompt that all conversations share. */
  sharedWords?: number;
  maxTokens?: number;
  /** Conversations under way at once. */
  concurrency: number;
  /** Between turns, milliseconds; uniform. */
  think?: [number, number];
  seed: number;
  /** Texts differ between runs with different nonces. */
  nonce: string;
}

export interface Played {
  conversation: number;
  turn: number;
  status: number;
  /** Seconds to the first text; null when none came. */
  ttft: number | null;
  seconds: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  text: string;
  done: boolean;
  error: string | null;
}

const WORDS =
  'river stone lamp change market bridge story teacher window forest harbor engine letter signal'.split(' ');

function words(count: number, seed: number): string {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
}

interface Message {
  role: string;
  content: string;
}

export interface StreamEvent {
  choices: { delta: { content?: string; role?: string }; finish_reason: string | null }[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    prompt_tokens_details: { cached_tokens: number };
  };
}

/** One streamed request; never throws. A new connection each time, as plain load balancers need. */
export async function chat(
  url: string,
  messages: Message[],
  maxTokens: number,
  extra: Record<string, unknown> = {},
): Promise<Omit<Played, 'conversation' | 'turn'> & { headers: Record<string, unknown>; body: string }> {
  const started = performance.now();
  const result = {
    status: 0,
    ttft: null as number | null,
    seconds: 0,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    text: '',
    done: false,
    error: null as string | null,
    headers: {} as Record<string, unknown>,
    body: '',
  };
  const agent = new Agent({ pipelining: 0, headersTimeout: 20_000, bodyTimeout: 20_000 });
  try {
    const answer = await request(`${url}/chat/completions`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        messages,
        max_tokens: maxTokens,
        ignore_eos: true,
        stream: true,
        stream_options: { include_usage: true },
        model: 'Qwen/Qwen3-0.6B',
        ...extra,
      }),
    });
    result.status = answer.statusCode;
    result.headers = answer.headers;
    let pending = '';
    for await (const chunk of answer.body) {
      const text = String(chunk);
      result.body += text;
      pending += text;
      const events = pending.split('\n\n');
      pending = events.pop() ?? '';
      for (const event of events) readEvent(event, started, result);
    }
  } catch (error) {
    // No `instanceof`: the test runner's Error is another one than Node's own.
    result.error = (error as { code?: string }).code ?? String(error);
  } finally {
    await agent.close().catch(() => undefined);
  }
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

function readEvent(event: string, started: number, result: Omit<Played, 'conversation' | 'turn'>): void {
  if (!event.startsWith('data: ')) return;
  if (event === 'data: [DONE]') {
    result.done = true;
    return;
  }
  const json = JSON.parse(event.slice('data: '.length)) as StreamEvent;
  const text = json.choices[0]?.delta.content ?? '';
  if (text !== '') result.ttft ??= (performance.now() - started) / 1000;
  result.text += text;
  if (json.usage !== undefined) {
    result.promptTokens = json.usage.prompt_tokens;
    result.completionTokens = json.usage.completion_tokens;
    result.cachedTokens = json.usage.prompt_tokens_details.cached_tokens;
  }
}

/** Plays all conversations; each turn sends the whole history with the true answers. */
export async function play(options: PlayOptions): Promise<Played[]> {
  const played: Played[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    while (next < options.conversations) await playOne(next++, options, played);
  }
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return played;
}

async function playOne(conversation: number, options: PlayOptions, played: Played[]): Promise<void> {
  const random = createRandom(options.seed * 1000 + conversation);
  const messages: Message[] = [];
  if (options.sharedWords !== undefined) {
    messages.push({
      role: 'system',
      content: `${options.nonce} ${words(options.sharedWords, options.seed)}`,
    });
  }
  const document = words(
    Math.round(options.documentWords * (1 + (options.spread ?? 0) * (random() - 0.5))),
    options.seed * 7777 + conversation,
  );
  for (let turn = 1; turn <= options.turns; turn++) {
    const question = words(20, options.seed * 99 + conversation * 100 + turn);
    const content = turn === 1 ? `${options.nonce} ${conversation} ${document} ${question}` : question;
    messages.push({ role: 'user', content });
    const answer = await chat(options.url, messages, options.maxTokens ?? 16);
    played.push({ conversation, turn, ...answer });
    messages.push({ role: 'assistant', content: answer.text });
    const [least, most] = options.think ?? [0, 0];
    if (most > 0) await new Promise((resolve) => setTimeout(resolve, least + (most - least) * random()));
  }
}
