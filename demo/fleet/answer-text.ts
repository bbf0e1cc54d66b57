import { mix32 } from './random';
import { tokenize } from './tokenizer';

/** Short words only: each must be exactly one token, so that an answer sent back is tokenized as it was generated. */
const WORDS = (
  'able also area back base been best body book both call came case city come cost data days deal does done door down ' +
  'each easy ever face fact fall farm feel find fire firm five food form four free from full game gave girl give goal ' +
  'good grow half hand hard have head hear help here high hold home hope hour idea into item join just keep kind know ' +
  'land last late lead left less life line list live long look lost made main make many mark mean meet mind more most ' +
  'move much must name near need next node note once only open over page part past path plan play port pull push query ' +
  'rate read real rest ring rise road role room rule same save seem send ship show side sign site size slow soft some ' +
  'soon sort step stop such sure take talk task team tell term test text than that them then they this time token trace ' +
  'tree true turn type unit upon used user very view wait walk want warm week well went what when wide will wind with ' +
  'word work yard year your zone'
).split(' ');

const SPACED = WORDS.map((word) => ` ${word}`);
const FIRST_TOKENS = WORDS.map(singleToken);
const NEXT_TOKENS = SPACED.map(singleToken);

/** Mean length of an answer that may stop by itself, in tokens. */
const NATURAL_LENGTH = 180;

function singleToken(text: string): number {
  const tokens = tokenize(text);
  if (tokens.length !== 1) throw new Error(`"${text}" must be one token, it is ${tokens.length}`);
  return tokens[0] ?? 0;
}

/** What the model would say to a prompt: a pure function of the prompt, as with temperature 0, so both fleets agree. */
export interface Answer {
  /** Text of token k, 0-based. */
  text(k: number): string;
  token(k: number): number;
  /** Tokens after which the model stops by itself. */
  naturalLength: number;
}

export function answerTo(prompt: Uint32Array): Answer {
  let seed = prompt.length;
  // The last tokens tell prompts of one conversation apart, the first ones conversations.
  for (let i = 0; i < Math.min(64, prompt.length); i++) {
    seed = mix32(seed, prompt[i] ?? 0);
    seed = mix32(seed, prompt[prompt.length - 1 - i] ?? 0);
  }
  const wordAt = (k: number) => mix32(seed, k + 1) % WORDS.length;
  return {
    text: (k) => (k === 0 ? WORDS[wordAt(k)] : SPACED[wordAt(k)]) ?? '',
    token: (k) => (k === 0 ? FIRST_TOKENS[wordAt(k)] : NEXT_TOKENS[wordAt(k)]) ?? 0,
    naturalLength: Math.max(1, Math.round(-Math.log((mix32(seed, 0) + 1) / 4294967297) * NATURAL_LENGTH)),
  };
}
