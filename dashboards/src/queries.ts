import { BLUE, ORANGE, PERCENTILES, type Style } from './look';

/** A query of a panel with the looks of its answer. */
export interface Query {
  refId: string;
  expr: string;
  legend: string;
  style?: Style;
  /** Least step. Probes are few: their rates need longer spans than those of the engines. */
  step?: '15s' | '30s';
}

/** The two targets under comparison: who, in which letter of refIds, in which colour. */
export interface Side {
  id: 'A' | 'B';
  word: 'baseline' | 'candidate';
  /** Matcher of the target. */
  is: string;
  color: string;
}

export const SIDES: readonly [Side, Side] = [
  { id: 'A', word: 'baseline', is: 'target="$baseline"', color: ORANGE },
  { id: 'B', word: 'candidate', is: 'target="$candidate"', color: BLUE },
];

/** Both targets in one selector, where colour does not tell them apart. */
export const BOTH = 'target=~"$baseline|$candidate"';

/** The queries of both targets, each in its target's colour. */
export const perSide = (make: (side: Side) => Query | Query[]): Query[] =>
  SIDES.flatMap((side) =>
    [make(side)].flat().map((query) => ({
      ...query,
      refId: `${side.id}${query.refId}`,
      style: { color: side.color, ...query.style },
    })),
  );

/** P50, P95 and P99 of both targets; the expression of each is made by `expr`. */
export const percentilesPerSide = (expr: (q: number, side: Side) => string, step?: Query['step']): Query[] =>
  perSide((side) =>
    PERCENTILES.map(({ q, name, style }) => ({
      refId: name,
      expr: expr(q, side),
      legend: `{{target}} ${name}`,
      style,
      ...(step === undefined ? {} : { step }),
    })),
  );

/** One line per replica in shades of its target's colour. */
export const perReplica = (expr: (side: Side) => string, step?: Query['step']): Query[] =>
  perSide((side) => ({
    refId: '',
    expr: expr(side),
    legend: '{{target}} / {{replica}}',
    style: { shades: true },
    ...(step === undefined ? {} : { step }),
  }));
