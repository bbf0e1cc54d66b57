/** What the rules for caveats see, and what they return. */
import type { Matched } from './pairing';
import type { ComparisonInput } from './input';
import type { TargetFindings } from './target-summary';

export interface PairContext {
  baseline: TargetFindings;
  candidate: TargetFindings;
  matched: Matched;
  client: ComparisonInput['client'];
  options: ComparisonInput['options'];
}

export interface Finding {
  /** The target that the sentence speaks of, or null for the pair. */
  target: string | null;
  /** One exact sentence with the numbers, without a full stop. */
  text: string;
}

/** Looks for one reason; an empty list means that it does not hold. */
export type Rule = (context: PairContext) => Finding[];

export const nameOf = (side: TargetFindings) => side.summary.name;

/** A rule that looks at each target by itself, beside the other one. */
export const eachTarget =
  (look: (side: TargetFindings, other: TargetFindings) => string | null): Rule =>
  ({ baseline, candidate }) =>
    [[baseline, candidate] as const, [candidate, baseline] as const].flatMap(([side, other]) => {
      const text = look(side, other);
      return text === null ? [] : [{ target: nameOf(side), text }];
    });

/** A rule about the pair as a whole. */
export const aboutPair =
  (look: (context: PairContext) => string | null): Rule =>
  (context) => {
    const text = look(context);
    return text === null ? [] : [{ target: null, text }];
  };
