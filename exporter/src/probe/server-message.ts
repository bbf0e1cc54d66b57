import { oneLine } from '../http/network-error';

const MAX_LENGTH = 200;
const MAX_EXAMINED = 2000;
/** Any 28 characters quoted from the prompt hold one of these windows, wherever the quotation begins. */
const WINDOW = 20;
const STRIDE = 8;

/**
 * What a server says about a refusal: the message of its JSON error (OpenAI, FastAPI and Envoy shapes), else its plain text;
 * null where it says nothing. Not yet fit for logs: see `publicText`.
 */
export function serverMessage(body: string): string | null {
  const text = jsonMessage(body) ?? (/^\s*[<{[]/.test(body) ? '' : body);
  return text.trim().slice(0, MAX_EXAMINED) || null;
}

/** The field that a refusal is about (`error.param`), where the server tells. */
export function refusedParameter(body: string): string | null {
  const error = field(parse(body), 'error');
  const param = field(error, 'param') ?? field(parse(body), 'param');
  return typeof param === 'string' ? param : null;
}

/**
 * A text of the server's as it may be shown: one line of at most 200 characters, without the secrets that we sent, and
 * without what follows if it quotes the prompt (validators like to repeat their input). `prompt` is the messages as JSON.
 */
export function publicText(text: string, sent: { prompt: string; secrets: readonly string[] }): string {
  let clean = text.slice(0, MAX_EXAMINED);
  for (const secret of sent.secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***');
  const quoted = quotationStart(clean, sent.prompt);
  if (quoted !== null) return withoutQuotation(clean, quoted);
  // The prompt is JSON; a server may repeat it unescaped.
  const escaped = JSON.stringify(clean).slice(1, -1);
  if (quotationStart(escaped, sent.prompt) !== null) return withoutQuotation(clean, 0);
  return shortLine(clean, MAX_LENGTH);
}

function shortLine(text: string, limit: number): string {
  return oneLine(text.replace(/\s+/g, ' '), limit);
}

/** Keeps what stands before the sentence or clause in which the quotation begins. */
function withoutQuotation(text: string, quoted: number): string {
  const before = text.slice(0, Math.max(0, quoted - STRIDE));
  const head = before.slice(0, before.search(/[:;,.](?!.*[:;,.])/) + 1);
  return `${shortLine(head, MAX_LENGTH - 30)} (the rest quotes the prompt)`.trim();
}

function quotationStart(text: string, prompt: string): number | null {
  for (let i = 0; i + WINDOW <= text.length; i += STRIDE) {
    if (prompt.includes(text.slice(i, i + WINDOW))) return i;
  }
  return null;
}

function jsonMessage(body: string): string | null {
  const value = parse(body);
  const error = field(value, 'error');
  for (const candidate of [
    field(error, 'message'),
    error,
    field(value, 'message'),
    field(value, 'detail'),
    detailList(field(value, 'detail')),
  ]) {
    if (typeof candidate === 'string' && candidate !== '') return candidate;
  }
  return null;
}

/** FastAPI's validation errors: `{"detail": [{"loc": ["body", "x"], "msg": "…", "input": …}]}`; the input is left out. */
function detailList(detail: unknown): string | null {
  if (!Array.isArray(detail)) return null;
  return detail
    .slice(0, 3)
    .map((entry: unknown) => {
      const loc = field(entry, 'loc');
      return `${Array.isArray(loc) ? loc.join('.') : ''} ${String(field(entry, 'msg') ?? '')}`.trim();
    })
    .join('; ');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
