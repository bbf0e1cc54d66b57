import { readFileSync, statSync } from 'node:fs';
import type { WorkloadConfig } from '../model/config';
import { between, hash32, seededRandom } from './random';
import { SourceError } from './source-error';
import type { ConversationScript } from './workload';

/** A conversation of the user's own: what is asked. What the file's assistant says is not used, as the true answers are. */
export interface FileConversation {
  id: string;
  system: string | null;
  /** At least one. */
  questions: string[];
  max_tokens: number | null;
}

const MAX_BYTES = 512 * 2 ** 20;
const MAX_CONVERSATIONS = 100_000;

/**
 * Reads conversations, one JSON object on each line: `{"messages": [{"role", "content"}, …], "id"?, "max_tokens"?}` as the
 * OpenAI API has them, or `{"conversations": [{"from": "human" | "gpt" | "system", "value"}, …]}` as ShareGPT has them.
 *
 * @throws SourceError that names the line and what is wrong with it.
 */
export function readConversations(path: string): FileConversation[] {
  const conversations = readText(path)
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, index + 1, path)]));
  if (conversations.length === 0)
    throw new SourceError(`${path}: holds no conversation; write one JSON object per line`);
  if (conversations.length > MAX_CONVERSATIONS)
    throw new SourceError(
      `${path}: ${conversations.length} conversations are more than ${MAX_CONVERSATIONS}`,
    );
  const seen = new Map<string, number>();
  conversations.forEach(({ id }, index) => {
    const first = seen.get(id);
    if (first !== undefined)
      throw new SourceError(
        `${path}: conversation ${index + 1}: has the id ${id} of conversation ${first + 1}`,
      );
    seen.set(id, index);
  });
  return conversations;
}

/** Scripts of the conversations; one that is shorter than the workload's turns ends earlier, a longer one is cut. */
export function scriptsOf(
  conversations: readonly FileConversation[],
  { seed, turns, think_time: think }: WorkloadConfig,
): ConversationScript[] {
  return conversations.map(({ id, system, questions, max_tokens }, index) => {
    const [first = '', ...follow_ups] = questions.slice(0, turns);
    const pause = seededRandom(`think:${seed}:${index}`);
    return {
      id,
      index,
      document: 'text',
      system,
      first,
      follow_ups,
      think_seconds: Array.from({ length: follow_ups.length + 1 }, () =>
        between(pause, think.min_seconds, think.max_seconds),
      ),
      ...(max_tokens !== null && { max_tokens }),
    };
  });
}

export function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES)
      throw new SourceError(`${path}: is larger than ${MAX_BYTES} bytes; use a part of it`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new SourceError(`${path}: cannot be read (${code}); name an existing file`);
  }
}

function readLine(line: string, number: number, path: string): FileConversation {
  const refuse = (why: string): never => {
    throw new SourceError(`${path}: line ${number}: ${why}`);
  };
  const value = parsed(line) ?? refuse('is not a JSON object');
  const messages =
    messagesOf(value) ?? refuse('has no list `messages` (or `conversations`) of texts with their roles');
  const questions = messages.filter(({ role }) => role === 'user').map(({ text }) => text);
  if (questions.length === 0) refuse('asks nothing: no message is of the role user');
  const system = messages.filter(({ role }) => role === 'system').map(({ text }) => text);
  const { max_tokens = null, id = null } = value;
  if (max_tokens !== null && !(Number.isInteger(max_tokens) && Number(max_tokens) >= 1))
    refuse('max_tokens is not a whole number from 1');
  const named = typeof id === 'string' && /^[\w.-]{1,64}$/.test(id) ? id : null;
  return {
    id:
      named ??
      `f${String(number).padStart(3, '0')}-${hash32(JSON.stringify([system, questions])).toString(16)}`,
    system: system.length === 0 ? null : system.join('\n\n'),
    questions,
    max_tokens: max_tokens === null ? null : Number(max_tokens),
  };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const ROLES: ReadonlyMap<unknown, 'system' | 'user' | 'assistant'> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
]);

function messagesOf(value: Record<string, unknown>): { role: string; text: string }[] | null {
  const list = value['messages'] ?? value['conversations'];
  if (!Array.isArray(list)) return null;
  const messages = list.map((entry: Record<string, unknown> | null) => {
    const role = ROLES.get(entry?.['role'] ?? entry?.['from']);
    const text = entry?.['content'] ?? entry?.['value'];
    return role !== undefined && typeof text === 'string' ? { role, text } : null;
  });
  return messages.some((message) => message === null) ? null : messages.filter((message) => message !== null);
}
