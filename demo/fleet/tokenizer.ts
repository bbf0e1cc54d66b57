/**
 * A stand-in for a BPE tokenizer: deterministic pieces of about the length that real ones have, at the price of one pass over
 * the text. Texts are remembered, as a conversation sends the same history again on every turn and to both fleets.
 */

const { imul } = Math;

/** What a chat template puts around a message; control tokens of their own, so that no text can imitate them. */
const START_OF_MESSAGE = 1;
const END_OF_MESSAGE = 2;
const NEWLINE = hashOf('\n');

const LETTERS_PER_PIECE = 7;
const DIGITS_PER_PIECE = 3;

const enum Kind {
  Letter,
  Digit,
  Space,
  Other,
}

function kindOf(code: number): Kind {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code >= 0xc0) return Kind.Letter;
  if (code >= 48 && code <= 57) return Kind.Digit;
  return code === 32 || (code >= 9 && code <= 13) ? Kind.Space : Kind.Other;
}

function hashRange(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
  // 0..15 are left to control tokens.
  return (hash >>> 0) | 16;
}

function hashOf(piece: string): number {
  return hashRange(piece, 0, piece.length);
}

/** Where the piece that starts at `from` ends. A single blank before a word belongs to the word, as in BPE vocabularies. */
function pieceEnd(text: string, from: number): number {
  let start = from;
  let kind = kindOf(text.charCodeAt(from));
  if (text.charCodeAt(from) === 32 && from + 1 < text.length) {
    const next = kindOf(text.charCodeAt(from + 1));
    if (next === Kind.Letter || next === Kind.Other) {
      kind = next;
      start = from + 1;
    }
  }
  const limit =
    kind === Kind.Letter
      ? LETTERS_PER_PIECE
      : kind === Kind.Digit
        ? DIGITS_PER_PIECE
        : kind === Kind.Space
          ? 16
          : 2;
  let end = start + 1;
  while (end < text.length && end - start < limit && kindOf(text.charCodeAt(end)) === kind) {
    // A blank run leaves its last blank to the word that follows.
    if (kind === Kind.Space && text.charCodeAt(end) === 32 && isWordStart(text, end + 1)) break;
    end++;
  }
  return end;
}

function isWordStart(text: string, index: number): boolean {
  return index < text.length && kindOf(text.charCodeAt(index)) === Kind.Letter;
}

/** Token ids (32-bit hashes of the pieces) of a text. */
export function tokenize(text: string): Uint32Array {
  const tokens = new Uint32Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length;) {
    const end = pieceEnd(text, at);
    tokens[count++] = hashRange(text, at, end);
    at = end;
  }
  return tokens.slice(0, count);
}

export interface ChatMessage {
  role: string;
  content: string;
}

export interface Tokenizer {
  /** The prompt's tokens under a ChatML-like template, ending where the assistant is to speak. */
  encodeChat(messages: readonly ChatMessage[]): Uint32Array;
}

/** @param memory texts are forgotten, oldest first, beyond this many characters. */
export function createTokenizer(memory = 24_000_000): Tokenizer {
  const known = new Map<string, Uint32Array>();
  let held = 0;

  function encode(text: string): Uint32Array {
    const found = known.get(text);
    if (found !== undefined) {
      known.delete(text);
      known.set(text, found);
      return found;
    }
    const tokens = tokenize(text);
    known.set(text, tokens);
    held += text.length;
    for (const oldest of known.keys()) {
      if (held <= memory) break;
      known.delete(oldest);
      held -= oldest.length;
    }
    return tokens;
  }

  return {
    encodeChat(messages) {
      const parts = messages.map((message) => ({
        role: hashOf(message.role),
        tokens: encode(message.content),
      }));
      const length = parts.reduce((sum, part) => sum + part.tokens.length + 5, 3);
      const prompt = new Uint32Array(length);
      let at = 0;
      for (const part of parts) {
        prompt.set([START_OF_MESSAGE, part.role, NEWLINE], at);
        prompt.set(part.tokens, at + 3);
        at += part.tokens.length + 3;
        prompt.set([END_OF_MESSAGE, NEWLINE], at);
        at += 2;
      }
      prompt.set([START_OF_MESSAGE, hashOf('assistant'), NEWLINE], at);
      return prompt;
    },
  };
}
