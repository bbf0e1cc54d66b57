import { DOCUMENT_STYLES, type DocumentStyle, type Piece } from './document-styles';
import { ACTIONS, ADJECTIVES, IDENTIFIERS, NOUNS, VERBS } from './lexicon';
import { pick, seededRandom, type Random } from './random';

export type DocumentKind = 'code' | 'text';

const LISTS: Readonly<Record<string, readonly string[]>> = {
  n: NOUNS,
  v: VERBS,
  a: ADJECTIVES,
  i: IDENTIFIERS,
  w: ACTIONS,
};

/**
 * A document that looks like code or like prose, of `tokens` tokens within 5 % in the common byte-pair vocabularies (from 300
 * tokens up; below, within one piece of about 20). The same seed gives the same text everywhere; two seeds share no prefix
 * worth caching, because the words differ from the first sentence on.
 */
export function generateDocument(seed: string, kind: DocumentKind, tokens: number): string {
  const random = seededRandom(`document:${seed}`);
  const styles = DOCUMENT_STYLES.filter((style) => style.kind === kind);
  return generateText(random, pick(random, styles), tokens);
}

function generateText(random: Random, style: DocumentStyle, tokens: number): string {
  const parts: string[] = [];
  let length = 0;
  for (const next of pieces(random, style)) {
    // Half of a piece more or less: the sum lies as near to the wanted length as pieces allow.
    if (parts.length > 0 && length + next.tokens / 2 > tokens) break;
    parts.push(fill(random, next.template));
    length += next.tokens;
  }
  return parts.join('');
}

/** Endless: section after section. */
function* pieces(random: Random, style: DocumentStyle): Generator<Piece> {
  for (;;) {
    yield pick(random, style.open);
    const count = 3 + Math.floor(random() * 6);
    for (let i = 0; i < count; i += 1) yield pick(random, style.body);
    yield pick(random, style.close);
  }
}

function fill(random: Random, template: string): string {
  return template.replace(/\{([nvaiw])\}/g, (_, list: string) => pick(random, LISTS[list] ?? NOUNS));
}
